"""Takes a table the way the product takes it: looked at, scanned, checked, mended, prepared, asked about by name.

table = case("A01-n-null-20", target="y")
table.kinds["v"], table.columns["v"].missing
table.finding("columns.numbers", "v")
table.press("columns.numbers", "v").prepared.rows("train")
table.prepared.encode({"v": "12.5"})
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

import algorithms
import preflight
from algorithms.formats import recordio
from common.problems import Missing, Problem
from engine.serving.model_schema import ModelSchema
from jobs.spec import JobSpec
from preflight import Finding, Fix, JobData, Report
from tables.inspection import Inspection
from tables.objects import locate, parse_location
from tables.preparation import PreparedData, prepare
from tables.profile import ColumnProfile, Profile
from tables.recipe import Recipe
from tables.store import Object

FOLDER = Path(__file__).parent / "cases"
BUCKET = "cases"
OUTPUT = f"s3://{BUCKET}/sagewright/job"
_RECIPE = {f.name for f in fields(Recipe)}
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryStore:
    """A `tables.Store` of one bucket in memory."""

    def __init__(self, objects: Mapping[str, bytes]):
        self.objects = dict(objects)

    def list_objects(self, bucket: str, prefix: str) -> Iterator[Object]:
        if bucket != BUCKET:
            raise Missing(f"There is no bucket {bucket}.")
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield Object(key, len(self.objects[key]), _EPOCH, hashlib.md5(self.objects[key]).hexdigest())

    def fetch(self, bucket: str, key: str, start: int, end: int, etag: str = "") -> bytes:
        return self.objects[key][start:end]

    def open(self, bucket: str, key: str, etag: str = "") -> BinaryIO:
        return io.BytesIO(self.objects[key])

    def put(self, bucket: str, key: str, body: BinaryIO, content_type: str) -> None:
        self.objects[key] = body.read()


@dataclass(frozen=True)
class Table:
    """Files and the job that a person wants of them. Every property is computed once, as the console computes it."""

    files: Mapping[str, bytes]
    job: JobSpec

    @cached_property
    def store(self) -> MemoryStore:
        return MemoryStore(self.files)

    @cached_property
    def data(self) -> JobData:
        """What is read of the whole table."""
        return preflight.read_job_data(self.job, self.store)

    @cached_property
    def preview(self) -> JobData:
        """What is read of the beginning of the table, as the page shows it first."""
        return preflight.read_job_data(self.job, self.store, full=False)

    @property
    def inspection(self) -> Inspection:
        """The first look. Raises the Problem that ended it."""
        if self.data.inspection is None:
            raise self.data.problems[0]
        return self.data.inspection

    @property
    def profile(self) -> Profile:
        """The scan of all rows. Raises the Problem that ended it."""
        if self.data.profile is None:
            raise self.data.problems[0]
        return self.data.profile

    @property
    def problems(self) -> list[str]:
        """What ended the reading, in words."""
        return [problem.message for problem in self.data.problems]

    @property
    def columns(self) -> dict[str, ColumnProfile]:
        """{name: statistics over all rows}, in the table's order."""
        return {column.name: column for column in self.profile.columns}

    @property
    def kinds(self) -> dict[str, str]:
        """{name: number, boolean, datetime, category or text}."""
        return {name: column.kind for name, column in self.columns.items()}

    @cached_property
    def report(self) -> Report:
        """What preflight says of the whole table."""
        return preflight.check(self.job, self.data)

    def findings(self, *levels: str) -> list[tuple[str, str, str]]:
        """(id, level, column) of the findings of `levels`; of errors and warnings by default."""
        return [(f.id, f.level, f.column) for f in self.report.findings if f.level in (levels or ("err", "warn"))]

    def finding(self, id: str, column: str = "") -> Finding:
        """The first finding of the check `id` (of `column`), whatever its level. Fails when there is none."""
        results = [f for f in self.report.findings if f.id == id and (not column or f.column == column)]
        assert results, f"no {id} of {column or 'any column'} among {self.findings('err', 'warn', 'ok')}"
        return results[0]

    def press(self, id: str, column: str = "", label: str = "") -> Table:
        """This table after the fix of the finding `id` (of `column`) whose label contains `label`; the first one."""
        fixes = [fix for fix in self.finding(id, column).fixes if label.lower() in fix.label.lower()]
        assert fixes, f"no fix {label!r} among {[fix.label for fix in self.finding(id, column).fixes]}"
        return self.apply(fixes[0])

    def apply(self, fix: Fix) -> Table:
        """This table after `fix`."""
        return replace(self, job=preflight.apply_fix(self.job, fix.changes))

    def but(self, **changes: Any) -> Table:
        """This table with other fields of the job or of its recipe."""
        recipe = {name: value for name, value in changes.items() if name in _RECIPE}
        own = {name: value for name, value in changes.items() if name not in _RECIPE}
        return replace(self, job=replace(self.job, **own, recipe=replace(self.job.recipe, **recipe)))

    @cached_property
    def prepared(self) -> Prepared:
        """The channels that a launch writes. Raises Problem where the launch refuses."""
        blocking = [finding for finding in self.report.findings if finding.level == "err"]
        if blocking:
            raise preflight.as_problem(blocking[0])
        algorithm = algorithms.get(self.job.algorithm)
        source = locate(self.store, self.job.data_uri)
        data = prepare(
            source, self.job.recipe, algorithm, OUTPUT, profile=self.data.profile,
            hyperparameters=self.job.hyperparameters,
        )  # fmt: skip
        return Prepared(data, self.store)


@dataclass(frozen=True)
class Prepared:
    """Prepared channels and their schema."""

    data: PreparedData
    store: MemoryStore

    @property
    def schema(self) -> dict[str, Any]:
        """schema.json, as it was stored."""
        return json.loads(self.store.objects[parse_location(f"{OUTPUT}/schema.json")[1]])

    @property
    def features(self) -> list[str]:
        return list(self.schema["features"])

    def rows(self, channel: str = "train") -> list[list[str]]:
        """The rows of a channel as text, the label first; numbers of RecordIO as their shortest text."""
        uri = self.data.channels.get(channel)
        if uri is None:
            return []
        prefix = parse_location(uri)[1]
        keys = [k for k in sorted(self.store.objects) if k.startswith(prefix) and not k.endswith(".json")]
        return [row for key in keys for row in self._cells(self.store.objects[key])]

    @property
    def all_rows(self) -> list[list[str]]:
        """The rows of all channels."""
        return [row for channel in self.data.channels for row in self.rows(channel)]

    def matrix(self, channel: str = "train") -> np.ndarray:
        """`rows` as float64; an empty cell is NaN."""
        return np.array([[float(cell) if cell else np.nan for cell in row] for row in self.rows(channel)], float)

    def encode(self, *rows: Mapping[str, Any]) -> np.ndarray:
        """Rows by column name as an endpoint encodes them: float64 of shape (rows, features). Raises Problem."""
        return self.request(json.dumps({"instances": rows}).encode(), "application/json")

    def request(self, body: bytes, content_type: str = "text/csv") -> np.ndarray:
        """The numbers that an endpoint makes of a request. Raises InvocationError."""
        return ModelSchema(self.schema, _Numbers(len(self.features)), "").read(body, content_type)  # type: ignore[arg-type]

    def _cells(self, body: bytes) -> Iterator[list[str]]:
        if not self.data.content_type.startswith("application/x-recordio"):
            yield from (row for row in csv.reader(io.StringIO(body.decode("utf-8", "replace"), newline="")) if row)
            return
        numbers, labels = recordio.read_table(body)
        dense = numbers if isinstance(numbers, np.ndarray) else _dense(numbers, len(self.features))
        for index, row in enumerate(dense):
            first = [f"{labels[index]:g}"] if len(labels) else []
            yield first + ["" if np.isnan(value) else repr(float(value)) for value in row]


def _dense(sparse: recordio.Sparse, width: int) -> np.ndarray:
    rows = np.zeros((len(sparse.starts) - 1, width), np.float32)
    for index, (start, end) in enumerate(pairwise(sparse.starts)):
        rows[index, sparse.columns[start:end]] = sparse.values[start:end]
    return rows


class _Numbers:
    """The predictor of a model that has learned nothing: what it gets are the numbers that a row becomes."""

    def __init__(self, width: int):
        self.n_features = width

    def read(self, body: bytes, content_type: str | None) -> np.ndarray:
        lines = [line for line in body.decode().splitlines() if line.strip()]
        return np.array([[float(cell) if cell.strip() else np.nan for cell in line.split(",")] for line in lines])

    def check(self, rows: np.ndarray) -> np.ndarray:
        return rows


def table(
    files: bytes | str | Mapping[str, bytes],
    key: str = "t.csv",
    *,
    target: str = "",
    algorithm: str = "xgboost",
    **changes: Any,
) -> Table:
    """A table of one file with the name `key`, or of several, where `key` is their prefix.

    `changes` are fields of the job or of its recipe.
    """
    body = files.encode() if isinstance(files, str) else files
    objects = {key: body} if isinstance(body, bytes) else body
    job = JobSpec(algorithm=algorithm, data_uri=f"s3://{BUCKET}/{key}", name="case", output_uri=OUTPUT)
    return Table(objects, job).but(target=target, **changes)


def case(name: str, **changes: Any) -> Table:
    """The table in tests/corpus/cases/`name`; `changes` as of `table`."""
    folder = FOLDER / name
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert files, f"there is no case {name}"
    key = next(iter(files)) if len(files) == 1 else next(iter(files)).partition("/")[0] + "/"
    return table(files, key, **changes)


def names() -> list[str]:
    """All cases."""
    return sorted(path.name for path in FOLDER.iterdir())


__all__ = ["MemoryStore", "Prepared", "Problem", "Table", "case", "names", "table"]
