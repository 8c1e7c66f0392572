"""What every check is asked about: the job, and whatever is known of its table."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import algorithms
from algorithms.contract import Facts
from algorithms.spec import Algorithm
from common.problems import Problem
from jobs.spec import JobSpec
from preflight.images import Image, image
from preflight.raw import RawTable
from preflight.world import World
from tables import sniff, task
from tables.inspection import Column, Inspection
from tables.profile import ColumnProfile, Profile


@dataclass
class Ask:
    """The question. `raw` is what reading the bytes of each channel found; `problems` stopped the reading."""

    job: JobSpec
    found: Inspection | None = None
    profile: Profile | None = None
    world: World | None = None
    raw: dict[str, RawTable] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_raw(self) -> bool:
        return not self.job.recipe.prepare

    @property
    def is_unread(self) -> bool:
        """Something kept the data from being read at all."""
        return bool(self.problems) and not (self.found or self.profile or self.raw)

    @cached_property
    def algorithm(self) -> Algorithm:
        return algorithms.get(self.job.algorithm)

    @cached_property
    def image(self) -> Image:
        """The image's behaviour; an unknown one is taken for the newest."""
        return image(self.job.image_tag) or image("")  # type: ignore[return-value]

    @property
    def is_lenient(self) -> bool:
        """Does the container train on cells that are no numbers? Of all only XGBoost's does; others stop there."""
        return self.job.algorithm == "xgboost"

    @property
    def train(self) -> RawTable | None:
        """The bytes of the training channel."""
        return self.raw.get(self.algorithm.data.train) or next(iter(self.raw.values()), None)

    @cached_property
    def rows(self) -> int:
        if self.is_raw and self.raw:
            return sum(table.rows for table in self.raw.values())
        return self.profile.rows if self.profile else self.found.rows_seen if self.found else 0

    @cached_property
    def complete(self) -> bool:
        """Was the whole table read?"""
        if self.is_raw and self.raw:
            return all(table.complete for table in self.raw.values())
        return bool(self.profile.complete if self.profile else self.found and self.found.complete)

    @cached_property
    def columns(self) -> list[ColumnProfile]:
        """All columns, from the full read where there was one, else from the first look."""
        if self.read:
            return self.read.columns
        return [_as_profile(column, self.found.rows_seen) for column in self.found.columns] if self.found else []

    @property
    def read(self) -> Profile | None:
        """The full read where there was one, else the first look at the beginning."""
        return self.profile or (self.found.profile if self.found else None)

    @cached_property
    def reads_header(self) -> bool:
        """Is a first row to be read as data that holds words where the rows below hold numbers?"""
        return bool(self.found and self.job.recipe.has_header is False and sniff.has_header(self.found.rows))

    @cached_property
    def target_name(self) -> str:
        if not self.supervised:
            return ""
        read = (self.profile.target if self.profile else "") or (self.found.target_suggestion if self.found else "")
        return self.job.recipe.target or read

    @property
    def supervised(self) -> bool:
        return self.algorithm.data.label

    @cached_property
    def target(self) -> ColumnProfile | None:
        return next((column for column in self.columns if column.name == self.target_name), None)

    @cached_property
    def features(self) -> list[ColumnProfile]:
        """The columns to learn from."""
        out = {self.target_name, *self.job.recipe.excluded}
        return [column for column in self.columns if column.name not in out]

    def kind(self, column: ColumnProfile) -> str:
        """number, boolean, datetime, category or text: as the person said, else as found."""
        return self.job.recipe.types.get(column.name, column.kind)

    @cached_property
    def suggested(self) -> str:
        """The task that the target makes."""
        if self.target and self.supervised:
            return task.suggest_task(self.target.kind, self.target.distinct, self.target.whole)[0]
        return self.found.task if self.found else ""

    @cached_property
    def task(self) -> str:
        return self.algorithm.task_of(self.job.hyperparameters, self.suggested)

    @cached_property
    def facts(self) -> Facts:
        """What settling hyperparameters and estimating go by; features are counted before text becomes numbers."""
        raw = self.train if self.is_raw else None
        if raw:
            label = self.supervised and "label_size=0" not in self.job.content_type(raw.channel, "")
            width = max(raw.width - label, 1)
            held = self.algorithm.data.validation in self.raw
            return Facts(self.task or "regression", len(raw.label.values or ()), raw.rows, width, held)
        classes = self.target.distinct if self.target else 2
        held = self.job.recipe.validation != "none"
        share = self.job.recipe.validation_share if self.job.recipe.validation == "share" else 0.0
        rows = round(self.whole_rows * (1 - share))
        return Facts(self.task or "regression", classes, rows, max(self.width, 1), held)

    @cached_property
    def whole_rows(self) -> int:
        """All rows: counted, or worked out from the part that was read."""
        return self.rows if self.complete or not self.found else max(self.rows, self.found.rows_total)

    @cached_property
    def width(self) -> int:
        """Numbers a row, about: a category of few values becomes a column each."""
        one_hot = self.algorithm.data.categories == "one-hot"
        return sum(
            column.distinct if one_hot and self.kind(column) == "category" and column.distinct <= 20 else 1
            for column in self.features
        )

    @cached_property
    def settled(self) -> dict[str, str]:
        """The hyperparameters as they will be sent: completed when the table is prepared, as given when it is not."""
        given = self.job.hyperparameters
        if self.is_raw or not (self.found or self.profile):
            return dict(given)
        return self.algorithm.settle(given, self.facts)


def _as_profile(column: Column, rows: int) -> ColumnProfile:
    kind = column.kind
    if kind == "text" and column.type in ("category", "binary"):
        kind = "category"
    numbers = rows - column.missing if kind == "number" else 0
    whole = kind == "number" and column.type in ("int", "binary")
    return ColumnProfile(
        column.name, kind, rows, column.missing, numbers, column.unique, column.min, column.max, whole=whole,
        values=dict(zip(column.top, column.hist, strict=False)) if kind != "number" and column.unique <= 10 else None,
        hist=column.hist,
    )  # fmt: skip
