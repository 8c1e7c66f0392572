"""The columns that a prediction may only rise or only fall with, in the order of a model's features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.spec import Algorithm
from common.messages import _
from common.problems import Problem
from tables.recipe import Recipe

FIELD = "recipe.monotone"
DIRECTIONS = {"up": 1, "down": -1}
ORDERED = ("number", "boolean")  # encodings whose one number has the order of the column


def check_monotone(schema: Mapping[str, Any], recipe: Recipe, algorithm: Algorithm) -> None:
    """Raise Problem for a column of `recipe` that cannot be constrained."""
    if not recipe.monotone:
        return
    if not algorithm.data.monotone:
        text = _("%(title)s takes no monotone constraints. Choose none, or another algorithm.", title=algorithm.title)
        raise Problem(text, FIELD)
    columns = {column["name"]: column for column in schema["columns"]}
    for name in recipe.monotone:
        column = columns.get(name)
        if column is None:
            raise Problem(_("There is no column %(name)s to constrain.", name=repr(name)), FIELD)
        if column["role"] != "feature":
            raise Problem(_("%(name)s is no feature, so no prediction rises or falls with it.", name=name), FIELD)
        if column["encoding"] not in ORDERED:
            text = _("%(name)s is not a number in every row, so no prediction rises or falls with it.", name=name)
            raise Problem(text, FIELD)


def monotone_directions(schema: Mapping[str, Any], recipe: Recipe) -> tuple[int, ...]:
    """1, -1 or 0 for each feature of `schema` up to the last that is constrained."""
    directions: list[int] = []
    for column in schema["columns"]:
        if column["role"] == "feature":
            wanted = DIRECTIONS.get(recipe.monotone.get(column["name"], ""), 0)
            directions += [wanted if column["encoding"] in ORDERED else 0] * len(column["features"])
    while directions and not directions[-1]:
        directions.pop()
    return tuple(directions)
