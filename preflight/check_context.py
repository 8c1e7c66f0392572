"""The input of a check: the job specification, what is known of its data, and the account."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import algorithms
from algorithms.contract import Facts
from algorithms.spec import Algorithm, ContainerVersion
from common.problems import Problem
from jobs.spec import JobSpec
from preflight.account import Account
from preflight.job_data import JobData
from preflight.raw_table import RawTable
from tables import task
from tables.header import has_header
from tables.inspection import Column, Inspection
from tables.left_out import excluded_columns
from tables.monotone import monotone_directions
from tables.outline import Width, prepared_schema, prepared_width
from tables.profile import ColumnProfile, Profile
from tables.split import held_out_shares


@dataclass
class CheckContext:
    """The input of a check, with the facts that several checks derive from it. Each fact is computed once."""

    job: JobSpec
    data: JobData = field(default_factory=JobData)
    account: Account | None = None

    @property
    def inspection(self) -> Inspection | None:
        """The first look at the beginning of a table that the console prepares."""
        return self.data.inspection

    @property
    def profile(self) -> Profile | None:
        """The statistics of the whole table."""
        return self.data.profile

    @property
    def raw_tables(self) -> dict[str, RawTable]:
        """{channel: its bytes} of a job whose objects go to the container as they are."""
        return self.data.raw_tables

    @property
    def problems(self) -> list[Problem]:
        """What ended the reading of the data early."""
        return self.data.problems

    @property
    def is_raw(self) -> bool:
        """True if the objects go to the container as they are."""
        return not self.job.recipe.prepare

    @property
    def is_unreadable(self) -> bool:
        """True if a problem kept the data from being read at all."""
        return bool(self.problems) and not (self.inspection or self.profile or self.raw_tables)

    @cached_property
    def algorithm(self) -> Algorithm:
        """The declaration of the job's algorithm. Raises KeyError when there is none."""
        return algorithms.get(self.job.algorithm)

    @cached_property
    def image(self) -> ContainerVersion:
        """The behaviour of the container image; an unknown tag counts as the newest."""
        version = self.algorithm.container.version
        return version(self.job.image_tag) or version("") or ContainerVersion()

    @property
    def is_lenient(self) -> bool:
        """True if the container trains on cells that are no numbers, instead of stopping there."""
        return self.algorithm.container.lenient

    @property
    def train_table(self) -> RawTable | None:
        """The bytes of the training channel; of the first channel when none has its name."""
        return self.raw_tables.get(self.algorithm.data.train) or next(iter(self.raw_tables.values()), None)

    @cached_property
    def rows(self) -> int:
        """The number of rows that were read."""
        if self.is_raw and self.raw_tables:
            return sum(table.rows for table in self.raw_tables.values())
        return self.profile.rows if self.profile else self.inspection.rows_seen if self.inspection else 0

    @cached_property
    def complete(self) -> bool:
        """True if the whole table was read."""
        if self.is_raw and self.raw_tables:
            return all(table.complete for table in self.raw_tables.values())
        return bool(self.profile.complete if self.profile else self.inspection and self.inspection.complete)

    @cached_property
    def columns(self) -> list[ColumnProfile]:
        """All columns, from the full read where there was one, else from the first look."""
        if self.best_profile:
            return self.best_profile.columns
        if self.inspection:
            return [_as_profile(column, self.inspection.rows_seen) for column in self.inspection.columns]
        return []

    @property
    def best_profile(self) -> Profile | None:
        """The profile of the whole table where it was read, else that of its beginning."""
        return self.profile or (self.inspection.profile if self.inspection else None)

    @cached_property
    def reads_header_as_data(self) -> bool:
        """True if the recipe says "no header" and the first row holds words where the rows below hold numbers."""
        return bool(self.inspection and self.job.recipe.has_header is False and has_header(self.inspection.rows))

    @cached_property
    def target_name(self) -> str:
        """The column to predict: the chosen one, else the suggested one; "" for an unsupervised algorithm."""
        if not self.supervised:
            return ""
        suggested = self.profile.target if self.profile else ""
        suggested = suggested or (self.inspection.target_suggestion if self.inspection else "")
        return self.job.recipe.target or suggested

    @property
    def supervised(self) -> bool:
        """True if the algorithm learns from a label."""
        return self.algorithm.data.label

    @cached_property
    def target(self) -> ColumnProfile | None:
        """The target's column; None when the table has no column of that name."""
        return next((column for column in self.columns if column.name == self.target_name), None)

    @cached_property
    def features(self) -> list[ColumnProfile]:
        """The columns to learn from."""
        out = {self.target_name, *self.excluded}
        return [column for column in self.columns if column.name not in out]

    @cached_property
    def excluded(self) -> list[str]:
        """The columns that are left out, by a person or by themselves."""
        recipe = self.job.recipe
        return excluded_columns(recipe, self.inspection) if self.inspection else recipe.excluded

    def kind_of(self, column: ColumnProfile) -> str:
        """Return number, boolean, datetime, category or text: as the recipe says, else as inferred."""
        return self.job.recipe.types.get(column.name, column.kind)

    @cached_property
    def suggested_task(self) -> str:
        """The task that the target column suggests: regression, binary or multiclass; "" for none."""
        if self.target and self.supervised:
            return task.suggest_task(self.target.kind, self.target.distinct, self.target.whole)[0]
        return self.inspection.task if self.inspection else ""

    @cached_property
    def task(self) -> str:
        """The task that is trained: as the hyperparameters say, else as the target suggests."""
        return self.algorithm.task_of(self.job.hyperparameters, self.suggested_task)

    @cached_property
    def facts(self) -> Facts:
        """The size of the data, from which hyperparameters are completed and resources estimated."""
        raw = self.train_table if self.is_raw else None
        weighted = bool(self.job.recipe.weight)
        if raw:
            label = self.supervised and "label_size=0" not in self.job.content_type(raw.channel, "")
            width = max(raw.width - label - weighted, 1)
            held_out = self.algorithm.data.validation in self.raw_tables
            return Facts(
                self.task or "regression", len(raw.label.values or ()), raw.rows, width, held_out, weighted=weighted
            )
        classes = self.target.distinct if self.target else 2
        held_out = self.job.recipe.validation != "none"
        rows = round(self.total_rows * (1 - sum(held_out_shares(self.job.recipe, self.algorithm.data))))
        return Facts(
            self.task or "regression",
            classes,
            rows,
            max(self.feature_count, 1),
            held_out,
            self._width.entries,
            weighted,
            monotone=self.monotone,
            categories=self._width.categories,
        )

    @cached_property
    def total_rows(self) -> int:
        """The rows of the whole table: counted, or estimated from the part that was read."""
        return self.rows if self.complete or not self.inspection else max(self.rows, self.inspection.rows_total)

    @cached_property
    def feature_count(self) -> int:
        """The numbers in a row once the table is prepared, as far as it was read."""
        return self._width.features

    @cached_property
    def _width(self) -> Width:
        if self.best_profile is None:
            return Width(len(self.features), 0, 0)
        excluded = {*self.excluded} - {self.target_name}
        return prepared_width(self.best_profile, self.target_name, self.algorithm, self.task, excluded)

    @cached_property
    def monotone(self) -> tuple[int, ...]:
        """1, -1 or 0 for each feature that a prediction may only rise or fall with, as far as the table was read."""
        if not self.job.recipe.monotone or self.best_profile is None or self.is_raw:
            return ()
        excluded = {*self.excluded} - {self.target_name}
        schema = prepared_schema(self.best_profile, self.target_name, self.algorithm, self.task, excluded)
        return monotone_directions(schema, self.job.recipe)

    @cached_property
    def effective_hyperparameters(self) -> dict[str, str]:
        """The hyperparameters as sent: completed when the table is prepared, as given when it is not."""
        explicit = self.job.hyperparameters
        if self.is_raw or not (self.inspection or self.profile):
            return dict(explicit)
        return self.algorithm.settle(explicit, self.facts)


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
