"""Parses the round lines of XGBoost's container: `[12]#011train-auc:0.9#011validation-auc:0.8`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from algorithms.fold_score import fold_figures
from algorithms.log_patterns import END, TAB, find_values
from algorithms.training_log import Figure, TrainingLog

_LINE = rf"^\[(?P<round>\d+)\](?P<values>(?:{TAB}[^:#\t]+:[^\s#]\S*?{END})+)\s*$"
_VALUE = rf"{TAB}(?P<part>[^-:#\t]+)-(?P<name>[^:#\t]+):(?P<value>\S+?){END}"


def figures(line: str, hyperparameters: Mapping[str, str]) -> list[Figure]:
    """Return the metric values in a round line, [] for any other line."""
    match = re.match(_LINE, line)
    if not match:
        return fold_figures(line)
    number = int(match["round"])
    return [Figure(f"{v['part']}:{v['name']}", number, v["value"]) for v in find_values(_VALUE, match)]


LOG = TrainingLog(figures, rounds="num_round")
