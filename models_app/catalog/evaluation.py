"""The metrics of the test rows as a model's page shows them, beside those of the validation rows."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluation.kinds import KINDS
from models_app.catalog.figures import summary_of
from models_app.endpoints import deploy_policy
from models_app.models import Evaluation, Model, TrainingJob
from models_app.text import formats
from models_app.training.metrics import fold_words


@dataclass(frozen=True)
class TestMetric:
    """One metric in words; "-" where there is no figure."""

    __test__ = False  # not a test case, whatever its name says to pytest

    title: str
    validation: str
    test: str
    interval: str
    baseline: str


@dataclass(frozen=True)
class TestMetrics:
    """The card: a sentence on the rows, and the metrics once they are measured."""

    __test__ = False

    note: str
    metrics: list[TestMetric] = field(default_factory=list)
    is_waiting: bool = False  # for figures that are on their way


def metrics_of(model: Model) -> TestMetrics | None:
    """What is known of the test rows of `model`; None for one that has none and was to have none."""
    job, rows = model.job, model.schema.get("test_rows")
    if job is None or not (rows or (model.recipe.get("test_share") and rows == 0 and model.schema.get("label"))):
        return None
    if not rows:
        return TestMetrics(_("The table has too few rows for test rows, so nothing measures the model independently."))
    measured, problem = job.test_figures.get("rows", 0), job.test_figures.get("problem", "")
    if problem:
        return TestMetrics(_("The test rows were not measured: %(problem)s") % {"problem": problem})
    if not measured and Evaluation.objects.filter(job=job, on="", status__in=Evaluation.OPEN).exists():
        words = ngettext(
            "%(rows)s row is kept apart, and the model is being measured on it.",
            "%(rows)s rows are kept apart, and the model is being measured on them.",
            rows,
        )
        return TestMetrics(words % {"rows": f"{rows:,}"}, is_waiting=True)
    if not measured:
        words = ngettext(
            "%(rows)s row is kept apart. It is measured when the endpoint is in service.",
            "%(rows)s rows are kept apart. They are measured when the endpoint is in service.",
            rows,
        )
        is_waiting = bool(model.endpoint and model.endpoint.answers)
        return TestMetrics(words % {"rows": f"{rows:,}"}, is_waiting=is_waiting)
    words = ngettext(
        "On %(rows)s row kept apart, which neither stopped the training nor chose the model.",
        "On %(rows)s rows kept apart, which neither stopped the training nor chose the model.",
        measured,
    )
    return TestMetrics(
        " ".join(filter(None, (words % {"rows": f"{measured:,}"}, fold_words(job)))),
        [_metric(job, figure) for figure in job.test_figures["figures"]],
    )


def structure_of(model: Model) -> dict[str, Any] | None:
    """What the evaluation of a model without a label says (`figures.summary_of`); None for others, and before it."""
    evaluation = model.job.evaluation if model.job and not model.schema.get("label") else None
    document = evaluation.document if evaluation else {}
    return summary_of(document) if document.get("kind") in KINDS else None


def leading(job: TrainingJob) -> tuple[str, str, str] | None:
    """(title, value, note) of the test figure of the metric that `job` is judged by, else of the first one."""
    figures = job.test_figures.get("figures")
    if not figures:
        return None
    judged = formats.metric_name(job.metric.name) if job.metric else ""
    chosen = next((f for f in figures if formats.metric_name(f["name"]) == judged), figures[0])
    metric, rows = _metric(job, chosen), f"{job.test_figures['rows']:,}"
    title = _("Test %(metric)s") % {"metric": metric.title}
    if metric.interval == "-":
        return title, metric.test, _("On %(rows)s rows kept apart") % {"rows": rows}
    values = {"interval": metric.interval, "rows": rows, "baseline": metric.baseline}
    if chosen.get("baseline") is None:
        return title, metric.test, _("%(interval)s, on %(rows)s rows") % values
    return title, metric.test, _("%(interval)s, on %(rows)s rows; a constant answer has %(baseline)s") % values


def _metric(job: TrainingJob, figure: dict) -> TestMetric:
    name = figure["name"]
    bounds = [formats.metric(figure[bound], name) for bound in ("low", "high") if figure[bound] is not None]
    return TestMetric(
        formats.metric_name(name),
        formats.metric(deploy_policy.figure(job, name)[1], name),
        formats.metric(figure["value"], name),
        "–".join(bounds) or "-",
        formats.metric(figure.get("baseline"), name),
    )
