"""Figures of a model's page."""

from django.conf import settings
from django.utils.translation import gettext as _

from common import amounts
from jobs import instances
from models_app.catalog.evaluation import leading
from models_app.text import formats
from models_app.training.metrics import best_note, metric_title

DAY = 86400  # seconds


def kpis_of(model) -> list[tuple[str, str, str]]:
    """(label, value, note) of the five figures under the pipeline; "-" where there is none yet."""
    job = model.job
    if job is None:
        return []
    metric, schema = job.metric, model.schema or {}
    first = _("After the first epoch") if job.counts_epochs else _("After the first round")
    later = first if job.has_rounds else _("When training is over")
    best = (_("Metric"), "-", _("None was reported") if job.is_final or not job.is_judged else later)
    if metric:
        best = (metric_title(metric.name, job.algorithm), formats.metric(metric.best, metric.name), best_note(job))
    best = leading(job) or best
    of = _("of %(count)s")
    held = schema["validation_rows"] + schema.get("test_rows", 0) if "validation_rows" in schema else None
    held_of = of % {"count": f"{schema['rows']:,}"} if held is not None and "rows" in schema else ""
    if job.is_final:
        time = (_("Training time"), amounts.duration(job.seconds), job.instance_type)
    else:
        time = (_("Time left"), amounts.duration(job.eta_seconds), job.instance_type)
    return [
        best,
        _going(job, schema),
        time,
        (_("Cost"), amounts.money(job.cost), _("On this machine") if settings.BACKEND == "engine" else _("So far")),
        (_("Held-out rows"), "-" if held is None else f"{held:,}", held_of),
    ]


def day_price(instance_type: str) -> float | None:
    """What AWS charges a day to keep an endpoint on `instance_type`, in US dollars; None when it is not known."""
    return instances.cost(instance_type, DAY)


def _going(job, schema: dict) -> tuple[str, str, str]:
    """How far the training is, in what its algorithm counts; the features where it counts nothing."""
    if job.has_rounds:
        of = _("of %(count)s") % {"count": f"{job.rounds:,}"} if job.rounds else ""
        return _("Epoch") if job.counts_epochs else _("Round"), f"{job.round:,}", of
    features = schema.get("features")
    return _("Features"), f"{len(features):,}" if features else "-", _("Numbers a row")
