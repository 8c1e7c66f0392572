"""Columns that are left out unless a person takes them back: numbers and names of rows, and answers nothing is told."""

from __future__ import annotations

from common.messages import _
from tables.columns import is_row_id
from tables.inspection import Inspection
from tables.profile import ColumnProfile
from tables.recipe import Recipe
from tables.target_guess import is_answer, may_be_label


def suggest_left_out(inspection: Inspection, supervised: bool) -> dict[str, str]:
    """{column: why it is left out}, as a sentence; {} if nothing would be left to learn from."""
    profile = inspection.profile
    if profile is None or inspection.format == "libsvm":
        return {}
    reasons = {}
    for column in profile.columns:
        if reason := _reason(column, inspection, supervised):
            reasons[column.name] = reason
    features = {column.name for column in profile.columns} - {inspection.target_suggestion}
    reasons.pop(inspection.target_suggestion, None)
    return reasons if features - set(reasons) else {}


def excluded_columns(recipe: Recipe, inspection: Inspection) -> list[str]:
    """The columns that are no features: by `recipe`, its weight too, and those that nobody took back."""
    by_recipe = [*recipe.excluded, *([recipe.weight] if recipe.weight and recipe.weight not in recipe.excluded else [])]
    taken_back = {*recipe.included, *by_recipe, inspection.target_suggestion}
    return [*by_recipe, *(name for name in inspection.left_out if name not in taken_back)]


def _reason(column: ColumnProfile, inspection: Inspection, supervised: bool) -> str:
    if column.name in inspection.index_columns:
        return _("It is the index of a pandas table.")
    if column.name.startswith("#") and inspection.has_header and not column.present:
        return _("It has no name and no values.")
    if is_row_id(column, inspection.has_header):
        return _("It only tells the rows apart.")
    if not supervised and is_answer(column.name) and may_be_label(column):
        return _("It looks like the answer, which is not there when the model is used.")
    return ""
