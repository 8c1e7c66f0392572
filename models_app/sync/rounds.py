"""Reads the lines in which boosting libraries log a round: XGBoost's, LightGBM's and CatBoost's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

ALGORITHMS = ("xgboost", "lightgbm", "catboost")  # whose figures all stand in such lines
_TAB, _END = r"(?:#011|\t)", r"(?=#011|\t|\s*$)"
# [12]#011train-auc:0.9#011validation-auc:0.8
_XGBOOST = re.compile(rf"^\[(?P<round>\d+)\](?P<values>(?:{_TAB}[^:#\t]+:[^\s#]\S*?{_END})+)\s*$")
_XGBOOST_VALUE = re.compile(rf"{_TAB}(?P<part>[^-:#\t]+)-(?P<name>[^:#\t]+):(?P<value>\S+?){_END}")
# [13]#011val's auc: 0.8#011train's auc: 0.9, counted from 1
_LIGHTGBM = re.compile(rf"^\[(?P<round>\d+)\](?P<values>(?:{_TAB}\w+'s [^:#\t]+: \S+?{_END})+)\s*$")
_LIGHTGBM_VALUE = re.compile(rf"{_TAB}(?P<part>\w+)'s (?P<name>[^:#\t]+): (?P<value>\S+?){_END}")
# 12:#011learn: 0.4#011test: 0.5#011best: 0.5 (12)#011total: 47ms#011remaining: 2s
_CATBOOST = re.compile(rf"^(?P<round>\d+):(?P<values>{_TAB}(?:learn|test): .*)$")
_CATBOOST_VALUE = re.compile(rf"{_TAB}(?P<part>learn|test): (?P<value>\S+?){_END}")
_PARTS = {"val": "validation", "valid": "validation", "training": "train", "learn": "train", "test": "validation"}


class Figure(NamedTuple):
    """One figure of one round, counted from 0; `value` as it was written."""

    name: str
    round: int
    value: str


def figures(line: str, hyperparameters: Mapping[str, str]) -> list[Figure]:
    """The figures in a round line, none in any other line. Names are `train:auc`, `validation:auc`."""
    if found := _XGBOOST.match(line):
        number = int(found["round"])
        return [Figure(f"{v['part']}:{v['name']}", number, v["value"]) for v in _each(_XGBOOST_VALUE, found)]
    if found := _LIGHTGBM.match(line):
        number = int(found["round"]) - 1
        return [Figure(f"{_part(v)}:{v['name']}", number, v["value"]) for v in _each(_LIGHTGBM_VALUE, found)]
    if found := _CATBOOST.match(line):
        values = _each(_CATBOOST_VALUE, found)
        name = _catboost_metric(hyperparameters, [v["part"] for v in values])
        return [Figure(f"{_part(v)}:{name}", int(found["round"]), v["value"]) for v in values]
    return []


def _each(pattern: re.Pattern, found: re.Match) -> list[re.Match]:
    return list(pattern.finditer(found["values"]))


def _part(found: re.Match) -> str:
    return _PARTS.get(found["part"], found["part"])


def _catboost_metric(hyperparameters: Mapping[str, str], parts: list[str]) -> str:
    """CatBoost's lines do not name the metric. Left to AWS, it is AUC, which alone is not logged for training rows."""
    asked = str(hyperparameters.get("eval_metric", "auto")).strip('"')
    if asked.lower() != "auto":
        return asked
    return "loss" if "learn" in parts else "AUC"
