"""Parses LightGBM's round lines, counted from 1: `[13]#011val's auc: 0.8#011train's auc: 0.9`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from algorithms.fold_score import fold_figures
from algorithms.log_patterns import END, TAB, channel_of_part, find_values
from algorithms.training_log import Figure, TrainingLog

_LINE = rf"^\[(?P<round>\d+)\](?P<values>(?:{TAB}\w+'s [^:#\t]+: \S+?{END})+)\s*$"
_VALUE = rf"{TAB}(?P<part>\w+)'s (?P<name>[^:#\t]+): (?P<value>\S+?){END}"


def figures(line: str, hyperparameters: Mapping[str, str]) -> list[Figure]:
    """Return the metric values in a round line, [] for any other line."""
    match = re.match(_LINE, line)
    if not match:
        return fold_figures(line)
    number = int(match["round"]) - 1
    return [Figure(f"{channel_of_part(v['part'])}:{v['name']}", number, v["value"]) for v in find_values(_VALUE, match)]


LOG = TrainingLog(figures, rounds="num_boost_round")
