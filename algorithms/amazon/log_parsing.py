"""Parses the log lines of Amazon's first-party algorithms.

[date INFO id] #quality_metric: host=algo-1, epoch=3, train rmse <loss>=0.5     during training
[date INFO id] #quality_metric: host=algo-1, validation rmse <loss>=0.5         after training
[date INFO id] #progress_metric: host=algo-1, completed 40 % of epochs
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from algorithms.training_log import EPOCH, Figure, TrainingLog

_QUALITY = (
    r"#quality_metric: host=\S+?,(?: epoch=(?P<round>\d+),)? (?P<part>train|validation|test) (?P<name>\S+) "
    r"<(?:loss|score)>=(?P<value>\S+)"
)
_PROGRESS = r"#progress_metric: host=\S+?, completed (?P<share>[\d.]+) ?%"


def figures(line: str, hyperparameters: Mapping[str, str]) -> list[Figure]:
    """Return the metric value in a quality line, [] for any other line. A value logged after training has round 0."""
    match = re.search(_QUALITY, line)
    if not match:
        return []
    name = match["name"]
    if name.endswith("_objective"):  # AWS's metric for mse_objective and the like is objective_loss
        name = "objective_loss" if match["round"] else "objective_loss:final"
    return [Figure(f"{match['part']}:{name}", int(match["round"] or 0), match["value"].rstrip(","))]


def progress(line: str) -> float | None:
    """Return the completed share of training in percent, None for a line without it."""
    match = re.search(_PROGRESS, line)
    return min(100.0, float(match["share"])) if match else None


LOG = TrainingLog(figures, progress)
EPOCH_LOG = TrainingLog(figures, progress, rounds="epochs", unit=EPOCH)
