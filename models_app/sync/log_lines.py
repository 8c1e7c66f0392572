"""Reads one log line of an algorithm we know: which metrics it tells, and of which round or epoch.

The boosting libraries' round lines are read by `rounds`; Amazon's own algorithms write these:

    [date INFO id] #quality_metric: host=algo-1, epoch=3, train rmse <loss>=0.5     during training
    [date INFO id] #quality_metric: host=algo-1, validation rmse <loss>=0.5         when it is over
    [date INFO id] #progress_metric: host=algo-1, completed 40 % of epochs
"""

import re
from collections.abc import Mapping

from models_app.sync import rounds
from models_app.sync.rounds import Figure

_QUALITY = re.compile(
    r"#quality_metric: host=\S+?,(?: epoch=(?P<round>\d+),)? (?P<part>train|validation|test) (?P<name>\S+) "
    r"<(?:loss|score)>=(?P<value>\S+)"
)
_PROGRESS = re.compile(r"#progress_metric: host=\S+?, completed (?P<share>[\d.]+) ?%")


def read(line: str, hyperparameters: Mapping[str, str]) -> list[Figure]:
    """The figures of `line`, none when it tells none. What is told when training is over is of round 0."""
    if found := _QUALITY.search(line):
        name = found["name"]
        if name.endswith("_objective"):  # as the metric is called: mse_objective and the like are objective_loss
            name = "objective_loss" if found["round"] else "objective_loss:final"
        return [Figure(f"{found['part']}:{name}", int(found["round"] or 0), found["value"].rstrip(","))]
    return rounds.figures(line, hyperparameters)


def progress(line: str) -> float | None:
    """The percentage of the training that is done, from a line that tells it."""
    found = _PROGRESS.search(line)
    return min(100.0, float(found["share"])) if found else None
