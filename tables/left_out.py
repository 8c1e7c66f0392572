"""Columns that are left out unless a person takes them back: numbers and names of rows, and answers nothing is told."""

from __future__ import annotations

from common.messages import _, gettext_noop
from tables.columns import is_row_id
from tables.inspection import Inspection
from tables.profile import ColumnProfile
from tables.recipe import Recipe
from tables.target_guess import is_answer, may_be_label

_FORMS = {
    "email": gettext_noop("It holds another e-mail address in nearly every row, so it only tells the rows apart."),
    "uri": gettext_noop("It holds another web address in nearly every row, so it only tells the rows apart."),
    "account": gettext_noop("It holds another account number in nearly every row, so it only tells the rows apart."),
    "code": gettext_noop("It holds another code of one form in nearly every row, so it only tells the rows apart."),
}


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
    return [*by_recipe, *(name for name in left_out_by_itself(recipe, inspection) if name not in by_recipe)]


def left_out_by_itself(recipe: Recipe, inspection: Inspection) -> dict[str, str]:
    """{column: why} of what `inspection` leaves out that `recipe` neither takes back nor splits the rows by."""
    splits_by = {"group": recipe.group_column, "time": recipe.time_column}.get(recipe.validation, "")
    stays = {*recipe.included, inspection.target_suggestion, splits_by}
    return {name: reason for name, reason in inspection.left_out.items() if name not in stays}


def _reason(column: ColumnProfile, inspection: Inspection, supervised: bool) -> str:
    if column.name in inspection.index_columns:
        return _("It is the index of a pandas table.")
    if column.name.startswith("#") and inspection.has_header and not column.present:
        return _("It has no name and no values.")
    if is_row_id(column, inspection.has_header):
        return _("It only tells the rows apart.")
    if column.identifies:
        return _(_FORMS[column.identifies])
    if not supervised and is_answer(column.name) and may_be_label(column):
        return _("It looks like the answer, which is not there when the model is used.")
    return ""
