"""What the model page shows beside its job: figures, and where its endpoint is called."""

import os

from django.conf import settings
from django.utils.translation import gettext as _

from models_app import formats, prices

DAY = 86400  # seconds


def kpis_of(model) -> list[tuple[str, str, str]]:
    """(label, value, note) of the five figures under the pipeline; "-" where there is none yet."""
    job = model.job
    if job is None:
        return []
    metric, schema = job.metric, model.schema or {}
    best = (_("Metric"), "-", "" if job.is_final else _("After the first round"))
    if metric:
        note = _("Best at round %(round)d") % {"round": metric.best_round}
        best = (_metric_title(metric.name), formats.metric(metric.best, metric.name), note)
    of = _("of %(count)s")
    rounds = of % {"count": f"{job.rounds:,}"} if job.rounds else ""
    held = schema.get("validation_rows")
    held_of = of % {"count": f"{schema['rows']:,}"} if held is not None and "rows" in schema else ""
    if job.is_final:
        time = (_("Training time"), formats.duration(job.seconds), job.instance_type)
    else:
        time = (_("Time left"), formats.duration(job.eta_seconds), job.instance_type)
    return [
        best,
        (_("Round"), f"{job.round:,}", rounds),
        time,
        (_("Cost"), formats.money(job.cost), _("On this machine") if settings.BACKEND == "engine" else _("So far")),
        (_("Held-out rows"), "-" if held is None else f"{held:,}", held_of),
    ]


def day_price(instance_type: str) -> float | None:
    """What AWS charges a day to keep an endpoint on `instance_type`, in US dollars; None when it is not known."""
    return prices.cost(instance_type, DAY)


def invocations_url(endpoint) -> str:
    """The address that predictions are sent to."""
    home = os.environ.get("AWS_ENDPOINT_URL") if settings.BACKEND == "engine" else ""
    return (
        f"{home or f'https://runtime.sagemaker.{settings.REGION}.amazonaws.com'}/endpoints/{endpoint.name}/invocations"
    )


def engine_address() -> str:
    """The one address of the engine; "" when predictions go to Amazon's own."""
    return os.environ.get("AWS_ENDPOINT_URL", "") if settings.BACKEND == "engine" else ""


def _metric_title(name: str) -> str:
    """ "validation:auc" is "Validation AUC"."""
    channel, title = name.replace("-", ":").partition(":")[0], formats.metric_name(name)
    words = {"validation": _("Validation %(metric)s"), "train": _("Training %(metric)s")}
    return words.get(channel, "%(metric)s") % {"metric": title}
