"""The list of models: what they are filtered and sorted by, and their columns."""

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from models_app.models import Endpoint, Model, TrainingJob
from models_app.templatetags import console as draw
from models_app.training.list_parts import (
    algorithm_column,
    algorithm_property,
    algorithms_named,
    moment,
    owners_named,
)
from models_app.training.listing import FIGURES, best_metric, best_value, curve
from models_app.training.listing import UNREAD as JOB_UNREAD
from models_app.web import svg
from models_app.web.addresses import address
from models_app.web.listing import MINE
from models_app.web.lists import properties
from models_app.web.lists.kind import DASH, Column, ListKind, is_meant, linked, named, unread
from models_app.web.lists.properties import Type
from models_app.web.markup import format_html

LONGEST_BUCKET = 24  # characters of its name in a row

# Sub-selects and no joins: what is in progress or failed is found by its status, without a look at every model.
_JOBS, _ENDPOINTS = TrainingJob.objects.order_by(), Endpoint.objects.order_by()
AT_WORK = Q(job__in=_JOBS.filter(status__in=TrainingJob.LIVE)) | Q(
    endpoint__in=_ENDPOINTS.filter(status__in=Endpoint.UNSETTLED)
)
IN_TROUBLE = Q(job__in=_JOBS.filter(status=TrainingJob.Status.FAILED)) | Q(
    endpoint__in=_ENDPOINTS.filter(status=Endpoint.Status.FAILED)
)
DEPLOYED = Q(
    endpoint__in=_ENDPOINTS.filter(
        status__in=(Endpoint.Status.IN_SERVICE, Endpoint.Status.UPDATING, Endpoint.Status.ROLLING_BACK)
    )
)
_DEPLOYING = Q(endpoint__in=_ENDPOINTS.filter(status__in=(Endpoint.Status.LAUNCHING, Endpoint.Status.CREATING)))
_STATUSES: dict[str, Q] = {
    "Draft": Q(job=None),
    "Queued": Q(job__in=_JOBS.filter(status__in=(TrainingJob.Status.CREATED, TrainingJob.Status.LAUNCHING))),
    "Training": Q(job__in=_JOBS.filter(status=TrainingJob.Status.IN_PROGRESS)),
    "Stopping": Q(job__in=_JOBS.filter(status=TrainingJob.Status.STOPPING)),
    "Stopped": Q(job__in=_JOBS.filter(status=TrainingJob.Status.STOPPED)),
    "Failed": IN_TROUBLE,
    "Deploying": _DEPLOYING,
    "Deployed": DEPLOYED,
    "Ready": Q(job__status=TrainingJob.Status.COMPLETED) & ~DEPLOYED & ~_DEPLOYING & ~IN_TROUBLE,
}


_OF_ENDPOINT = ("described", "hours", "old_configs", "masked_columns", "drift", "load_test", "intent", "artifact")
# Of a model, its job and its endpoint, both of which lead to the model again: what neither list nor dashboard reads.
UNREAD = (
    *("recipe", "lineage", "card", "hyperparameters", "intent"),
    *unread(User, "owner", "username"),
    *(f"job__{name}" for name in ("described", *JOB_UNREAD)),
    *(f"endpoint__{name}" for name in _OF_ENDPOINT),
    *unread(Model, "job__model", "name", "code"),
    *unread(Model, "endpoint__model", "name"),
)


def visible():
    """Models as the list shows them, with all a row needs and none that is on its way out."""
    return Model.objects.filter(deleting=False).select_related("owner", "job__model", "endpoint__model")


def _words(word: str) -> Q:
    condition = Q(name__icontains=word) | Q(data_uri__icontains=word) | algorithms_named(word) | owners_named(word)
    for status, where in _STATUSES.items():
        if is_meant(word, status, _(status)):
            condition |= where
    return condition


def _status_is(word: str) -> Q | None:
    return next((q for s, q in _STATUSES.items() if word.casefold() in (s.casefold(), _(s).casefold())), None)


def _statuses() -> str:
    return ", ".join(_(status) for status in _STATUSES)


def _views(user) -> tuple:
    return (
        ("all", gettext_lazy("All"), Q()),
        ("running", gettext_lazy("In progress"), AT_WORK),
        ("attention", gettext_lazy("Needs attention"), IN_TROUBLE),
        ("deployed", gettext_lazy("Deployed"), DEPLOYED),
        (MINE, gettext_lazy("Created by me"), Q(owner=user)),
    )


def _name(model: Model) -> SafeString:
    return linked("model", model.name, model.owner.username)


def _status(model: Model) -> SafeString:
    note = model.status_note
    drawn = format_html('<span class="t-note" title="{0}">{0}</span>', note) if note else ""
    return format_html(
        '<span class="t-status">{}<span class="row row--tight">{}{}</span></span>',
        draw.status(model),
        svg.rail(model.stages, model.pct),
        drawn,
    )


def _data(model: Model) -> SafeString:
    rows = model.schema.get("rows")
    words = ngettext("%(shown)s row", "%(shown)s rows", rows) % {"shown": f"{rows:,}"} if rows else ""
    return format_html(
        '<span class="t-path" title="{}">{}</span><span class="t-sub"><span class="nowrap">{}</span> {}</span>',
        model.data_uri,
        draw.basename(model.data_uri),
        named(draw.bucket_of(model.data_uri), LONGEST_BUCKET),
        format_html('<span class="nowrap">· {}</span>', words) if words else "",
    )


def _endpoint(model: Model) -> SafeString:
    endpoint = model.endpoint
    if not endpoint:
        return DASH
    return format_html(
        '<span class="row row--tight nowrap c-end">{}<span class="vh">{}</span><a href="{}">{}</a></span>',
        draw.sicon(endpoint.tone),
        _(endpoint.status_word),
        address("endpoint", endpoint.name),
        named(endpoint.name),
    )


PROPERTIES = (
    properties.field("name", gettext_lazy("Name"), Type.TEXT),
    properties.choice("status", gettext_lazy("Status"), "job__status", _status_is, _statuses, nullable=True),
    algorithm_property(),
    properties.field("owner", gettext_lazy("Owner"), Type.TEXT, "owner__username"),
    properties.field("data", gettext_lazy("Training data"), Type.TEXT, "data_uri"),
    properties.field("endpoint", gettext_lazy("Endpoint"), Type.TEXT, "endpoint__name", nullable=True),
    properties.field("created", gettext_lazy("Created"), Type.MOMENT),
)
COLUMNS = (
    Column("name", gettext_lazy("Name"), _name, lambda model: model.name, "c-name", "name"),
    Column("status", gettext_lazy("Status"), _status, lambda model: _(model.status_word), "c-status", "status"),
    algorithm_column(),
    Column("data", gettext_lazy("Training data"), _data, lambda model: model.data_uri, sort="data"),
    Column("metric", gettext_lazy("Best metric"), best_metric, best_value, sort="metric"),
    Column("curve", gettext_lazy("Curve"), curve, lambda model: "", "hide-m"),
    Column(
        "endpoint",
        gettext_lazy("Endpoint"),
        _endpoint,
        lambda model: model.endpoint.name if model.endpoint else "",
        sort="endpoint",
    ),
    Column(
        "owner",
        gettext_lazy("Owner"),
        lambda model: model.owner.username,
        lambda model: model.owner.username,
        sort="owner",
    ),
    Column(
        "created",
        gettext_lazy("Created"),
        lambda model: draw.ago(model.created),
        lambda model: moment(model.created),
        "nowrap sec",
        "created",
    ),
)
MODELS = ListKind(
    key="models",
    title=gettext_lazy("SageMaker Models"),
    room="catalog",
    topic="models",
    rows=visible,
    job="job",
    properties={each.key: each for each in PROPERTIES},
    figures=FIGURES,
    columns={each.key: each for each in COLUMNS},
    default_columns=("name", "status", "algorithm", "data", "metric", "curve", "endpoint", "created"),
    sort="-created",
    words=_words,
    views=_views,
    is_settled=lambda model: model.is_settled,
    tagged="model",
    deferred=dict.fromkeys(UNREAD, ""),
)
