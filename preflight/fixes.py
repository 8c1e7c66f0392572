"""Applies a fix to a job specification: the one way, for the form, for links and for programs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import algorithms
from jobs.hyperparameters import carry_over
from jobs.link import HYPERPARAMETER
from jobs.spec import JobSpec
from tables.recipe import Recipe

RECIPE = "recipe."  # before the name of a field of the recipe; HYPERPARAMETER before that of a hyperparameter
_TYPES = {cls: get_type_hints(cls) for cls in (JobSpec, Recipe)}


class InvalidFix(ValueError):
    """A fix names no field of a job, or gives it a value of the wrong type. The message names the field."""


def apply_fix(spec: JobSpec, changes: Mapping[str, Any]) -> JobSpec:
    """Return a copy of `spec` with the `changes` of a Fix.

    A name is "recipe.<field>", "hp-<hyperparameter>" or a field of JobSpec. None clears a field: it gets its default
    again, and a hyperparameter is left out. A dict is merged into a dict; keys with None are removed. The items of a
    list are appended to a list where they are missing; the keys with None of a dict are removed from it. Another
    algorithm takes along what a person set of the hyperparameters that both have.

    Raises InvalidFix. Repeatable: the same changes again change nothing.
    """
    fields = {name: value for name, value in changes.items() if not name.startswith((RECIPE, HYPERPARAMETER))}
    recipe = {name.removeprefix(RECIPE): value for name, value in changes.items() if name.startswith(RECIPE)}
    own = {name.removeprefix(HYPERPARAMETER): v for name, v in changes.items() if name.startswith(HYPERPARAMETER)}
    fixed = _with_algorithm(deepcopy(spec), fields.pop("algorithm", spec.algorithm))
    hyperparameters = fixed.hyperparameters | own
    return replace(
        fixed,
        **{name: _changed(fixed, JobSpec(), name, value) for name, value in fields.items()},
        recipe=replace(
            fixed.recipe, **{name: _changed(fixed.recipe, Recipe(), name, value) for name, value in recipe.items()}
        ),
        hyperparameters={name: str(value) for name, value in hyperparameters.items() if value is not None},
    )


def _with_algorithm(spec: JobSpec, name: Any) -> JobSpec:
    if name == spec.algorithm:
        return spec
    if not isinstance(name, str) or name not in algorithms.ALGORITHMS:
        raise InvalidFix(f"There is no algorithm {name!r}. Choose one of {', '.join(algorithms.ALGORITHMS)}.")
    values = spec.hyperparameters
    if spec.algorithm in algorithms.ALGORITHMS:
        values = carry_over(algorithms.get(spec.algorithm), algorithms.get(name), values)
    return replace(spec, algorithm=name, hyperparameters=values)


def _changed(fixed: JobSpec | Recipe, defaults: JobSpec | Recipe, name: str, value: Any) -> Any:
    """The value of the field `name` of `fixed` after the change to `value`."""
    if name not in defaults.__dataclass_fields__ or name in ("recipe", "hyperparameters"):
        raise InvalidFix(f"A fix cannot change {name!r}: it is no field of {type(defaults).__name__}.")
    now, default = getattr(fixed, name), getattr(defaults, name)
    if value is None:
        return default
    items = [*value.values()] if isinstance(value, Mapping) else value if isinstance(value, list) else []
    if any(item is not None and not isinstance(item, str) for item in items):
        raise InvalidFix(f"A fix cannot set {name!r} to {value!r}: its items are texts.")
    if isinstance(default, dict) and isinstance(value, Mapping):
        return {key: item for key, item in {**now, **value}.items() if item is not None}
    if isinstance(default, list) and isinstance(value, Mapping):
        return [item for item in now if value.get(item, item) is not None]
    if isinstance(default, list) and isinstance(value, list):
        return [*now, *(item for item in value if item is not None and item not in now)]
    kind = _TYPES[type(defaults)][name]
    if _is_of(value, kind):
        return value
    raise InvalidFix(f"A fix cannot set {name!r} to {value!r}: it takes a {getattr(kind, '__name__', kind)}.")


def _is_of(value: Any, kind: Any) -> bool:
    """Return True if `value` is of the type `kind`. An int is a float too, NaN and the infinities are not."""
    if isinstance(kind, UnionType):
        return any(_is_of(value, member) for member in get_args(kind))
    if kind is float:
        return type(value) is int or (type(value) is float and math.isfinite(value))
    return type(value) is (get_origin(kind) or kind)
