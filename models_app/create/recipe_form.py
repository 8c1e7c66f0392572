"""Reads what the Create model form says of its table.

The hidden control `recipe` carries everything; controls that are on the page go before it. A column's controls are
`col-type-<column>`, `col-num-<column>`, `col-mono-<column>` and the tick `col-in-<column>`, which is only believed
where the type is there; `col-auto-<column>` is there for one that is left out by itself.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_app.problems import Problem
from tables import Recipe, encodings
from tables.encodings import TITLES
from tables.recipe import DATE_FORMS, KINDS, NUMBERS

FIELD = "recipe"
IN, TYPE, NUMBER, AUTO, MONOTONE = "col-in-", "col-type-", "col-num-", "col-auto-", "col-mono-"

HEADERS = [
    ("", gettext_lazy("As found in the file")),
    ("yes", gettext_lazy("The first row is column names")),
    ("no", gettext_lazy("The first row is data")),
]
DELIMITERS = [
    ("", gettext_lazy("As found in the file")),
    (",", gettext_lazy("Comma")),
    (";", gettext_lazy("Semicolon")),
    ("tab", gettext_lazy("Tab")),
    ("|", gettext_lazy("Vertical bar")),
    ("space", gettext_lazy("Space")),
    ("blanks", gettext_lazy("One or more blanks")),
    ("fixed", gettext_lazy("Fixed widths")),
    ("ctrl-a", gettext_lazy("Ctrl-A")),
    *((sign, sign) for sign in ("^", "~", "::", "||", "¦", "§", "¬")),
]
QUOTING = [
    ("", gettext_lazy("As found in the file")),
    ("double", gettext_lazy('Double quotes, "a ""b"""')),
    ("blank", gettext_lazy('Double quotes after blanks, , "a"')),
    ("backslash", gettext_lazy('Double quotes with backslashes, "a \\"b\\""')),
    ("single", gettext_lazy("Single quotes, 'a'")),
    ("none", gettext_lazy("None; a quote is text")),
]
ALIGN_NAMES = [
    ("", gettext_lazy("As found in the file")),
    ("left", gettext_lazy("From the first column")),
    ("right", gettext_lazy("Up to the last column")),
]
ENCODINGS = [
    ("", gettext_lazy("As found in the file")),
    *((name, TITLES[name]) for name in encodings.ENCODINGS),
    ("latin-1", "Latin-1"),
    ("shift_jis", "Shift-JIS (JIS X 0208)"),
]
RAGGED = [("refuse", gettext_lazy("Name the row and stop")), ("drop", gettext_lazy("Leave the row out"))]
UNLABELLED = [("drop", gettext_lazy("Leave the row out")), ("refuse", gettext_lazy("Name the row and stop"))]
LABEL_WORDS = [
    ("", gettext_lazy("As found in the file")),
    ("keep", gettext_lazy("They are labels")),
    ("drop", gettext_lazy("Leave the row out")),
]
LABEL_CASE = [("", gettext_lazy("Labels as written")), ("merge", gettext_lazy("One label in any case"))]
DUPLICATES = [("keep", gettext_lazy("Keep them")), ("drop", gettext_lazy("Keep the first of them"))]
UNSEEN = [
    ("other", gettext_lazy("Predict as other")),
    ("refuse", gettext_lazy("Refuse the request")),
]
CLASS_WEIGHTS = [
    ("", gettext_lazy("Each row counts the same")),
    ("balanced", gettext_lazy("Each class counts the same")),
]
VALIDATION = [
    ("share", gettext_lazy("Hold out a share of the rows")),
    ("location", gettext_lazy("Use a second location")),
    ("time", gettext_lazy("Hold out the latest rows")),
    ("group", gettext_lazy("Hold out whole groups of rows")),
    ("none", gettext_lazy("None, learn from every row")),
]
REFIT = [  # at most 36 characters: what a select shows at 390 px
    ("yes", gettext_lazy("Training and validation rows")),
    ("folds", gettext_lazy("Training and validation, 5 folds")),
    ("no", gettext_lazy("Training rows")),
]
SHARES = ["0.1", "0.2", "0.3"]
TEST_SHARES = ["0", "0.1", "0.2", "0.3"]
TYPES = {
    "number": gettext_lazy("number"),
    "category": gettext_lazy("category"),
    "text": gettext_lazy("text"),
    "datetime": gettext_lazy("date or time"),
    "boolean": gettext_lazy("yes or no"),
}
MONOTONES = {"up": gettext_lazy("only rises"), "down": gettext_lazy("only falls")}
WRITTEN = {
    "currency": gettext_lazy("currency, $3"),
    "percent": gettext_lazy("percent, 45%"),
    "thousands": gettext_lazy("thousands, 1,234"),
    "comma": gettext_lazy("decimal comma, 3,14"),
    "unit": gettext_lazy("with a unit, 12 kg"),
    "accounting": gettext_lazy("accounting, (1,234.50) or 12-"),
    "scale": gettext_lazy("thousands or millions, 79.2K"),
    "bound": gettext_lazy("bounds, <0.01 or 10,000+"),
    "notation": gettext_lazy("other notations, 1.5D+03"),
    "change": gettext_lazy("rises and falls, ▲2.3% and ▼1.2%"),
}
CHOICES: dict[str, list[tuple[str, Any]]] = {
    "delimiter": DELIMITERS,
    "quoting": QUOTING,
    "align_names": ALIGN_NAMES,
    "encoding": ENCODINGS,
    "ragged": RAGGED,
    "unlabelled": UNLABELLED,
    "label_words": LABEL_WORDS,
    "label_case": LABEL_CASE,
    "duplicates": DUPLICATES,
    "unseen": UNSEEN,
    "class_weights": CLASS_WEIGHTS,
    "validation": VALIDATION,
}
_ALLOWED: dict[str, tuple[str, ...]] = {
    "types": KINDS,
    "numbers": NUMBERS,
    "dates": DATE_FORMS,
    "bad_cells": ("missing", "drop"),
    "monotone": ("up", "down"),
}
_HEADER = {"yes": True, "no": False, "": None}
SIGNS = {"tab": "\t", "space": " ", "ctrl-a": "\x01"}  # delimiters that a control has a word for

READING = (
    "header",
    "delimiter",
    "quoting",
    "align_names",
    "encoding",
    "ragged",
    "unlabelled",
    "label_words",
    "label_case",
    "duplicates",
    "reading",
)
_CONTROLS = {"location": "data_uri", "has_header": "header", "prepare": "reading"}
_CONTROLS |= dict.fromkeys(("excluded", "weight", "monotone", "types", "numbers", "dates", "bad_cells"), "columns")


def control_of(field: str) -> str:
    """The id of the control that a problem's `field` means: header for recipe.has_header."""
    name = field.removeprefix("recipe.")
    return _CONTROLS.get(name, name)


def read(data: Mapping[str, str]) -> tuple[Recipe, list[Problem]]:
    """The recipe that `data`, a POST or a query, asks for, and what in it cannot be read."""
    recipe, problems = parse(data.get(FIELD, "")), []
    if "header" in data:
        recipe.has_header = _HEADER.get(data["header"])
    for name in (*CHOICES, "target", "weight", "validation_uri", "time_column", "group_column"):
        if name in data:
            setattr(recipe, name, SIGNS.get(data[name], data[name]))
    if "prepare" in data:
        recipe.prepare = data["prepare"] != "no"
    if "refit" in data:
        recipe.refit, recipe.folds = data["refit"] != "no", data["refit"] == "folds"
    kinds: list[tuple[str, Callable, str]] = [
        ("validation_share", float, _("Enter a share from 0 to 0.9, for example 0.2.")),
        ("test_share", float, _("Enter a share from 0 to 0.9, for example 0.1.")),
        ("seed", int, _("Enter a whole number, for example 0.")),
    ]
    for name, kind, rule in kinds:
        if name in data:
            try:
                setattr(recipe, name, kind(data[name]))
            except ValueError:
                problems.append(Problem(rule, name))
    if data.get("validation_share") in ("0", "0.0") and "validation" not in data:
        recipe.validation = "none"
    recipe.validation_uri = recipe.validation_uri.strip()
    _columns(recipe, data)
    return valid(recipe.as_json()), problems


def _columns(recipe: Recipe, data: Mapping[str, str]) -> None:
    for key in data:
        if key.startswith(TYPE):
            name = key.removeprefix(TYPE)
            _set_or_clear(recipe.types, name, data[key])
            _set_or_clear(recipe.numbers, name, data.get(NUMBER + name, ""))
            _set_or_clear(recipe.monotone, name, data.get(MONOTONE + name, ""))
            out, automatic = IN + name not in data, AUTO + name in data
            recipe.excluded = [other for other in recipe.excluded if other != name] + [name] * (out and not automatic)
            recipe.included = [other for other in recipe.included if other != name] + [name] * (not out and automatic)


def _set_or_clear(into: dict[str, str], name: str, value: str) -> None:
    if value:
        into[name] = value
    else:
        into.pop(name, None)


def parse(text: str) -> Recipe:
    """The recipe of a hidden control; what cannot be read is left out."""
    try:
        fields_json = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        fields_json = {}
    return valid(fields_json if isinstance(fields_json, dict) else {})


def valid(stored: Mapping[str, Any]) -> Recipe:
    """A recipe of only those values of `stored` that a recipe may have, whoever wrote them."""
    defaults = Recipe()
    values: dict[str, Any] = {}
    for f in fields(Recipe):
        value: Any = stored.get(f.name)
        default = getattr(defaults, f.name)
        if f.name == "has_header":
            fits = value in (True, False)
        elif f.name in CHOICES:
            fits = value in [SIGNS.get(choice, choice) for choice, _label in CHOICES[f.name]] and value is not None
        elif isinstance(default, dict):
            allowed = _ALLOWED[f.name]
            value = {str(k): v for k, v in value.items() if v in allowed} if isinstance(value, dict) else None
            fits = value is not None
        elif isinstance(default, list):
            value = list(dict.fromkeys(map(str, value))) if isinstance(value, list) else None
            fits = value is not None
        elif isinstance(default, float):
            fits = isinstance(value, int | float) and not isinstance(value, bool) and value == value
        else:
            fits = type(value) is type(default)
        if fits:
            values[f.name] = value
    return Recipe(**values)


def restricted(recipe: Recipe, names: list[str]) -> Recipe:
    """`recipe` without what it says of columns that a table of the columns `names` does not have."""
    known, recipe_json = set(names), recipe.as_json()
    for name in ("types", "numbers", "dates", "bad_cells", "monotone"):
        recipe_json[name] = {column: value for column, value in getattr(recipe, name).items() if column in known}
    for name in ("excluded", "included"):
        recipe_json[name] = [column for column in getattr(recipe, name) if column in known]
    for name in ("target", "weight", "time_column", "group_column"):
        if getattr(recipe, name) not in known:
            recipe_json.pop(name, None)
    return valid(recipe_json)
