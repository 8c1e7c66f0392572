"""Estimates training time and memory of boosted trees: XGBoost, LightGBM and CatBoost.

The constants are fitted to measurements of this project's trainers by `python -m bench.estimates` (2026-12, seconds of
one processor with the libraries loaded): the presets Fast and Balanced on the tables of `bench.estimates_tables` that
are for fitting, each with a refit on all rows, and random numbers without early stopping:

    rows x columns x rounds          LightGBM 4.7   CatBoost 1.2   XGBoost 3.0
    1 000 x 10 x 100, two classes          0.32           0.39          0.30
    100 000 x 10 x 50                      0.87           1.49          1.20
    100 000 x 40 x 50                      1.80           2.94          2.18
    400 000 x 20 x 30                      2.72           5.00          4.13
    100 000 x 20 x 20, ten classes         2.70           3.99          2.66

Where the rounds are known, time is within a factor of two for nineteen jobs of twenty. Where early stopping chooses
them they depend on how much there is to learn, which no count says before: they are within a factor of two for about
three tables of four. An ml.m5.large has two vCPUs, which are two threads of one such core; the formula takes it to be
as fast as one core.
"""

from __future__ import annotations

from dataclasses import dataclass

from algorithms.contract import Facts

_BASE = 115e6  # bytes: Python, the libraries and the readers
_CELL = 36  # bytes: nine copies of a float32 while it is read, joined and binned
_HELD_OUT = 1.25  # rows in memory for each training row
# Steps that early stopping takes, beside those of two classes: a label of many values has more to be learned of it.
_TASK_STEPS = {"regression": 4.3, "multiclass": 3.2}
_STEPS_ROWS, _STEPS_GROWTH = 3000, 0.3  # rows of a table with these steps; they grow with this power of the rows


@dataclass(frozen=True)
class BoostingCost:
    """Seconds per round, per row of a round, per cell of a row, and before the first round.

    `per_category` is what a row costs more for each column of categories. `per_extra_class` is the share of a round's
    cost that each class after the first adds. `bytes_per_class` is the memory of a row's score for one class. `steps`
    are the rounds times the learning rate after which two classes are learned.
    """

    per_round: float
    per_row: float
    per_cell: float
    per_extra_class: float
    steps: float
    per_category: float = 0.0
    bytes_per_class: float = 8
    start: float = 0.1

    def seconds(self, facts: Facts, rounds: float, depth_factor: float = 1.0, share: float = 1.0) -> float:
        """Return the seconds that `rounds` take, 0 if the number of rows is unknown.

        `depth_factor` is the cost of a tree relative to one of six levels, `share` that of the cells a tree sees.
        """
        if not facts.rows:
            return 0.0
        trees = 1 + self.per_extra_class * (_classes(facts) - 1)
        row = self.per_row + facts.features * self.per_cell + facts.categories * self.per_category
        return self.start + rounds * depth_factor * (self.per_round + facts.rows * row * trees * share)

    def expected_rounds(self, facts: Facts, rounds: int, patience: int, learning_rate: float) -> float:
        """Return the rounds after which early stopping is expected, `rounds` at most; all of them without patience."""
        if patience <= 0 or learning_rate <= 0:
            return rounds
        growth = (facts.rows / _STEPS_ROWS) ** _STEPS_GROWTH
        return min(rounds, patience + self.steps * _TASK_STEPS.get(facts.task, 1.0) * growth / learning_rate)

    def memory(self, facts: Facts) -> float:
        """Return the peak bytes of a job, 0 if the number of rows is unknown."""
        if not facts.rows:
            return 0.0
        rows = facts.rows * _HELD_OUT
        return _BASE + rows * ((facts.features + 1) * _CELL + _classes(facts) * self.bytes_per_class)


def _classes(facts: Facts) -> int:
    return max(facts.classes, 1) if facts.task == "multiclass" else 1
