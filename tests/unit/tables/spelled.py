"""One column as people write it: what a profile, preparing and a row by name make of it."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from unittest import mock

import numpy as np

import preflight
from common.s3_uri import split_s3_uri
from jobs import JobSpec
from tables import Folder, Recipe, RowEncoder, locate, parse_polars, prepare
from tables.profile import ColumnProfile
from tests.unit.tables.conftest import BUCKET
from tests.unit.tables.contracts import ALGORITHMS

CASES = Path(__file__).parents[2] / "corpus" / "cases"


@dataclass
class Spelled:
    """A table `a,v,y` in `folder`, read by `recipe` once; the column under test is `v`."""

    folder: Folder
    uri: str
    recipe: Recipe

    @property
    def job(self) -> JobSpec:
        return JobSpec(data_uri=self.uri, recipe=self.recipe)

    @cached_property
    def data(self) -> preflight.JobData:
        return preflight.read_job_data(self.job, self.folder)

    @property
    def column(self) -> ColumnProfile:
        column = self.data.profile and self.data.profile.column("v")
        assert column, self.data.problems
        return column

    @cached_property
    def findings(self) -> list[preflight.Finding]:
        report = preflight.check(self.job, self.data)
        return [finding for finding in report.findings if finding.level != "ok" and finding.column == "v"]

    def press(self, label: str) -> "Spelled":
        """The table after the fix whose label contains `label`."""
        fixes = [fix for finding in self.findings for fix in finding.fixes if label in fix.label]
        assert fixes, [(f.title, [fix.label for fix in f.fixes]) for f in self.findings]
        return Spelled(self.folder, self.uri, preflight.apply_fix(self.job, fixes[0].changes).recipe)

    def prepared(self) -> np.ndarray:
        """What preparing writes for `v`, shape (rows, features); asserts that every row by name is the same."""
        algorithm = ALGORITHMS["trees"]
        source = locate(self.folder, self.uri)
        ready = prepare(source, self.recipe, algorithm, f"s3://{BUCKET}/made", profile=self.data.profile)
        bucket, key = split_s3_uri(ready.channels["train"])
        written = []
        for o in self.folder.list_objects(bucket, key):
            lines = self.folder.fetch(bucket, o.key, 0, o.size).decode().splitlines()
            written += [[float(cell) if cell else np.nan for cell in line.split(",")[1:]] for line in lines]
        rows = list(csv.DictReader(io.StringIO((self.folder.root / BUCKET / "table.csv").read_text(encoding="utf-8"))))
        encoder = RowEncoder(ready.schema)
        by_name = encoder.encode([{name: row[name] for name in encoder.names} for row in rows])
        np.testing.assert_array_equal(by_name, np.array(written))
        own = [i for i, name in enumerate(ready.schema["features"]) if name.split(".")[0].split("=")[0] == "v"]
        return by_name[:, own]


def table(cells: list[str]) -> str:
    """CSV of `a,v,y` with these cells in `v`."""
    out = io.StringIO()
    csv.writer(out).writerows([["a", "v", "y"], *([i % 7, cell, i % 2] for i, cell in enumerate(cells))])
    return out.getvalue()


@contextmanager
def whole_columns() -> Iterator[None]:
    """Read few cells as the many of a large table are read, so that both readers can be compared."""
    with mock.patch.object(parse_polars, "FEW", 0):
        yield
