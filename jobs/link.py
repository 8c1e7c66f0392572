"""A job specification as the query of a link, and back: everything that differs from a fresh form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jobs.options import Option
from jobs.spec import OPTIONS, JobSpec

RECIPE = "recipe"
HYPERPARAMETER = "hp-"  # before the name of a hyperparameter
_OFF = ("", "no", "off", "false", "False", "0")


def to_query(spec: JobSpec, fresh: JobSpec) -> dict[str, str]:
    """{parameter: text} of what `spec` changes of `fresh`, a specification of the same algorithm."""
    query = {
        option.parameter: _text(getattr(spec, option.name))
        for option in OPTIONS
        if option.form and getattr(spec, option.name) != getattr(fresh, option.name)
    }
    if spec.recipe != fresh.recipe:
        query[RECIPE] = json.dumps(spec.recipe.as_json())
    now, before = spec.hyperparameters, fresh.hyperparameters
    changed = [name for name in {**before, **now} if now.get(name) != before.get(name)]
    return query | {HYPERPARAMETER + name: now.get(name, "") for name in changed}


def from_query(query: Mapping[str, str], fresh: JobSpec) -> JobSpec:
    """`fresh` with what `query` says of it, apart from the recipe; what cannot be read stays as it is."""
    values: dict[str, Any] = {}
    for option in OPTIONS:
        text = query.get(option.parameter, query.get(option.name)) if option.form else None
        if text is not None:
            values[option.name] = _value(option, text, getattr(fresh, option.name))
    hyperparameters = {n.removeprefix(HYPERPARAMETER): query[n] for n in query if n.startswith(HYPERPARAMETER)}
    merged = {name: text for name, text in (fresh.hyperparameters | hyperparameters).items() if text}
    return fresh.but(hyperparameters=merged, **values)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _value(option: Option, text: str, otherwise: Any) -> Any:
    if option.type is str:
        return text
    if option.type is bool:
        return text not in _OFF
    try:
        return int(text) if option.type is int else float(text) if text else None
    except ValueError:
        return otherwise
