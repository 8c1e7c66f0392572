"""Estimates training time and memory of boosted trees: XGBoost, LightGBM and CatBoost.

The constants are fitted to measurements of this project's trainers (2026-11, one thread of a 2-core cloud machine,
seconds of processor time, 80 % of the rows for training, 20 % for validation, random numbers, no early stopping):

    rows x columns x rounds          LightGBM 4.7   CatBoost 1.2   XGBoost 3.0
    1 000 x 10 x 100, two classes          0.32           0.39          0.30
    100 000 x 10 x 50                      0.87           1.49          1.20
    100 000 x 40 x 50                      1.80           2.94          2.18
    400 000 x 20 x 30                      2.72           5.00          4.13
    100 000 x 20 x 50, numbers             1.05           2.08          1.10
    100 000 x 20 x 20, ten classes         2.70           3.99          2.66

The formula gives 0.9 to 1.5 times these figures. It ignores that five category columns of thirty codes cost CatBoost
1.7 times as much (3.64 s instead of 2.08). An ml.m5.large has two vCPUs, which are two threads of one such core. The
formula takes it to be as fast as one core. Expect a factor of two of error.
Peak memory was 139 to 152 MB for the smallest table, and 5 to 9 times the float32 table more for the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from algorithms.contract import Facts

_BASE = 160e6  # bytes: Python, the libraries and the readers
_CELL = 36  # bytes: nine copies of a float32 while it is read, joined and binned
_HELD_OUT = 1.25  # rows in memory for each training row


@dataclass(frozen=True)
class BoostingCost:
    """Seconds per round, per row of a round, per cell of a row, and before the first round.

    `per_extra_class` is the share of a round's cost that each class after the first adds. `bytes_per_class` is the
    memory of a row's score for one class.
    """

    per_round: float
    per_row: float
    per_cell: float
    per_extra_class: float
    bytes_per_class: float = 8
    start: float = 0.0

    def seconds(self, facts: Facts, rounds: int, depth_factor: float = 1.0) -> float:
        """Return the seconds that `rounds` take, 0 if the number of rows is unknown.

        `depth_factor` is the cost of a tree relative to one of six levels.
        """
        if not facts.rows:
            return 0.0
        trees = 1 + self.per_extra_class * (_classes(facts) - 1)
        return self.start + rounds * (
            self.per_round + facts.rows * (self.per_row + facts.features * self.per_cell) * trees * depth_factor
        )

    def memory(self, facts: Facts) -> float:
        """Return the peak bytes of a job, 0 if the number of rows is unknown."""
        if not facts.rows:
            return 0.0
        rows = facts.rows * _HELD_OUT
        return _BASE + rows * ((facts.features + 1) * _CELL + _classes(facts) * self.bytes_per_class)


def _classes(facts: Facts) -> int:
    return max(facts.classes, 1) if facts.task == "multiclass" else 1
