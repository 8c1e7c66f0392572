"""What a recipe changes about its table, in words, with the fixes that take it back."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from models_app.create import recipe_form
from preflight import Fix
from tables import Inspection, Recipe
from tables.left_out import left_out_by_itself

MAX_NAMED = 3  # columns left out that are named one by one
_READ_AS = {
    "currency": gettext_lazy("%(column)s read as amounts of money, such as $3"),
    "percent": gettext_lazy("%(column)s read as percentages, such as 45%%"),
    "thousands": gettext_lazy("%(column)s read with thousands separators, such as 1,234"),
    "comma": gettext_lazy("%(column)s read with a decimal comma, such as 3,14"),
    "unit": gettext_lazy("%(column)s read without its unit, such as 12 kg"),
    "accounting": gettext_lazy("%(column)s read with signs behind or brackets, such as (1,234.50)"),
    "scale": gettext_lazy("%(column)s read in thousands or millions, such as 79.2K"),
    "bound": gettext_lazy("%(column)s read at its bounds, such as <0.01"),
    "notation": gettext_lazy("%(column)s read in another notation, such as 1.5D+03"),
    "change": gettext_lazy("%(column)s read as rises and falls, such as ▼1.2%%"),
}
_DATES_AS = {
    "iso": gettext_lazy("%(column)s read as dates with the year first, such as 2024-01-31"),
    "dmy": gettext_lazy("%(column)s read as dates with the day first, such as 31/01/2024"),
    "mdy": gettext_lazy("%(column)s read as dates with the month first, such as 01/31/2024"),
    "ymd": gettext_lazy("%(column)s read as dates with a short year first, such as 24/01/31"),
    "iso-be": gettext_lazy("%(column)s read as dates of the Buddhist era, such as 2567-01-31"),
    "dmy-be": gettext_lazy("%(column)s read as dates of the Buddhist era, such as 31/01/2567"),
}


def undo_fixes(recipe: Recipe, table: Inspection | None = None) -> list[Fix]:
    """Everything that is changed about the table, in words, with the changes that take it back.

    The recipe changes it, and what is left out of `table` by itself.
    """
    fixes: list[Fix] = []
    for column, reason in left_out_by_itself(recipe, table).items() if table else ():
        if column not in recipe.excluded:
            label = _("%(column)s left out. %(reason)s") % {"column": column, "reason": reason}
            fixes.append(Fix(label, {"recipe.included": [column]}))

    def say(label, name: str, *columns: str) -> None:
        fixes.append(Fix(str(label), {f"recipe.{name}": dict.fromkeys(columns) or None}))

    if recipe.has_header is not None:
        say(dict(recipe_form.HEADERS)["yes" if recipe.has_header else "no"], "has_header")
    if recipe.delimiter:
        words = {recipe_form.SIGNS.get(choice, choice): label for choice, label in recipe_form.DELIMITERS}
        say(_("Cells end at: %(sign)s") % {"sign": words[recipe.delimiter]}, "delimiter")
    if recipe.quoting:
        say(_("Quotes: %(how)s") % {"how": dict(recipe_form.QUOTING)[recipe.quoting]}, "quoting")
    if recipe.align_names:
        say(_("Names stand: %(where)s") % {"where": dict(recipe_form.ALIGN_NAMES)[recipe.align_names]}, "align_names")
    if recipe.encoding:
        say(_("Read as %(encoding)s") % {"encoding": dict(recipe_form.ENCODINGS)[recipe.encoding]}, "encoding")
    for column, kind in recipe.types.items():
        say(_("%(column)s read as %(kind)s") % {"column": column, "kind": recipe_form.TYPES[kind]}, "types", column)
    for column, way in recipe.numbers.items():
        say(_READ_AS[way] % {"column": column}, "numbers", column)
    for column, form in recipe.dates.items():
        say(_DATES_AS[form] % {"column": column}, "dates", column)
    for column, way in recipe.bad_cells.items():
        text = _("%(column)s: rows left out where the cell is no number") if way == "drop" else None
        text = text or _("%(column)s: cells that are no number count as missing")
        say(text % {"column": column}, "bad_cells", column)
    if 0 < len(recipe.excluded) <= MAX_NAMED:
        for column in recipe.excluded:
            say(_("%(column)s left out") % {"column": column}, "excluded", column)
    elif recipe.excluded:
        n = len(recipe.excluded)
        say(ngettext("%(n)d column left out", "%(n)d columns left out", n) % {"n": n}, "excluded")
    for column in recipe.included:
        say(_("%(column)s learned from") % {"column": column}, "included", column)
    for column, way in recipe.monotone.items():
        text = _("Predictions only rise with %(column)s") if way == "up" else _("Predictions only fall with %(column)s")
        say(text % {"column": column}, "monotone", column)
    if recipe.weight:
        say(_("Rows count by %(column)s") % {"column": recipe.weight}, "weight")
    if recipe.class_weights:
        say(_("Each class counts the same, however few rows it has"), "class_weights")
    if recipe.ragged == "drop":
        say(_("Rows of another width are left out"), "ragged")
    if recipe.unlabelled == "refuse":
        say(_("A row without a label stops the work"), "unlabelled")
    if recipe.label_words == "keep":
        say(_("Words such as None are labels"), "label_words")
    if recipe.label_words == "drop":
        say(_("Words such as None are no labels"), "label_words")
    if recipe.label_case == "merge":
        say(_("Labels that differ in capitals only are one"), "label_case")
    if recipe.duplicates == "drop":
        say(_("Repeated rows are left out"), "duplicates")
    if recipe.unseen == "refuse":
        say(_("The endpoint refuses categories that training did not have"), "unseen")
    if not recipe.prepare:
        say(_("The file goes to the algorithm exactly as it is"), "prepare")
    return fixes
