"""How an algorithm's log tells the course of a training job: figures of a round, progress, what a round is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

ROUND, EPOCH = "round", "epoch"


class Figure(NamedTuple):
    """One metric value of one round, counted from 0. `value` is the text of the log line."""

    name: str  # part:metric, for example validation:auc
    round: int
    value: str


def _no_figures(line: str, hyperparameters: Mapping[str, str]) -> list[Figure]:
    return []


def _no_progress(line: str) -> float | None:
    return None


class TrainingLog(NamedTuple):
    """The log lines of one algorithm.

    `figures(line, hyperparameters)` returns the metric values in a line, [] for any other line; a value logged once,
    after training, has round 0. `progress(line)` returns the share of the training that is done in percent, None for
    a line that does not say. `rounds` names the hyperparameter with the number of rounds, "" where training has none.
    `unit` is what a round is called: ROUND (one more tree) or EPOCH (one pass over the rows).
    """

    figures: Callable[[str, Mapping[str, str]], list[Figure]] = _no_figures
    progress: Callable[[str], float | None] = _no_progress
    rounds: str = ""
    unit: str = ROUND
