"""A metric over folds of all rows: the line of the log that says it, and what is read from that line.

A job asks for folds by a variable of its environment beside that of `algorithms.refit`, whose rounds they choose.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from algorithms.training_log import Figure

VARIABLE = "SAGEWRIGHT_FOLDS"  # of a training job's environment
COUNT = 5
MAX_ROWS = 3000  # above it one held-out part has rows enough, and folds cost minutes
PART, MARGIN = "folds", "folds_margin"  # of the names of the two figures
# No colon after the metric: AWS's pattern for LightGBM, `rmse: (...)`, would take the figure for the job's own.
_LINE = re.compile(rf"{COUNT} folds of \d+ rows: (?P<name>\S+) (?P<mean>-?[0-9.]+) \+- (?P<margin>[0-9.]+) ")


class FoldScore(NamedTuple):
    """The best mean of a metric over the folds, and after how many `rounds` it was reached.

    `margin` is the half width of the 95 % interval of the mean.
    """

    rounds: int
    metric: str
    mean: float
    margin: float


def describe_folds(score: FoldScore, rows: int) -> str:
    """The line of the log, which `fold_figures` reads."""
    figures = f"{score.metric} {score.mean:.6f} +- {score.margin:.6f}"
    return f"{COUNT} folds of {rows} rows: {figures} after {score.rounds} rounds, their best mean."


def fold_figures(line: str) -> list[Figure]:
    """Return the mean and the margin in a line of `describe_folds`, [] for any other line."""
    match = _LINE.search(line)
    if not match:
        return []
    parts = {PART: "mean", MARGIN: "margin"}
    return [Figure(f"{part}:{match['name']}", 0, match[group]) for part, group in parts.items()]
