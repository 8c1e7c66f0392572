"""A clean table, and the job that a person would make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import algorithms
from jobs.spec import JobSpec
from tables.recipe import Recipe
from tests.corpus.bad import raw_job


@dataclass
class Clean:
    """One table with a sensible target and algorithm."""

    name: str
    body: Callable[[], bytes]
    target: str
    algorithm: str = "xgboost"
    key: str = "table.csv"
    raw: dict | None = None  # further fields of a job whose bytes are given as they are
    hyperparameters: dict[str, str] = field(default_factory=dict)
    recipe: dict = field(default_factory=dict)

    def job(self) -> JobSpec:
        known = self.algorithm if self.algorithm in algorithms.ALGORITHMS else "xgboost"
        value = self.hyperparameters if known == self.algorithm else {}
        if self.raw is not None:
            return raw_job(self.algorithm, self.key, **self.raw)
        return JobSpec(algorithm=known, data_uri=f"s3://corpus/{self.key}", hyperparameters=value,
                   recipe=Recipe(target=self.target, **self.recipe))  # fmt: skip
