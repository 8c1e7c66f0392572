"""The page of a model that predicts one of several classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from models_app.catalog.figures.strip import figures_by_name, interval_words, is_beyond_baseline
from models_app.text import formats

CELLS = ("actual", "counts", "predicted")
LARGE, WORST = "large", "worst"
MAX_CLASSES = 20  # classes of the table, unless all are asked for
STEPS = (0.01, 0.03, 0.06, 0.12, 0.25, 0.5)  # shares from which a wrong cell is darker
RIGHT = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85)  # and a right one


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix."""

    count: str
    share: str
    cls: str
    actual: str
    predicted: str


@dataclass(frozen=True)
class MatrixRow:
    """The rows of one actual class."""

    name: str
    rows: str
    cells: list[Cell]
    recall: str


def context_of(document: dict[str, Any], choices: QueryDict) -> dict[str, Any]:
    """Verdict, matrix, mix-ups and the table of classes."""
    wanted = choices.get("cells", "")
    cells = wanted if wanted in CELLS else "actual"
    order = WORST if choices.get("order") == WORST else LARGE
    classes = document["classes"]
    if order == WORST:
        classes = sorted(classes, key=lambda entry: entry["f1"])
    everything = "all" in choices
    return {
        "verdict": _verdict(document),
        "cells": cells,
        "order": order,
        "matrix": _matrix(document, cells),
        "precision": _precision(document),
        "hidden_classes": 0 if everything else max(0, len(classes) - MAX_CLASSES),
        "classes": [_class(entry) for entry in (classes if everything else classes[:MAX_CLASSES])],
        "mix_ups": document["mix_ups"],
        "left_out": len(document["classes"]) - len(document["matrix"]["classes"]),
    }


def _verdict(document: dict[str, Any]) -> dict[str, str]:
    figure = figures_by_name(document)["accuracy"]
    weakest = min(document["classes"], key=lambda entry: entry["f1"])
    values = {
        "accuracy": formats.metric(figure["value"], "accuracy"), "interval": interval_words(figure),
        "baseline": formats.metric(figure["baseline"], "accuracy"), "label": document["baseline"]["label"],
        "weakest": weakest["name"], "f1": formats.metric(weakest["f1"], "f1"),
    }  # fmt: skip
    text = _(
        "Accuracy %(accuracy)s (95%% interval %(interval)s); always answering “%(label)s” has %(baseline)s. The "
        "weakest class is %(weakest)s with an F1 of %(f1)s."
    )
    if is_beyond_baseline(figure) > 0:
        title = _("Better than always answering “%(label)s”") % values
        return {"tone": "ok", "title": title, "text": text % values}
    title = _("No better than always answering “%(label)s”") % values
    return {"tone": "warn", "title": title, "text": text % values}


def _matrix(document: dict[str, Any], share_of: str) -> list[MatrixRow]:
    matrix = document["matrix"]
    recall = {entry["name"]: entry["recall"] for entry in document["classes"]}
    rows = []
    for a, name in enumerate(matrix["classes"]):
        cells = []
        for p, predicted in enumerate(matrix["classes"]):
            count = matrix["rows"][a][p]
            of_actual = count / matrix["actual"][a] if matrix["actual"][a] else 0.0
            of_predicted = count / matrix["predicted"][p] if matrix["predicted"][p] else 0.0
            share = of_predicted if share_of == "predicted" else of_actual
            kind, steps = ("hd", RIGHT) if a == p else ("ho", STEPS)
            level = sum(share >= step for step in steps) if count else 0
            text = "" if share_of == "counts" else f"{100 * share:.0f}%"
            cells.append(Cell(f"{count:,}", text, f"{kind}{level}", name, predicted))
        rows.append(
            MatrixRow(name, f"{matrix['actual'][a]:,}", cells, formats.metric(recall.get(name), "recall"))
        )  # fmt: skip
    return rows


def _precision(document: dict[str, Any]) -> list[str]:
    by_name = {entry["name"]: entry["precision"] for entry in document["classes"]}
    return [formats.metric(by_name.get(name), "precision") for name in document["matrix"]["classes"]]


def _class(entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {
        **{name: formats.metric(entry[name], name) for name in ("precision", "recall", "f1", "auc")},
        "length": 100 * entry["f1"],
    }
