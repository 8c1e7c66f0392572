"""A Create model form as a link, and back: everything that is not at its default is in the query string."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from jobs.hyperparameters import changed
from models_app.create import hyperparameters, recipe_form
from models_app.create.form import CreateForm

LONG_NAMES = {"data": "data_uri"}  # shorter in an address
NOT_SHARED = ("intent", "origin")
OFF = ("", "no", "off", "false", "False", "0")


def query(form: CreateForm) -> str:
    """The query string that fills a fresh form like `form`; "" for one that was left alone."""
    fresh = CreateForm(initial={"algorithm": form.chosen.name})
    pairs: dict[str, str] = {}
    for name in form.base_fields:
        text = _text(form[name].value())
        if name not in NOT_SHARED and text != _text(fresh[name].value()):
            pairs[name] = text
    if form.chosen.name != CreateForm().chosen.name:
        pairs["algorithm"] = form.chosen.name
    if form.recipe != fresh.recipe:
        pairs[recipe_form.FIELD] = form.recipe_text
        if form.recipe.target == pairs.get("target"):
            pairs.pop("target")
    now, usual = (changed(form.chosen, given) for given in (form.given, fresh.given))
    for name in {**usual, **now}:
        if now.get(name) != usual.get(name):
            pairs[hyperparameters.PREFIX + name] = now.get(name, "")
    short = {long: short for short, long in LONG_NAMES.items()}
    return urlencode({short.get(name, name): value for name, value in pairs.items()})


def filled(asked: Mapping[str, str]) -> CreateForm:
    """The form that the query `asked` describes; what it does not name has its default."""
    named = {LONG_NAMES.get(name, name): value for name, value in asked.items()}
    initial: dict[str, Any] = {}
    for name, field in CreateForm.base_fields.items():
        if name in named and name not in NOT_SHARED:
            initial[name] = named[name] not in OFF if field.__class__.__name__ == "BooleanField" else named[name]
    how, _problems = recipe_form.read(asked)
    if how.target:
        initial["target"] = how.target
    form = CreateForm(initial=initial, how=how)
    form.given |= hyperparameters.given(asked)
    return form


def _text(value: Any) -> str:
    """A field's value as the query writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
