"""What the buttons of the Create model form do to the form."""

import json

import algorithms
from jobs.hyperparameters import carry_over, preset_values
from models_app.account.roles import may_change
from models_app.create import hyperparameters
from models_app.create.form import CreateForm
from models_app.create.form_kinds import form_class
from models_app.data import scans
from models_app.models import Scan


def apply_action(data) -> tuple[CreateForm, str]:
    """The form after the button that `data` names, and what that did, in words; "" for no button."""
    form = form_class(data)(data).unbound()
    for button in ("fix", "undo"):
        if button in data:
            label, changes = parse_fix(data[button])
            return form.with_fix(changes), label
    if "preset" in data:
        form.values = dict(form.selected_algorithm.presets.get(data["preset"], form.values))
    elif "reset" in data:
        form.values = _reset(form, data["reset"])
    else:
        form = with_algorithm_values(form, data.get("of-algorithm", ""))
    return form, ""


def changes_hyperparameters(data) -> bool:
    """True if the action in `data` sets hyperparameters, so that their part of the page is rendered anew."""
    if "fix" in data or "undo" in data:
        _label, changes = parse_fix(data.get("fix") or data.get("undo", ""))
        return any(name == "algorithm" or name.startswith(hyperparameters.PREFIX) for name in changes)
    other = data.get("of-algorithm", "") not in ("", data.get("algorithm", ""))
    return other or "preset" in data or "reset" in data


def with_algorithm_values(form: CreateForm, before: str) -> CreateForm:
    """`form`, whose algorithm was `before`, with the hyperparameters of the one chosen now."""
    if before in algorithms.ALGORITHMS and before != form.selected_algorithm.name:
        form.values = carry_over(algorithms.get(before), form.selected_algorithm, form.values)
    return form


def parse_fix(text: str) -> tuple[str, dict]:
    """(label, changes) of a fix as a button or a link carries it; ("", {}) when it is none."""
    try:
        match json.loads(text):
            case {"label": str(label), "changes": dict(changes)}:
                return label, changes
    except (ValueError, RecursionError):
        pass
    return "", {}


def cancel_scan(user, number: str) -> None:
    """Cancel the scan `number`, if `user` may: another's may be waited for."""
    scan = Scan.objects.filter(pk=int(number) if number.isdecimal() else 0).first()
    if scan and may_change(user, scan):
        scans.cancel(scan)


def _reset(form: CreateForm, name: str) -> dict[str, str]:
    """The hyperparameters with `name`, or with "" all of them, back at the default; required ones at the preset."""
    defaults = preset_values(form.selected_algorithm)
    required = {
        spec.name: defaults.get(spec.name, "") for spec in form.selected_algorithm.hyperparameters if spec.required
    }
    if not name:
        return required
    return form.values | {name: required.get(name, "")}
