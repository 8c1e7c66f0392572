"""What stands on the Create model page beside the form itself: the data as it is found, and what was checked of it."""

import json

import algorithms
from models_app import checked, lake
from models_app.forms import hyperparameters, recipe
from models_app.forms.algorithms import hint
from models_app.forms.create import CreateForm
from models_app.forms.panel import Panel, Press
from models_app.forms.preview import preview
from models_app.problems import Problem
from tables import Recipe


def acted(data) -> tuple[CreateForm, str]:
    """The form after the button in `data` that was pressed, and what that did, in words ("" when it was none)."""
    form = CreateForm(data).unchecked()
    for button in ("fix", "undo"):
        if button in data:
            label, changes = _fix(data[button])
            made = form.having(changes, undo=button == "undo")
            return followed(made, form.chosen.name), label
    before = data.get("hp-of", "")
    if "preset" in data:
        form.given = dict(form.chosen.presets.get(data["preset"], form.given))
    elif "reset" in data:
        form.given = _reset(form, data["reset"])
    else:
        form = followed(form, before)
    return form, ""


def changes_hyperparameters(data) -> bool:
    """What was pressed or chosen sets hyperparameters, so that their part of the page is to be shown anew."""
    if "fix" in data or "undo" in data:
        _label, changes = _fix(data.get("fix") or data.get("undo", ""))
        return any(name == "algorithm" or name.startswith(hyperparameters.PREFIX) for name in changes)
    other = data.get("hp-of", "") not in ("", data.get("algorithm", ""))
    return other or "preset" in data or "reset" in data


def followed(form: CreateForm, before: str) -> CreateForm:
    """`form`, whose algorithm was `before`, with the hyperparameters of the one chosen now."""
    if before in algorithms.ALGORITHMS and before != form.chosen.name:
        form.given = hyperparameters.carried(algorithms.get(before), form.chosen, form.given)
    return form


def _fix(text: str) -> tuple[str, dict]:
    try:
        given = json.loads(text)
        return str(given["label"]), dict(given["changes"])
    except (ValueError, TypeError, KeyError):
        return "", {}


def _reset(form: CreateForm, name: str) -> dict[str, str]:
    """The hyperparameters with `name`, or with "" all of them, back at the default; required ones at the preset."""
    usual = hyperparameters.start(form.chosen)
    needed = {spec.name: usual.get(spec.name, "") for spec in form.chosen.hyperparameters if spec.required}
    if not name:
        return needed
    return form.given | {name: needed.get(name, "")}


def seen(form: CreateForm, user=None) -> dict:
    """What the template needs of the form's data: its preview, or why there is none.

    Takes out of the form's recipe what it says of columns that are not there; a wrong target stays, to be seen.
    """
    uri = (form["data_uri"].value() or "").strip()
    if not uri:
        return {}
    target = form.recipe.target
    found = look(uri, form.recipe)
    if "data_problem" in found and found["data_problem"].field == "target":
        form.recipe.target = ""
        found = look(uri, form.recipe)
    if "inspection" not in found:
        form.recipe.target = target
        return found
    inspection = found["inspection"]
    form.recipe = recipe.fitting(form.recipe, [column.name for column in inspection.columns])
    draft = form.draft()
    report = checked.report(draft, inspection)
    form.recipe.target = target
    changes = [Press.of(fix) for fix in recipe.applied(form.recipe)]
    shown = preview(inspection, form.recipe, report, form.find, form.chosen.supervised)
    return found | {"preview": shown, "panel": Panel(report, changes), "hint": hint(inspection)}


def look(uri: str, how: Recipe | None = None) -> dict:
    """{"inspection"} of the table at `uri`, or {"data_problem"}."""
    try:
        return {"inspection": lake.inspect(uri, how)}
    except Problem as problem:
        return {"data_problem": problem}
