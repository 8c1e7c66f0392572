"""Applies a Fix to a job, as one press of its button does."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from jobs.spec import JobSpec
from preflight.finding import Fix

_TRAIN_ONLY = {"content_type": "content_types", "compression": "compression"}  # a form has one, a request one a channel


def applied(job: JobSpec, fix: Fix, channel: str = "train") -> JobSpec:
    """A copy of `job` with the changes of `fix` made. Into dicts and lists they are merged; None takes a thing out.

    Raises AttributeError for a field that a job does not have.
    """
    made = deepcopy(job)
    for name, value in fix.changes.items():
        if name.startswith("hp-"):
            _merge(made.hyperparameters, {name.removeprefix("hp-"): value})
        elif name in _TRAIN_ONLY:
            _merge(getattr(made, _TRAIN_ONLY[name]), {channel: value})
        elif name.startswith("recipe."):
            _set(made.recipe, name.removeprefix("recipe."), value)
        else:
            _set(made, name, value)
    return made


def _set(thing: Any, name: str, value: Any) -> None:
    was = getattr(thing, name)
    if isinstance(was, dict):
        _merge(was, value if value is not None else dict.fromkeys(was))
    elif isinstance(was, list):
        out = [key for key, kept in value.items() if kept is None] if isinstance(value, dict) else []
        more = value if isinstance(value, list) else []
        kept = [] if value is None else [item for item in was if item not in out]
        setattr(thing, name, kept + [item for item in more if item not in kept])
    else:
        setattr(thing, name, type(thing)().__dict__[name] if value is None else value)


def _merge(into: dict[str, Any], changes: dict[str, Any]) -> None:
    for key, value in changes.items():
        if value is None:
            into.pop(key, None)
        else:
            into[key] = value
