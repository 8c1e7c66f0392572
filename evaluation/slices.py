"""Finds the groups of rows on which a model is worst: by the values of one column, or of two.

A group is judged by its AUC (two classes with scores), the share of right answers (classes) or its mean absolute error
(numbers). Hundreds of groups are looked at, so that some look bad by chance: a group counts only if a one-sided test
says so after Bonferroni's correction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import polars as pl
from scipy import stats
from sklearn import metrics

from evaluation.conditions import Condition, cell, is_number, mask
from evaluation.intervals import auc_interval, share_interval
from evaluation.predictions import DATA, LABEL, PREDICTION, SCORE

MIN_ROWS = 20
MIN_SHARE = 0.02  # of all rows
MIN_OF_CLASS = 5  # rows of each class for an AUC
MAX_COLUMNS = 200
MAX_VALUES = 20  # of a column
PARTS = 4  # of a column of numbers
MAX_GROUPS = 50  # groups of one column, of the many that are looked at
PAIRED = 12  # groups of one column that are looked at in pairs
LISTED = 8
LEVEL = 0.05


@dataclass
class Group:
    """Rows that meet `conditions`: their value of the figure, and its standard error."""

    conditions: list[Condition]
    inside: np.ndarray  # bool (rows,)
    value: float
    error: float
    bias: float | None

    @property
    def rows(self) -> int:
        """Rows inside."""
        return int(self.inside.sum())


class WorstGroups:
    """Looks for the worst groups of a table of predictions."""

    def __init__(self, table: pl.DataFrame, schema: Mapping[str, Any]):
        self._table, self._schema = table, schema
        self._classes = list(schema["classes"])
        self.least = max(MIN_ROWS, round(MIN_SHARE * len(table)))
        if not self._classes:
            self._errors = table[PREDICTION].to_numpy() - table[LABEL].to_numpy()
            self.name = "mae"
        elif len(self._classes) == 2 and SCORE in table.columns:
            self._score, self._positive = table[SCORE].to_numpy(), (table[LABEL] == self._classes[1]).to_numpy()
            self.name = "auc"
        else:
            self._right = (table[LABEL] == table[PREDICTION]).to_numpy()
            self.name = "accuracy"

    def find(self) -> dict[str, Any]:
        """{"metric", "overall", "looked_at", "least", "groups": [{"where", "rows", "value", "change", "bias"?}]}."""
        overall = self._judge([], np.ones(len(self._table), bool))
        if overall is None:
            return {"metric": self.name, "overall": None, "looked_at": 0, "least": self.least, "groups": []}
        worst, looked_at = self._worst_singles(overall)
        paired = worst[:PAIRED]
        pairs = [pair for one, two in combinations(paired, 2) if (pair := self._pair(one, two, overall))]
        looked_at += len(paired) * (len(paired) - 1) // 2
        worse = [group for group in worst + pairs if self._is_worse(group, overall, looked_at)]
        worse.sort(key=lambda group: -self._loss(group, overall))
        return {
            "metric": self.name,
            "overall": overall.value,
            "looked_at": looked_at,
            "least": self.least,
            "groups": [self._as_json(group, overall) for group in worse[:LISTED]],
        }

    def _worst_singles(self, overall: Group) -> tuple[list[Group], int]:
        """The groups of one column that are farthest below `overall`, worst first, and how many were looked at."""
        worst: list[Group] = []
        looked_at = 0
        for group in self._singles():
            if group is not None:
                looked_at += 1
                worst.append(group)
            if len(worst) > 2 * MAX_GROUPS:
                worst = sorted(worst, key=lambda group: -self._excess(group, overall))[:MAX_GROUPS]
        return sorted(worst, key=lambda group: -self._excess(group, overall))[:MAX_GROUPS], looked_at

    def _singles(self) -> Iterator[Group | None]:
        columns = [column for column in self._schema["columns"] if column["role"] != "target"]
        for column in [c for c in columns if DATA + c["name"] in self._table.columns][:MAX_COLUMNS]:
            for condition in self._conditions(column):
                inside = self._table.select(mask(self._schema, [condition])).to_series().to_numpy()
                yield self._judge([condition], inside)

    def _conditions(self, column: Mapping[str, Any]) -> Iterator[Condition]:
        values, name = self._table.select(cell(column).alias("v")).to_series(), column["name"]
        if values.null_count() >= self.least:
            yield {"column": name, "empty": True}
        if is_number(column) and values.n_unique() > MAX_VALUES:
            numbers = values.drop_nulls().drop_nans().to_numpy()
            edges = [float(edge) for edge in np.unique(np.quantile(numbers, np.linspace(0, 1, PARTS + 1)[1:-1]))]
            yield {"column": name, "high": edges[0]}
            for low, high in pairwise(edges):
                yield {"column": name, "low": low, "high": high}
            yield {"column": name, "low": edges[-1]}
            return
        counts = values.drop_nulls().value_counts(sort=True).head(MAX_VALUES)
        for value, rows in counts.rows():
            if rows >= self.least:
                yield {"column": name, "is": value}

    def _judge(self, conditions: list[Condition], inside: np.ndarray) -> Group | None:
        """The group of the rows `inside`; None if they are too few or all."""
        rows = int(inside.sum())
        if conditions and (rows < self.least or rows == len(inside)):
            return None
        if self.name == "mae":
            errors = self._errors[inside]
            spread = float(np.abs(errors).std(ddof=1)) if rows > 1 else 0.0
            return Group(conditions, inside, float(np.abs(errors).mean()), spread / rows**0.5, float(errors.mean()))
        if self.name == "accuracy":
            right = int(self._right[inside].sum())
            return Group(conditions, inside, right / rows, _error_of(share_interval(right, rows)), None)
        positive = int(self._positive[inside].sum())
        if min(positive, rows - positive) < MIN_OF_CLASS:
            return None
        area = float(metrics.roc_auc_score(self._positive[inside], self._score[inside]))
        return Group(conditions, inside, area, _error_of(auc_interval(area, positive, rows - positive)), None)

    def _pair(self, one: Group, two: Group, overall: Group) -> Group | None:
        """The rows of both, where that is worse than each of them."""
        if one.conditions[0]["column"] == two.conditions[0]["column"]:
            return None
        pair = self._judge(one.conditions + two.conditions, one.inside & two.inside)
        worse = max(self._loss(one, overall), self._loss(two, overall))
        return pair if pair and self._loss(pair, overall) > worse else None

    def _loss(self, group: Group, overall: Group) -> float:
        """By how much the group is worse than all rows."""
        return group.value - overall.value if self.name == "mae" else overall.value - group.value

    def _excess(self, group: Group, overall: Group) -> float:
        """The same in standard errors."""
        return self._loss(group, overall) / group.error if group.error else 0.0

    def _is_worse(self, group: Group, overall: Group, looked_at: int) -> bool:
        return float(stats.norm.sf(self._excess(group, overall))) * looked_at < LEVEL

    def _as_json(self, group: Group, overall: Group) -> dict[str, Any]:
        document = {
            "where": group.conditions, "rows": group.rows, "value": group.value, "change": group.value - overall.value,
        }  # fmt: skip
        return document | ({} if group.bias is None else {"bias": group.bias})


def _error_of(interval: tuple[float, float] | None) -> float:
    """The standard error of a 95 % interval."""
    return (interval[1] - interval[0]) / (2 * 1.96) if interval else 0.0
