"""The list of training jobs: what they are filtered and sorted by, and their columns."""

from django.contrib.auth.models import User
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from algorithms import ALGORITHMS
from common import amounts
from models_app.models import TrainingJob
from models_app.models.property_values import BEST, COST, SECONDS
from models_app.templatetags import console as draw
from models_app.text import formats
from models_app.web.listing import MINE
from models_app.web.lists import kind, properties
from models_app.web.lists.kind import DASH, Column, Figure, ListKind, linked, named
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


def statuses_named(word: str) -> list[str]:
    """The statuses that a word of a search means: AWS's words, and ours in English and the person's language."""
    return [s.value for s in Status if kind.is_meant(word, s.value, s.label, _(s.label))]


def algorithm_is(word: str) -> Q | None:
    """The condition for an algorithm's name or title."""
    folded = word.casefold()
    names = [name for name, each in ALGORITHMS.items() if folded in (name.casefold(), each.title.casefold())]
    return Q(algorithm__in=names or [word])


def _words(word: str) -> Q:
    return Q(name__icontains=word) | algorithms_named(word) | owners_named(word) | Q(status__in=statuses_named(word))


def _status_is(word: str) -> Q | None:
    folded = word.casefold()
    meant = [s.value for s in Status if folded in (s.value.casefold(), s.label.casefold(), _(s.label).casefold())]
    return Q(status__in=meant) if meant else None


def _statuses() -> str:
    return ", ".join(dict.fromkeys(_(s.label) for s in Status))


def _views(user) -> tuple:
    return (
        ("all", gettext_lazy("All"), Q()),
        ("running", gettext_lazy("In progress"), Q(status__in=TrainingJob.LIVE)),
        ("attention", gettext_lazy("Needs attention"), Q(status=Status.FAILED)),
        ("done", gettext_lazy("Completed"), Q(status=Status.COMPLETED)),
        (MINE, gettext_lazy("Created by me"), Q(owner=user)),
    )


def _name(job: TrainingJob) -> SafeString:
    sub = format_html('<span class="tag tag--line">{}</span>', _("external")) if job.external else _owner(job)
    return linked("job", job.name, sub)


def _owner(job: TrainingJob) -> str:
    return job.owner.username if job.owner else "-"


def _status(job: TrainingJob) -> SafeString:
    note = job.status_note
    drawn = format_html('<span class="t-note" title="{0}">{0}</span>', note) if note else ""
    return format_html('<span class="t-status">{}{}</span>', draw.status(job), drawn)


def _model(job: TrainingJob) -> SafeString:
    if not job.model:
        return DASH
    return format_html('<a href="{}">{}</a>', reverse("model", args=[job.model.name]), named(job.model.name))


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


def moment(at) -> str:
    """A moment for a file, in UTC."""
    return at.isoformat(timespec="seconds") if at else ""


def _instance(job: TrainingJob) -> str:
    return job.instance_type


def _ran(job: TrainingJob) -> str | SafeString:
    return DASH if job.seconds is None else amounts.duration(job.seconds)


def _moment_column(key: str, title) -> Column:
    return Column(
        key, title, lambda job: draw.ago(getattr(job, key)), lambda job: moment(getattr(job, key)), "nowrap sec", key
    )


PROPERTIES = (
    properties.field("name", gettext_lazy("Name"), Type.TEXT),
    properties.choice("status", gettext_lazy("Status"), "status", _status_is, _statuses),
    properties.choice("algorithm", gettext_lazy("Algorithm"), "algorithm", algorithm_is, str),
    properties.field("owner", gettext_lazy("Owner"), Type.TEXT, "owner__username", nullable=True),
    properties.field("model", gettext_lazy("Model"), Type.TEXT, "model__name", nullable=True),
    properties.field("instance", gettext_lazy("Instance"), Type.TEXT, "instance_type"),
    properties.field("created", gettext_lazy("Created"), Type.MOMENT),
    properties.field("started", gettext_lazy("Started"), Type.MOMENT, nullable=True),
    properties.field("ended", gettext_lazy("Ended"), Type.MOMENT, nullable=True),
)
FIGURES = (
    Figure("metric", gettext_lazy("Best metric"), BEST, Type.NUMBER),
    Figure("ran", gettext_lazy("Ran"), SECONDS, Type.SECONDS),
    Figure("cost", gettext_lazy("Cost"), COST, Type.NUMBER),
)
COLUMNS = (
    Column("name", gettext_lazy("Name"), _name, lambda job: job.name, "c-name", "name"),
    Column("status", gettext_lazy("Status"), _status, lambda job: _(job.status_word), "c-status", "status"),
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
    Column("owner", gettext_lazy("Owner"), _owner, lambda job: job.owner.username if job.owner else "", sort="owner"),
    Column("instance", gettext_lazy("Instance"), _instance, _instance, "nowrap", "instance"),
    _moment_column("created", gettext_lazy("Created")),
    _moment_column("started", gettext_lazy("Started")),
    _moment_column("ended", gettext_lazy("Ended")),
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
    views=_views,
    is_settled=lambda job: job.is_final,
)
