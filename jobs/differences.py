"""What one job specification changes of another: only that, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from difflib import ndiff
from typing import Any

import algorithms
from common.amounts import duration, money
from common.messages import _
from jobs.options import Option
from jobs.spec import HOUR, OPTIONS, JobSpec
from tables.recipe import Recipe

NAMES = ("name", "endpoint_name")  # unique, so they always differ
MetricName = Callable[[str], str]


@dataclass(frozen=True)
class Difference:
    """One setting that is no longer as it was; "" stands for its default."""

    label: str
    was: str
    now: str


def differences(before: JobSpec, after: JobSpec, metric_name: MetricName = str) -> list[Difference]:
    """Every setting of `after` that differs from `before`, in the order of the options; names are left out.

    `metric_name` gives what a person calls a metric.
    """
    triples: list[tuple[str, str, str]] = []
    for option in OPTIONS:
        if option.name == "recipe":
            triples += _recipe(before.recipe, after.recipe)
        elif option.name == "hyperparameters":
            triples += _hyperparameters(before.hyperparameters, after.hyperparameters)
        elif option.name == "code":
            triples += _code(before.code, after.code)
        elif option.name == "deploy_metric":
            triples.append((_(option.label), _gate(before, metric_name), _gate(after, metric_name)))
        elif option.form and option.name not in (*NAMES, "deploy_threshold"):
            was, now = (_text(option, getattr(spec, option.name)) for spec in (before, after))
            triples.append((_(option.label), was, now))
    return [Difference(label, was, now) for label, was, now in triples if was != now]


def _recipe(before: Recipe, after: Recipe) -> list[tuple[str, str, str]]:
    """The recipe's fields; a header or target that is left open counts as the same."""
    names = {
        "target": _("Target column"),
        "excluded": _("Columns left out"),
        "weight": _("Weight column"),
        "class_weights": _("Class weights"),
        "monotone": _("Monotone columns"),
        "types": _("Column types"),
        "validation": _("Validation data"),
        "validation_share": _("Share held out"),
        "time_column": _("Time column"),
        "group_column": _("Group column"),
        "test_share": _("Test rows"),
        "refit": _("Final model learns from"),
        "folds": _("Rounds by folds"),
        "has_header": _("First row is column names"),
        "unseen": _("Unseen categories"),
    }
    pairs = [(field.name, getattr(before, field.name), getattr(after, field.name)) for field in fields(Recipe)]
    return [
        (names.get(name, name), _plain(was), _plain(now))
        for name, was, now in pairs
        if not (name in ("target", "has_header") and now in ("", None))
    ]


def _hyperparameters(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, str]]:
    return [(name, before.get(name, ""), after.get(name, "")) for name in {**before, **after}]


def _code(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What changed in people's own code: its source by the number of lines, everything else as it is."""
    names = {"entry": _("Entry point"), "requirements": _("Requirements"), "archive": _("Files")}
    triples = [(label, _plain(before.get(name)), _plain(after.get(name))) for name, label in names.items()]
    was, now = before.get("text", "").splitlines(), after.get("text", "").splitlines()
    if was == now:
        return triples
    changed = sum(line[:2] in ("+ ", "- ") for line in ndiff(was, now))
    words = _("%(n)s lines, %(changed)s changed", n=len(now), changed=changed)
    return [(_("Code"), _("%(n)s lines", n=len(was)), words), *triples]


def _gate(spec: JobSpec, metric_name: MetricName) -> str:
    if spec.deploy_threshold is None or not spec.deploy_metric:
        return ""
    return f"{metric_name(spec.deploy_metric)} {spec.deploy_threshold:g}"


def _text(option: Option, value: Any) -> str:
    """`value` of `option` as a person reads it."""
    if option.name == "algorithm":
        return algorithms.ALGORITHMS[value].title if value in algorithms.ALGORITHMS else value
    if not value and option.choices:
        return _(dict(option.choices)[value])
    return _plain(value) if value is None or not option.unit else _UNITS[option.unit](value)


_UNITS: dict[str, Callable[[Any], str]] = {
    "seconds": duration,
    "hours": lambda hours: duration(hours * HOUR),
    "dollars": money,
}


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dict):
        return ", ".join(f"{name}: {text}" for name, text in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
