"""Puts answers together into output files: `python -m engine.records.assemble MEMBER_FOLDER TARGET`.

For input file number N it writes TARGET/N.out from output/data/N.answers and N.sizes (script_toolkit.batches), or
TARGET/N.error with the reason why not. It runs in a sandbox, for it reads people's bytes and what their code left.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from engine.records import formats
from engine.records.filters import Filter, NoMatch
from engine.records.formats import UnreadableRecord
from engine.records.settings import DataSettings
from engine.records.split import FOLDER, records_of

ANSWERS = "output/data"


class UnusableAnswers(ValueError):
    """Answers that cannot be put together."""


def main() -> int:
    """Write the output file of every input file that has all its answers."""
    root, target = Path(sys.argv[1]), Path(sys.argv[2])
    settings = DataSettings.read(root)
    for number in range(len(settings.files)):
        if not (root / ANSWERS / f"{number}.done").is_file():
            continue
        try:
            with (target / f"{number}.part").open("wb") as out:
                _write(root, number, settings, out)
            (target / f"{number}.part").rename(target / f"{number}.out")
        except (UnusableAnswers, UnreadableRecord, NoMatch, OSError, ValueError) as e:
            (target / f"{number}.error").write_text(str(e))
    return 0


def _write(root: Path, number: int, settings: DataSettings, out: BinaryIO) -> None:
    _, origin, *requests = (root / FOLDER / f"{number}.plan").read_text().splitlines()
    counts = [int(line.split()[2]) for line in requests]
    with (root / ANSWERS / f"{number}.answers").open("rb") as content, (root / json.loads(origin)).open("rb") as source:
        answers = _answers(root / ANSWERS / f"{number}.sizes", content)
        if not settings.reads_answers:
            for answer, _ in answers:
                out.write(answer)
                if settings.has_lines and not answer.endswith(b"\n"):
                    out.write(b"\n")
            return
        records = records_of(source, settings) if settings.joins else iter(())
        _write_records(_taken_apart(answers, counts, settings), records, settings, out)


def _write_records(
    answers: Iterator[tuple[bytes, str]], records: Iterator[bytes], settings: DataSettings, out: BinaryIO
) -> None:
    chosen, kind = Filter(settings.output_filter), formats.kind_of(settings.content_type)
    for answer, answer_kind in answers:
        value = formats.parse(answer, answer_kind)
        if settings.joins:
            record = next(records, None)
            if record is None:
                raise UnusableAnswers("The model gave more predictions than the input has records.")
            if kind != answer_kind:
                raise UnusableAnswers(
                    "The input and the predictions cannot be joined: both must be CSV, or both JSON. Set Accept to the "
                    "format of ContentType."
                )
            value = formats.joined(formats.parse(record, kind), value, kind)
        out.write(formats.dump(chosen.apply(value), answer_kind))
        if settings.has_lines or settings.is_split or answer_kind == "csv" or formats.has_lines(settings.content_type):
            out.write(b"\n")
    if settings.joins and next(records, None) is not None:
        raise UnusableAnswers("The model gave fewer predictions than the input has records.")


def _taken_apart(
    answers: Iterator[tuple[bytes, str]], counts: list[int], settings: DataSettings
) -> Iterator[tuple[bytes, str]]:
    """Each prediction, and the kind of its format."""
    for (answer, content_type), count in zip(answers, counts, strict=True):
        kind = formats.kind_of(content_type) or formats.kind_of(settings.accept)
        if not kind:
            raise UnusableAnswers(
                f"The predictions are {content_type or 'of no known format'}; only CSV, JSON and JSON Lines can be "
                "filtered or joined."
            )
        is_one = kind == "json" and count == 1 and (settings.is_split or not formats.has_lines(content_type))
        lines = [answer] if is_one else [line for line in answer.split(b"\n") if line.strip()]
        if settings.is_split and len(lines) != count:
            raise UnusableAnswers(
                f"The model gave {len(lines)} predictions for {count} records, so that they cannot be told apart. "
                "BatchStrategy SingleRecord sends one record at a time."
            )
        yield from ((line, kind) for line in lines)


def _answers(sizes: Path, content: BinaryIO) -> Iterator[tuple[bytes, str]]:
    """The body and the content type of each answer."""
    with sizes.open() as lines:
        for line in lines:
            size, _, content_type = line.rstrip("\n").partition(" ")
            yield content.read(int(size)), content_type


if __name__ == "__main__":
    sys.exit(main())
