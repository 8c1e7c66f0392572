"""What a spec changes of the model it was made from: only that, in words."""

from dataclasses import dataclass, fields

from django.utils.translation import gettext as _

import algorithms
from jobs import JobSpec
from models_app.models import Model
from models_app.text import formats
from tables import Recipe


@dataclass(frozen=True)
class Difference:
    """One setting that is no longer as it was; "" stands for its default."""

    label: str
    was: str
    now: str


def between(model: Model, spec: JobSpec) -> list[Difference]:
    """Every setting of `spec` that differs from what `model` was made with; the names always do and are left out."""
    pairs = [
        (_("Algorithm"), _title(model.algorithm), _title(spec.algorithm)),
        (_("Training data"), model.data_uri, spec.data_uri),
        *_recipe(model.how, spec.recipe),
        *_hyperparameters(model, spec),
        (_("Compute"), model.instance_type, spec.instance_type),
        (_("Stop after"), formats.duration(model.max_runtime), formats.duration(spec.max_runtime)),
        (_("Cost limit"), _money(model.cost_limit), _money(spec.cost_limit)),
        (_("Deploy when training is done"), _yes(model.deploy_when_done), _yes(spec.deploy_when_done)),
        (_("Deploy only if"), _gate(model), _gate(spec)),
        (_("Stop when idle for"), _hours(model.idle_hours), _hours(spec.idle_hours)),
    ]
    return [Difference(label, was, now) for label, was, now in pairs if was != now]


def _recipe(was: Recipe, now: Recipe) -> list[tuple[str, str, str]]:
    """The recipe's fields; what was found by itself (the header, the target) counts as the same when left open."""
    names = {
        "target": _("Target column"),
        "excluded": _("Columns left out"),
        "types": _("Column types"),
        "validation": _("Validation data"),
        "validation_share": _("Share held out"),
        "has_header": _("First row is column names"),
    }
    found = []
    for field in fields(Recipe):
        before, after = getattr(was, field.name), getattr(now, field.name)
        if field.name in ("target", "has_header") and after in ("", None):
            continue
        found.append((names.get(field.name, field.name), _written(before), _written(after)))
    return found


def _hyperparameters(model: Model, spec: JobSpec) -> list[tuple[str, str, str]]:
    names = {**model.hyperparameters, **spec.hyperparameters}
    return [(name, model.hyperparameters.get(name, ""), spec.hyperparameters.get(name, "")) for name in names]


def _written(value) -> str:
    if isinstance(value, bool):
        return _yes(value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {text}" for name, text in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _title(name: str) -> str:
    return algorithms.ALGORITHMS[name].title if name in algorithms.ALGORITHMS else name


def _yes(value: bool) -> str:
    return _("Yes") if value else _("No")


def _money(value: float | None) -> str:
    return "" if value is None else formats.money(value)


def _gate(of: Model | JobSpec) -> str:
    if of.deploy_threshold is None or not of.deploy_metric:
        return ""
    return f"{formats.metric_name(of.deploy_metric)} {of.deploy_threshold:g}"


def _hours(hours: int) -> str:
    return formats.duration(hours * 3600) if hours else _("Never")
