"""The controls of the Create model form that are options of a job, built from their declarations."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.instances import FAMILIES, larger
from jobs.options import Option
from jobs.spec import OPTIONS, JobSpec
from models_app.text import formats
from models_app.text.failure_causes import LARGER

# Where an endpoint costs money, one that nobody asks anything ends by itself.
DEFAULTS: dict[str, Any] = {"idle_hours": 24} if settings.BACKEND == "aws" else {}
FORM_OPTIONS: tuple[Option, ...] = tuple(option for option in OPTIONS if option.form)


def control(option: Option) -> forms.Field:
    """The form field of `option`; left empty, it means the default."""
    common: dict[str, Any] = {"required": False, "initial": DEFAULTS.get(option.name, option.default)}
    if option.name == "instance_type":
        groups = [(f"{family.name}: {family.title}", [(i.name, i.name) for i in family.types]) for family in FAMILIES]
        return forms.ChoiceField(choices=groups, **common)
    if option.choices:
        choices = [(value, gettext_lazy(label)) for value, label in option.choices]
        return forms.TypedChoiceField(choices=choices, coerce=option.type, **common)
    if option.type is bool:
        return forms.BooleanField(**common)
    if option.type is int:
        return forms.IntegerField(min_value=None if option.least is None else int(option.least), **common)
    if option.type is not str:
        return forms.FloatField(min_value=option.least, **common)
    return forms.CharField(**common)


_Metaclass: Any = type(forms.Form)  # it makes fields of a class's attributes
_Controls: Any = _Metaclass("_Controls", (forms.Form,), {o.name: control(o) for o in FORM_OPTIONS})


class OptionFields(_Controls):
    """A field for each option, called as the option is."""

    @property
    def families(self) -> list[tuple[str, list]]:
        """(title, instances) as the select groups them."""
        return [
            (title if family.confirmed else _("%(title)s (price not confirmed)") % {"title": title}, list(family.types))
            for family, title in ((family, f"{family.name}: {_(family.title)}") for family in FAMILIES)
        ]

    @property
    def metric_choices(self) -> list[tuple[str, str]]:
        """(name, label) of what the chosen algorithm can be judged by, held-out figures first."""
        return metric_choices(self.selected_algorithm, self["deploy_metric"].value() or "")  # type: ignore[attr-defined]


def metric_choices(algorithm, current: str = "") -> list[tuple[str, str]]:
    """What held-out rows tell of a model of `algorithm`, each once; `current` is the one chosen before, whatever it is.

    Of metrics with one title, as the accuracy of two and of many classes, the first stands for all
    (`deploy_policy.figure`).
    """
    channel = algorithm.data.validation
    measured = [m.name for m in algorithm.metrics if ":" not in m.name or m.name.rpartition(":")[0] == channel]
    titled = {formats.metric_name(name): name for name in reversed(measured)} if channel else {}
    names = [name for name in measured if titled.get(formats.metric_name(name)) == name]
    if current and current not in names:
        names.append(current)
    signs = {"max": _("%(metric)s at least"), "min": _("%(metric)s at most")}
    goals = {metric.name: metric.goal for metric in algorithm.metrics}
    return [(name, signs[goals.get(name, "max")] % {"metric": formats.metric_name(name)}) for name in names]


def of_spec(spec: JobSpec) -> dict[str, Any]:
    """The initial values of the fields for `spec`."""
    return {option.name: getattr(spec, option.name) for option in FORM_OPTIONS}


def resolve(changes: dict[str, Any], instance_type: str) -> dict[str, Any]:
    """A fix's `changes` with the instance that comes after `instance_type` for "larger"."""
    resolved = dict(changes)
    if resolved.get("instance_type") == LARGER:
        resolved["instance_type"] = larger(instance_type) or instance_type
    return resolved


def read(cleaned: dict[str, Any]) -> dict[str, Any]:
    """The options in `cleaned`; a field that is empty or could not be read has its initial value."""
    values: dict[str, Any] = {}
    for option in FORM_OPTIONS:
        value, initial = cleaned.get(option.name), DEFAULTS.get(option.name, option.default)
        values[option.name] = initial if value in (None, "") else value
    if values["deploy_threshold"] is None:
        values["deploy_metric"] = ""
    return values


def labels() -> dict[str, str]:
    """What a field is called where its mistakes are listed."""
    return {option.name: _(option.label) for option in FORM_OPTIONS}
