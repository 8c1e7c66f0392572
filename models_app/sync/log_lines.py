"""Reads the log lines of a training job by what its algorithm declares of its log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import algorithms
from algorithms.spec import Figure, TrainingLog


def read(line: str, algorithm: str, hyperparameters: Mapping[str, str]) -> list[Figure]:
    """The metric values in `line`, [] when it has none. A value logged after training has round 0."""
    return next((figures for log in _logs(algorithm) if (figures := log.figures(line, hyperparameters))), [])


def progress(line: str, algorithm: str) -> float | None:
    """The share of the training that is done in percent, from a line that says so."""
    shares = (log.progress(line) for log in _logs(algorithm))
    return next((share for share in shares if share is not None), None)


def _logs(algorithm: str) -> Iterator[TrainingLog]:
    """The log of an algorithm of the catalogue; of any other, every way of logging that the catalogue knows."""
    if declared := algorithms.ALGORITHMS.get(algorithm):
        yield declared.log
    else:
        yield from (each.log for each in algorithms.ALGORITHMS.values())
