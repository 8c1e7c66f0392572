"""The column that says how much each row counts: written behind the label, never a feature."""

from __future__ import annotations

from typing import Any

import polars as pl

from algorithms.spec import Algorithm
from common.messages import _, ngettext
from common.problems import Problem
from tables import encode_table
from tables.columns import column_problem
from tables.profile import ColumnProfile, Profile
from tables.recipe import Recipe

FIELD = "recipe.weight"
POSITION = 1  # of the weight in a row, from 0: behind the label


def assign_weight(schema: dict[str, Any], profile: Profile, recipe: Recipe, algorithm: Algorithm) -> None:
    """Give the weight of `recipe` its role in `schema`. Raises Problem if it can be no weight."""
    if not recipe.weight:
        return
    require_weights(algorithm)
    column = profile.column(recipe.weight)
    if column is None:
        raise Problem(_("There is no weight column %(name)s.", name=repr(recipe.weight)), FIELD)
    if problem := weight_problem(column, profile, recipe):
        raise Problem(problem, FIELD)
    if not schema["prepared"] and profile.columns.index(column) != POSITION:
        raise Problem(
            _(
                "%(title)s takes the second column for the weight, and %(name)s is another one. Let the console "
                "prepare the table.",
                title=algorithm.title,
                name=column.name,
            ),
            FIELD,
        )
    for described in schema["columns"]:
        if described["name"] == column.name:
            for key in ("encoding", "features"):
                described.pop(key, None)
            described["role"] = "weight"
    if not schema["prepared"]:
        schema["features"] = [c["name"] for c in schema["columns"] if c["role"] == "feature"]


def require_weights(algorithm: Algorithm) -> None:
    """Raise Problem for an algorithm whose rows have no weights."""
    if not algorithm.data.weights:
        raise Problem(
            _(
                "%(title)s takes no weights: its rows count the same. Choose no weight column, or another algorithm.",
                title=algorithm.title,
            ),
            FIELD,
        )


def weight_problem(column: ColumnProfile, profile: Profile, recipe: Recipe) -> str:
    """Why the whole column cannot be the weight, as a sentence; "" if it can, as far as the profile says."""
    name = column.name
    if name == profile.target:
        return _("%(name)s is predicted, so it cannot be the weight too.", name=name)
    if column.kind != "number":
        return _("The weight %(name)s is no number in every row. A weight is a number from 0.", name=name)
    if recipe.bad_cells.get(name) != "drop" and (problem := column_problem(column)):
        return problem
    if column.min is not None and column.min < 0:
        return _(
            "The weight %(name)s goes down to %(low)s. A weight is a number from 0.", name=name, low=f"{column.min:g}"
        )
    if profile.complete and column.max == 0:
        return _("The weight %(name)s is 0 in every row, so that none would count.", name=name)
    target = profile.column(profile.target)
    left_out = target.missing if target and recipe.unlabelled == "drop" else 0
    if column.missing > left_out:
        first = column.first_missing
        where = _(" The first is row %(row)s of %(file)s.", row=first.row, file=first.file) if first else ""
        return ngettext(
            "%(n)s row has no weight in column %(name)s.%(where)s Fill them in.",
            "%(n)s rows have no weight in column %(name)s.%(where)s Fill them in.",
            column.missing,
            name=name,
            where=where,
        )
    return ""


def weight_cell(column: ColumnProfile) -> pl.Expr:
    """The digits of the weight, null where the cell is none."""
    return encode_table.number_digits(column)


def refuse_bad_weights(frame: pl.DataFrame, weight: pl.Expr, name: str, file: str) -> None:
    """Raise Problem for the first row of `frame` that has no weight, or one below 0."""
    number = weight.cast(pl.Float64, strict=False)
    bad = frame.filter(number.is_null() | (number < 0))
    if len(bad):
        raise Problem(
            _(
                "A row of %(file)s has the weight %(value)s in column %(name)s. A weight is a number from 0.",
                file=file,
                value=repr(bad[name][0] or ""),
                name=name,
            ),
            FIELD,
        )
