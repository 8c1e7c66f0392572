"""The part of the Create model form about compute, cost and deployment: everything that works when left alone."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_app.create.instances import FAMILIES, USUAL, larger
from models_app.text import formats
from models_app.text.failure_causes import LARGER

HOUR = 3600
RUNTIMES = [
    (600, gettext_lazy("10 minutes")),
    (HOUR, gettext_lazy("1 hour")),
    (4 * HOUR, gettext_lazy("4 hours")),
    (24 * HOUR, gettext_lazy("24 hours")),
    (5 * 24 * HOUR, gettext_lazy("5 days")),
]
IDLE = [
    (0, gettext_lazy("Never")),
    (1, gettext_lazy("1 hour")),
    (4, gettext_lazy("4 hours")),
    (24, gettext_lazy("1 day")),
    (72, gettext_lazy("3 days")),
    (168, gettext_lazy("1 week")),
]
GROUPS = [(f"{family.name}: {family.title}", [(i.name, i.name) for i in family.types]) for family in FAMILIES]


class OptionFields(forms.Form):
    """The fields; `JobSpec` has all of them under the same names."""

    instance_type = forms.ChoiceField(choices=GROUPS, initial=USUAL.name)
    max_runtime = forms.TypedChoiceField(choices=RUNTIMES, coerce=int, initial=HOUR)
    cost_limit = forms.FloatField(required=False, min_value=0.01)
    deploy_when_done = forms.BooleanField(required=False, initial=True)
    endpoint_name = forms.CharField(required=False)
    deploy_metric = forms.CharField(required=False)
    deploy_threshold = forms.FloatField(required=False)
    # Where an endpoint costs money, one that nobody asks anything ends by itself.
    idle_hours = forms.TypedChoiceField(
        choices=IDLE, coerce=int, required=False, initial=24 if settings.BACKEND == "aws" else 0
    )
    origin = forms.CharField(required=False)  # the name of the model this form was filled from

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
        return metric_choices(self.chosen, self["deploy_metric"].value() or "")  # type: ignore[attr-defined]


def metric_choices(algorithm, kept: str = "") -> list[tuple[str, str]]:
    """What held-out rows tell of a model of `algorithm`, each once; `kept` is one chosen before, whatever it is.

    Of metrics with one title, as the accuracy of two and of many classes, the first stands for all (`gate.figure`).
    """
    channel = algorithm.data.validation
    told = [m.name for m in algorithm.metrics if ":" not in m.name or m.name.rpartition(":")[0] == channel]
    titled = {formats.metric_name(name): name for name in reversed(told)} if channel else {}
    names = [name for name in told if titled.get(formats.metric_name(name)) == name]
    if kept and kept not in names:
        names.append(kept)
    signs = {"max": _("%(metric)s at least"), "min": _("%(metric)s at most")}
    goals = {metric.name: metric.goal for metric in algorithm.metrics}
    return [(name, signs[goals.get(name, "max")] % {"metric": formats.metric_name(name)}) for name in names]


def of(model) -> dict[str, Any]:
    """The options that `model` was made with, as the form's initial values."""
    same = ("instance_type", "max_runtime", "cost_limit", "deploy_when_done", "deploy_metric", "deploy_threshold")
    return {name: getattr(model, name) for name in (*same, "idle_hours")} | {"origin": model.name}


def meant(changes: dict[str, Any], model) -> dict[str, Any]:
    """A fix's `changes` with the instance that comes after that of `model` for "larger"."""
    made = dict(changes)
    if made.get("instance_type") == LARGER:
        made["instance_type"] = larger(model.instance_type) or model.instance_type
    return made


def read(cleaned: dict[str, Any]) -> dict[str, Any]:
    """`JobSpec`'s arguments of `cleaned`, in which a field that could not be read may have its initial value."""
    return {
        "instance_type": cleaned["instance_type"],
        "max_runtime": int(cleaned["max_runtime"]),
        "cost_limit": cleaned.get("cost_limit"),
        "deploy_when_done": cleaned["deploy_when_done"],
        "endpoint_name": cleaned["endpoint_name"].strip(),
        "deploy_metric": cleaned.get("deploy_metric", "") if cleaned.get("deploy_threshold") is not None else "",
        "deploy_threshold": cleaned.get("deploy_threshold"),
        "idle_hours": int(cleaned.get("idle_hours") or 0),
    }


def labels() -> dict[str, str]:
    """What a field is called where its mistakes are listed."""
    return {
        "instance_type": _("Compute"),
        "max_runtime": _("Stop after"),
        "cost_limit": _("Cost limit"),
        "endpoint_name": _("Endpoint name"),
        "deploy_metric": _("Deploy only if"),
        "deploy_threshold": _("Deploy only if"),
        "idle_hours": _("Stop when idle"),
    }
