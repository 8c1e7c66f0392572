"""The list of training jobs: what they are filtered and sorted by, and their columns."""

from django.contrib.auth.models import User
from django.db.models.fields.json import KT
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from models_app.models import Model, TrainingJob
from models_app.models.property_values import BEST, COST, SECONDS
from models_app.templatetags import console as draw
from models_app.text import formats
from models_app.training.list_parts import (
    algorithm_column,
    cost_column,
    first_properties,
    instance_column,
    instance_property,
    job_list,
    model_property,
    moment_columns,
    moment_properties,
    name_column,
    origin,
    owner_column,
    seconds_column,
    status_column,
    words_in,
)
from models_app.web.addresses import address
from models_app.web.lists.kind import DASH, Column, Figure, named, unread
from models_app.web.lists.properties import Type
from models_app.web.markup import format_html
from models_app.web.svg import spark

Status = TrainingJob.Status


_OF_OTHERS = (*unread(User, "owner", "username"), *unread(Model, "model", "name", "code", "owner"))
# Fields that the list does not read: of rows that are wide, and each costs time.
UNREAD = (
    *("channels", "content_types", "final_metrics", "test_figures", "content_type", "intent", "launch_attempts"),
    *("log_stream", "log_token", "artifact", "evaluated", "modified"),
)


def rows():
    """All jobs, with what a row shows."""
    return TrainingJob.objects.select_related("owner", "model").defer(*_OF_OTHERS)


def _origin(job: TrainingJob) -> SafeString | str:
    """The tuning job whose try it is, else whose it is."""
    name = (job.tuning_arn or "").rpartition("/")[2]
    if not name:
        return origin(job)
    words = _("Try of %(tuning_job)s") % {"tuning_job": name}
    return format_html('<a href="{}">{}</a>', address("tuning_job", name), words)


def _model(job: TrainingJob) -> SafeString:
    if not job.model:
        return DASH
    return format_html('<a href="{}">{}</a>', address("model", job.model.name), named(job.model.name))


def best_metric(thing) -> SafeString:
    """The best value of the metric that a job or a model is judged by, over its name."""
    metric = thing.metric
    if not metric:
        return DASH
    value, name = formats.metric(metric.best, metric.name), formats.metric_name(metric.name)
    return format_html('<b>{}</b><span class="t-sub">{}</span>', value, name)


def curve(thing) -> SafeString:
    """The learning curve of a job or a model, with its figure in words."""
    if not thing.curve:
        return DASH
    words, metric = "", thing.metric
    if metric:
        value, name = formats.metric(metric.best, metric.name), formats.metric_name(metric.name)
        words = format_html('<span class="vh">{} {}</span>', name, value)
    return format_html("{}{}", spark(thing.curve, thing.curve_upto, draw.curve_tone(thing)), words)


def best_value(thing) -> float | str:
    """The best value for a file."""
    return thing.metric.best if thing.metric else ""


PROPERTIES = (*first_properties(Status), model_property(), instance_property(), *moment_properties())
FIGURES = (
    Figure("metric", gettext_lazy("Best metric"), BEST, Type.NUMBER),
    Figure("ran", gettext_lazy("Ran"), SECONDS, Type.SECONDS),
    Figure("cost", gettext_lazy("Cost"), COST, Type.NUMBER),
)
COLUMNS = (
    name_column("job", _origin),
    status_column(),
    Column("model", gettext_lazy("Model"), _model, lambda job: job.model.name if job.model else "", sort="model"),
    algorithm_column(),
    Column("metric", gettext_lazy("Best metric"), best_metric, best_value, sort="metric"),
    Column("curve", gettext_lazy("Curve"), curve, lambda job: "", "hide-m"),
    seconds_column("ran", gettext_lazy("Ran"), "ran"),
    cost_column("cost"),
    owner_column(),
    instance_column(),
    *moment_columns(),
)  # fmt: skip
JOBS = job_list(
    TrainingJob,
    key="jobs",
    title=gettext_lazy("Training jobs"),
    room="training",
    rows=rows,
    job="",
    properties=PROPERTIES,
    figures=FIGURES,
    columns=COLUMNS,
    default_columns=("name", "status", "model", "algorithm", "metric", "curve", "ran", "created"),
    words=words_in(Status, "name"),
    deferred=dict.fromkeys(UNREAD, "") | {"described": "cost"},
    computed={"tuning_arn": KT("described__TuningJobArn")},  # SageMaker's answer names the tuning job of a try
)
