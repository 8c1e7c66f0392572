"""Puts the answers of a batch prediction beside the rows of the table, as one CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow.parquet as pq

from common.locked_folders import temporary_folder
from common.messages import _
from common.problems import Problem
from tables.batch_rows import CSV, JSON_LINES, PROBLEM, ROW
from tables.column_names import unique_names
from tables.objects import parse_location
from tables.predictions import Prediction, parse_response
from tables.scanner import Progress, no_progress
from tables.store import Store

RESULT = "predictions.csv"  # below the folder of a batch prediction
PIECE = 8 * 1024 * 1024  # bytes that are read at once
MAX_CLASSES = 50  # that have a column each
MAX_COUNTED = 1000  # different answers that are counted
AT_ONCE = 5000  # rows
MAX_ROWS, MAX_COLUMNS, MAX_CELL = 8, 12, 80  # of a preview
MAX_REASONS = 20


@dataclass
class BatchSummary:
    """What a page shows of a result: `head` and `preview` are columns and first rows, answers first.

    `not_read` says of each row of the preview why it was not read, "" for one that was.
    `counts` are (answer, rows) of classes and clusters, commonest first; `low`, `mean` and `high` are of numbers;
    `reasons` are (row, why) of the first rows without an answer.
    """

    rows: int = 0
    answered: int = 0
    counts: list[tuple[str, int]] = field(default_factory=list)
    low: float | None = None
    mean: float | None = None
    high: float | None = None
    head: list[str] = field(default_factory=list)
    preview: list[list[str]] = field(default_factory=list)
    not_read: list[str] = field(default_factory=list)
    reasons: list[tuple[int, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON types."""
        return asdict(self)


def collect_batch(
    store: Store, raw_uri: str, folder: str, answers_uri: str, schema: Mapping[str, Any], names: Sequence[str],
    content_type: str, has_problems: bool, progress: Progress = no_progress,
) -> BatchSummary:  # fmt: skip
    """Put the rows at `raw_uri` with their answers at `answers_uri` below the S3 address `folder`, as RESULT.

    The other arguments are those of `answers_of` and `write_result`. Raises Problem for answers that cannot be read.
    """
    with temporary_folder() as local:
        raw, answers, result = local / "raw", local / "answers", local / "result"
        for uri, path in ((raw_uri, raw), (answers_uri, answers)):
            with store.open(*parse_location(uri)) as body, path.open("wb") as file:
                for number, piece in enumerate(iter(partial(body.read, PIECE), b"")):
                    file.write(piece)
                    progress(number, 0)
        with answers.open("rb") as lines, result.open("wb") as out:
            try:
                read = answers_of(schema, lines, content_type)
                summary = write_result(raw, names, read, out, has_problems)
            except (ValueError, KeyError, TypeError, IndexError) as e:
                raise Problem(_("The answers of the model cannot be read: %(why)s", why=str(e)[:200])) from e
        with result.open("rb") as body:
            store.put(*parse_location(f"{folder}/{RESULT}"), body, CSV)
    return summary


def answers_of(schema: Mapping[str, Any], lines: Iterable[bytes], content_type: str) -> Iterator[Prediction]:
    """The prediction for each record of a transform job's output. Raises ValueError for what is none.

    `content_type` is that of an answer. One line may have the predictions of many records, as JSON has them.
    """
    is_csv = content_type.partition(";")[0].strip() == CSV
    stripped = (line.strip() for line in lines)
    # XGBoost's containers write the probabilities of a row as a list of Python in a transform job.
    records = (line.strip(b"[]") if is_csv else line for line in stripped if line)
    while batch := list(islice(records, AT_ONCE)):
        yield from parse_response(schema, b"\n".join(batch), CSV if is_csv else JSON_LINES)


def write_result(
    raw: Path, names: Sequence[str], answers: Iterator[Prediction], out: BinaryIO, has_problems: bool
) -> BatchSummary:
    """Write the rows of `raw`, whose columns are `names`, each with its answer, as CSV with a header to `out`.

    With `has_problems` the last column says why a row that was not sent has no answer. Raises ValueError when there are
    more or fewer answers than rows that were sent.
    """
    first = list(islice(answers, 1))
    answers = chain(first, answers)
    fields = list(answer_cells(first[0])) if first else []
    head = unique_names([*names, *fields, *([PROBLEM] if has_problems else [])])
    tally = _Tally(len(names), len(fields), head)
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    for number, why, cells in _rows(raw):
        answer = None if why else next(answers, None)
        if answer is None and not why:
            raise ValueError("there are fewer answers than rows")
        answered = answer_cells(answer) if answer else {}
        line = [*cells, *(answered.get(name, "") for name in fields), *([why] if has_problems else [])]
        writer.writerow(line)
        tally.add(number, why, answer, line)
    if next(answers, None) is not None:
        raise ValueError("there are more answers than rows")
    text.detach()
    return tally.summary()


def answer_cells(prediction: Prediction) -> dict[str, Any]:
    """{column: value} of one answer, by the names that the table of predictions of an evaluation has."""
    if prediction.label is not None:
        cells: dict[str, Any] = {"prediction": prediction.label}
        if prediction.probability is not None:
            cells["probability"] = prediction.probability
        elif prediction.score is not None:
            cells["score"] = prediction.score
        if len(prediction.classes) <= MAX_CLASSES:
            cells |= {f"probability.{name}": share for name, share in sorted(prediction.classes)}
        return cells
    if prediction.value is not None:
        return {"prediction": prediction.value}
    if prediction.cluster is not None:
        cells = {"cluster": prediction.cluster}
        return cells if prediction.distance is None else cells | {"distance": prediction.distance}
    if prediction.projection is not None:
        return {f"component.{number}": value for number, value in enumerate(prediction.projection, 1)}
    cells = {"score": prediction.score}
    return cells if prediction.anomaly is None else cells | {"anomaly": str(prediction.anomaly).lower()}


def _rows(raw: Path) -> Iterator[tuple[int, str, list[str]]]:
    """(number, why it was not sent, cells) of each row."""
    with pq.ParquetFile(raw) as file:
        for batch in file.iter_batches(AT_ONCE):
            columns = batch.to_pydict()
            numbers, reasons = columns.pop(ROW), columns.pop(PROBLEM)
            for number, why, *cells in zip(numbers, reasons, *columns.values(), strict=True):
                yield number, why, ["" if cell is None else cell for cell in cells]


class _Tally:
    """Counts answers and keeps the first rows."""

    def __init__(self, columns: int, answers: int, head: list[str]):
        # Answers first: they are what somebody looks for.
        order = [*range(columns, columns + answers), *range(columns)]
        self.order = order[:MAX_COLUMNS]
        self.result = BatchSummary(head=[head[at] for at in self.order])
        self.counter: Counter[str] = Counter()
        self.sum, self.numbers = 0.0, 0

    def add(self, number: int, why: str, answer: Prediction | None, line: list[Any]) -> None:
        result = self.result
        result.rows += 1
        if len(result.preview) < MAX_ROWS:
            result.preview.append([_cell_text(line[at]) for at in self.order])
            result.not_read.append(why)
        if answer is None:
            if len(result.reasons) < MAX_REASONS:
                result.reasons.append((number, why))
            return
        result.answered += 1
        name = answer.label if answer.label is not None else answer.cluster
        if name is not None:
            if str(name) in self.counter or len(self.counter) < MAX_COUNTED:
                self.counter[str(name)] += 1
        elif (value := answer.value if answer.value is not None else answer.score) is not None:
            result.low = value if result.low is None else min(result.low, value)
            result.high = value if result.high is None else max(result.high, value)
            self.sum, self.numbers = self.sum + value, self.numbers + 1

    def summary(self) -> BatchSummary:
        self.result.counts = self.counter.most_common(MAX_CLASSES)
        self.result.mean = self.sum / self.numbers if self.numbers else None
        return self.result


def _cell_text(cell: Any) -> str:
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)[:MAX_CELL]
