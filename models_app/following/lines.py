"""Reads one log line of a built-in algorithm: which metrics it tells, and of which round or epoch.

The lines as the containers write them; CloudWatch turns a tab into #011:

    [12]#011train-auc:0.91#011validation-auc:0.88                                   XGBoost
    [13]    training's auc: 0.91    valid_1's auc: 0.88                             LightGBM, which counts from 1
    12:     learn: 0.31    test: 0.35    best: 0.34 (9)    total: 80ms              CatBoost
    [date INFO id] #quality_metric: host=algo-1, epoch=3, train rmse <loss>=0.5     Amazon's own, during training
    [date INFO id] #quality_metric: host=algo-1, validation rmse <loss>=0.5         Amazon's own, when it is over
    [date INFO id] #progress_metric: host=algo-1, completed 40 % of epochs          Amazon's own
"""

import re
from typing import NamedTuple

_TAB = re.compile(r"#011|\t")
_XGBOOST = re.compile(r"^\[(?P<round>\d+)\](?P<values>(?:\t[^:\t]+:\S+?(?=\t|\s*$))+)\s*$")
_XGBOOST_VALUE = re.compile(r"\t(?P<part>[^-:\t]+)-(?P<name>[^:\t]+):(?P<value>\S+?)(?=\t|\s*$)")
_LIGHTGBM = re.compile(r"^\[(?P<round>\d+)\](?P<values>(?:\t[^\t]+'s [^:\t]+: [^\t]+)+)\s*$")
_LIGHTGBM_VALUE = re.compile(r"\t(?P<part>[^\t]+)'s (?P<name>[^:\t]+): (?P<value>[^\s\t]+)")
_CATBOOST = re.compile(r"^(?P<round>\d+):\t(?P<values>(?:(?:learn|test\d*): \S+\s*)+)")
_CATBOOST_VALUE = re.compile(r"(?P<part>learn|test\d*): (?P<value>\S+)")
_QUALITY = re.compile(
    r"#quality_metric: host=\S+?,(?: epoch=(?P<round>\d+),)? (?P<part>train|validation|test) (?P<name>\S+) "
    r"<(?:loss|score)>=(?P<value>\S+)"
)
_PROGRESS = re.compile(r"#progress_metric: host=\S+?, completed (?P<share>[\d.]+) ?%")
_PARTS = {"training": "train", "learn": "train", "train": "train", "test": "validation"}


class Told(NamedTuple):
    """What one line tells: `values` are (metric, text of the number); `round` counts from 0, None when it is over."""

    round: int | None
    values: list[tuple[str, str]]


def read(line: str, loss: str = "loss") -> Told | None:
    """The metrics of `line`, None when it tells none. `loss` is what CatBoost's lines leave unnamed."""
    plain = _TAB.sub("\t", line)
    for reader in (_rounds, _native_rounds, _iterations, _quality):
        if found := reader(plain, loss):
            return found
    return None


def progress(line: str) -> float | None:
    """The percentage of the training that is done, from a line that tells it."""
    found = _PROGRESS.search(line)
    return min(100.0, float(found["share"])) if found else None


def _rounds(line: str, loss: str) -> Told | None:
    if found := _XGBOOST.match(line):
        pairs = _XGBOOST_VALUE.finditer(found["values"])
        return Told(int(found["round"]), [(f"{pair['part']}:{pair['name']}", pair["value"]) for pair in pairs])
    return None


def _native_rounds(line: str, loss: str) -> Told | None:
    if found := _LIGHTGBM.match(line):
        pairs = _LIGHTGBM_VALUE.finditer(found["values"])
        values = [(f"{_PARTS.get(pair['part'], 'validation')}:{pair['name']}", pair["value"]) for pair in pairs]
        return Told(max(0, int(found["round"]) - 1), values)
    return None


def _iterations(line: str, loss: str) -> Told | None:
    if found := _CATBOOST.match(line):
        pairs = _CATBOOST_VALUE.finditer(found["values"])
        return Told(int(found["round"]), [(f"{_PARTS.get(p['part'], p['part'])}:{loss}", p["value"]) for p in pairs])
    return None


def _quality(line: str, loss: str) -> Told | None:
    if found := _QUALITY.search(line):
        number = int(found["round"]) if found["round"] else None
        return Told(number, [(f"{found['part']}:{found['name']}", found["value"].rstrip(","))])
    return None
