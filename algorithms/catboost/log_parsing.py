"""Parses CatBoost's round lines: `12:#011learn: 0.4#011test: 0.5#011best: 0.5 (12)#011total: 47ms`.

A metric that is computed once, when training is over, has a line of AWS's script: `INFO:root:AUC: 0.9`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from algorithms.catboost.metrics import NAMES
from algorithms.fold_score import fold_figures
from algorithms.log_patterns import END, TAB, channel_of_part, find_values
from algorithms.training_log import Figure, TrainingLog

_LINE = rf"^(?P<round>\d+):(?P<values>{TAB}(?:learn|test): .*)$"
_ONCE = r"^INFO:root:(?P<name>[A-Za-z0-9]+): (?P<value>-?[0-9.]+)$"
_VALUE = rf"{TAB}(?P<part>learn|test): (?P<value>\S+?){END}"


def figures(line: str, hyperparameters: Mapping[str, str]) -> list[Figure]:
    """Return the metric values in a line, [] for one without any."""
    once = re.match(_ONCE, line)
    if once and once["name"] in NAMES and once["name"] != _metric(hyperparameters, []):
        return [Figure(f"validation:{once['name']}", 0, once["value"])]
    match = re.match(_LINE, line)
    if not match:
        return fold_figures(line)
    matches = find_values(_VALUE, match)
    name = _metric(hyperparameters, [v["part"] for v in matches])
    return [Figure(f"{channel_of_part(v['part'])}:{name}", int(match["round"]), v["value"]) for v in matches]


def _metric(hyperparameters: Mapping[str, str], parts: list[str]) -> str:
    """Return the name of the metric, which the lines do not contain.

    By default it is AUC for a classification, the only metric that CatBoost does not log for training rows.
    """
    metric = str(hyperparameters.get("eval_metric", "auto")).strip('"')
    if metric.lower() != "auto":
        return metric
    return "loss" if "learn" in parts else "AUC"


LOG = TrainingLog(figures, rounds="iterations")
