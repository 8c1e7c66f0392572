"""The list of training jobs: what they are filtered and sorted by, and their columns."""

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from algorithms import ALGORITHMS
from common import amounts
from models_app.models import TrainingJob
from models_app.models.property_values import BEST, COST, SECONDS
from models_app.templatetags import console as draw
from models_app.text import formats
from models_app.training.list_parts import (
    moment_columns,
    moment_properties,
    name_column,
    owner_column,
    status_column,
    status_property,
    statuses_named,
    views_of,
)
from models_app.web.addresses import address
from models_app.web.lists import kind, properties
from models_app.web.lists.kind import DASH, Column, Figure, ListKind, named
from models_app.web.lists.properties import Type
from models_app.web.svg import spark

Status = TrainingJob.Status
NUMBER = "num nowrap"


def rows():
    """All jobs, with what a row shows."""
    return TrainingJob.objects.select_related("owner", "model").defer(
        "model__schema", "model__recipe", "model__lineage"
    )


def algorithms_named(word: str) -> Q:
    """The condition on `algorithm` for a word of a search: the name that AWS has for it, or its title."""
    return Q(algorithm__in=[name for name, each in ALGORITHMS.items() if kind.is_meant(word, name, each.title)])


def owners_named(word: str) -> Q:
    """The condition on `owner` for a word of a search."""
    return Q(owner__in=User.objects.filter(username__icontains=word))


def algorithm_is(word: str) -> Q | None:
    """The condition for an algorithm's name or title."""
    folded = word.casefold()
    names = [name for name, each in ALGORITHMS.items() if folded in (name.casefold(), each.title.casefold())]
    return Q(algorithm__in=names or [word])


def _words(word: str) -> Q:
    return (
        Q(name__icontains=word)
        | algorithms_named(word)
        | owners_named(word)
        | Q(status__in=statuses_named(Status, word))
    )


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


def _instance(job: TrainingJob) -> str:
    return job.instance_type


def _ran(job: TrainingJob) -> str | SafeString:
    return DASH if job.seconds is None else amounts.duration(job.seconds)


PROPERTIES = (
    properties.field("name", gettext_lazy("Name"), Type.TEXT),
    status_property(Status),
    properties.choice("algorithm", gettext_lazy("Algorithm"), "algorithm", algorithm_is, str),
    properties.field("owner", gettext_lazy("Owner"), Type.TEXT, "owner__username", nullable=True),
    properties.field("model", gettext_lazy("Model"), Type.TEXT, "model__name", nullable=True),
    properties.field("instance", gettext_lazy("Instance"), Type.TEXT, "instance_type"),
    *moment_properties(),
)
FIGURES = (
    Figure("metric", gettext_lazy("Best metric"), BEST, Type.NUMBER),
    Figure("ran", gettext_lazy("Ran"), SECONDS, Type.SECONDS),
    Figure("cost", gettext_lazy("Cost"), COST, Type.NUMBER),
)
COLUMNS = (
    name_column("job"),
    status_column(),
    Column("model", gettext_lazy("Model"), _model, lambda job: job.model.name if job.model else "", sort="model"),
    Column(
        "algorithm",
        gettext_lazy("Algorithm"),
        lambda job: draw.algorithm_title(job.algorithm),
        lambda job: job.algorithm,
        sort="algorithm",
    ),
    Column("metric", gettext_lazy("Best metric"), best_metric, best_value, sort="metric"),
    Column("curve", gettext_lazy("Curve"), curve, lambda job: "", "hide-m"),
    Column("ran", gettext_lazy("Ran"), _ran, lambda job: job.seconds, NUMBER, "ran"),
    Column("cost", gettext_lazy("Cost"), lambda job: amounts.money(job.cost), lambda job: job.cost, NUMBER, "cost"),
    owner_column(),
    Column("instance", gettext_lazy("Instance"), _instance, _instance, "nowrap", "instance"),
    *moment_columns(),
)  # fmt: skip
JOBS = ListKind(
    key="jobs",
    title=gettext_lazy("Training jobs"),
    room="training",
    topic="jobs",
    rows=rows,
    job="",
    properties={each.key: each for each in PROPERTIES},
    figures=FIGURES,
    columns={each.key: each for each in COLUMNS},
    default_columns=("name", "status", "model", "algorithm", "metric", "curve", "ran", "created"),
    sort="-created",
    words=_words,
    views=views_of(TrainingJob.LIVE, Status.FAILED, Status.COMPLETED),
    is_settled=lambda job: job.is_final,
)
