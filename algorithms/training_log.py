"""Parsers for an algorithm's training log: metric values, progress and rounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

ROUND, EPOCH = "round", "epoch"


class Figure(NamedTuple):
    """One metric value of one round. Rounds count from 0. `value` is the text in the log line."""

    name: str  # part:metric, for example validation:auc
    round: int
    value: str


def _no_figures(line: str, hyperparameters: Mapping[str, str]) -> list[Figure]:
    return []


def _no_progress(line: str) -> float | None:
    return None


class TrainingLog(NamedTuple):
    """The log lines of one algorithm.

    `figures(line, hyperparameters)` returns the metric values in a line, [] for any other line. A value logged once,
    after training, has round 0. `progress(line)` returns the completed share of training in percent, None for a line
    without it. `rounds` names the hyperparameter with the number of rounds, "" where training has none. `unit` is the
    name of a round: ROUND (one more tree) or EPOCH (one pass over the rows).
    """

    figures: Callable[[str, Mapping[str, str]], list[Figure]] = _no_figures
    progress: Callable[[str], float | None] = _no_progress
    rounds: str = ""
    unit: str = ROUND
