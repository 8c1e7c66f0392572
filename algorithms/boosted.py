"""About how long boosted trees train and how much memory they need: XGBoost, LightGBM and CatBoost.

Fitted to measurements of this project's trainers (2026-11, one thread of a 2-core cloud machine, seconds of processor
time; 80 % of the rows learned from, 20 % judged by; figures drawn at random, no early stopping):

    rows x columns x rounds          LightGBM 4.7   CatBoost 1.2   XGBoost 3.0
    1 000 x 10 x 100, two classes          0.32           0.39          0.30
    100 000 x 10 x 50                      0.87           1.49          1.20
    100 000 x 40 x 50                      1.80           2.94          2.18
    400 000 x 20 x 30                      2.72           5.00          4.13
    100 000 x 20 x 50, numbers             1.05           2.08          1.10
    100 000 x 20 x 20, ten classes         2.70           3.99          2.66

The formula below gives 0.9 to 1.5 times these figures. Five category columns of thirty codes cost CatBoost 1.7 times
as much (3.64 s instead of 2.08), which it does not know. An ml.m5.large has two vCPUs, two threads of one such core,
and is taken to be as fast as one of them: take it as right within a factor of two.
Peak memory was 139 to 152 MB for the smallest table, and 5 to 9 times the float32 table more for the others.
"""

from __future__ import annotations

from dataclasses import dataclass

from algorithms.contract import Facts

_BASE = 160e6  # bytes: Python, the libraries and the readers
_CELL = 36  # bytes: nine copies of a float32, as it is read, joined, sorted into bins
_HELD_OUT = 1.25  # rows in memory for each row learned from


@dataclass(frozen=True)
class Cost:
    """Seconds for each round, for each row of a round and for each of its cells.

    `more` is the share of a round's cost that each class after the first adds; `score` the bytes that a row holds for
    each class.
    """

    round: float
    row: float
    cell: float
    more: float
    score: float = 8

    def seconds(self, facts: Facts, rounds: int, deeper: float = 1.0) -> float:
        """How long `rounds` take, `deeper` being how much dearer a tree is than one of six levels; 0 if unknown."""
        if not facts.rows:
            return 0.0
        trees = 1 + self.more * (_classes(facts) - 1)
        return rounds * (self.round + facts.rows * (self.row + facts.features * self.cell) * trees * deeper)

    def memory(self, facts: Facts) -> float:
        """Peak bytes of a job; 0 if unknown."""
        if not facts.rows:
            return 0.0
        rows = facts.rows * _HELD_OUT
        return _BASE + rows * ((facts.features + 1) * _CELL + _classes(facts) * self.score)


def _classes(facts: Facts) -> int:
    return max(facts.classes, 1) if facts.task == "multiclass" else 1
