"""The list of transform jobs: what they are filtered and sorted by, and their columns."""

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from common import amounts
from models_app.models import TransformJob
from models_app.templatetags import console as draw
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
from models_app.training.listing import algorithm_is, algorithms_named, owners_named
from models_app.web.lists import properties
from models_app.web.lists.kind import DASH, Column, ListKind, named
from models_app.web.lists.properties import Type

Status = TransformJob.Status
NUMBER = "num nowrap"


def rows():
    """All transform jobs, with what a row shows."""
    return TransformJob.objects.select_related("owner", "model").defer(
        "described", "result", "model__schema", "model__recipe", "model__lineage"
    )


def _words(word: str) -> Q:
    own = Q(name__icontains=word) | Q(input_uri__icontains=word) | Q(sagemaker_model__icontains=word)
    return own | algorithms_named(word) | owners_named(word) | Q(status__in=statuses_named(Status, word))


def _model(row: TransformJob) -> SafeString:
    if not row.model:
        return named(row.sagemaker_model) if row.sagemaker_model else DASH
    return format_html('<a href="{}">{}</a>', reverse("model", args=[row.model.name]), named(row.model.name))


def _model_text(row: TransformJob) -> str:
    return row.model.name if row.model else row.sagemaker_model


def _file(row: TransformJob) -> SafeString:
    if not row.input_uri:
        return DASH
    return format_html('<span title="{}">{}</span>', row.input_uri, named(draw.basename(row.input_uri.rstrip("/"))))


def _count(number: int | None) -> str | SafeString:
    return DASH if number is None else f"{number:,}"


def _took(row: TransformJob) -> str | SafeString:
    return DASH if row.seconds is None else amounts.duration(row.seconds)


def _algorithm(row: TransformJob) -> str | SafeString:
    return draw.algorithm_title(row.algorithm) if row.algorithm else DASH


PROPERTIES = (
    properties.field("name", gettext_lazy("Name"), Type.TEXT),
    status_property(Status),
    properties.choice("algorithm", gettext_lazy("Algorithm"), "algorithm", algorithm_is, str),
    properties.field("owner", gettext_lazy("Owner"), Type.TEXT, "owner__username", nullable=True),
    properties.field("model", gettext_lazy("Model"), Type.TEXT, "model__name", nullable=True),
    properties.field("file", gettext_lazy("File"), Type.TEXT, "input_uri"),
    properties.field("rows", gettext_lazy("Rows"), Type.NUMBER, nullable=True),
    properties.field("instance", gettext_lazy("Instance"), Type.TEXT, "instance_type"),
    *moment_properties(),
)
COLUMNS = (
    name_column("transform"),
    status_column(),
    Column("model", gettext_lazy("Model"), _model, _model_text, sort="model"),
    Column("file", gettext_lazy("File"), _file, lambda row: row.input_uri, sort="file"),
    Column("rows", gettext_lazy("Rows"), lambda row: _count(row.rows), lambda row: row.rows, NUMBER, "rows"),
    Column(
        "failed",
        gettext_lazy("Failed rows"),
        lambda row: _count(row.failed_rows),
        lambda row: row.failed_rows,
        NUMBER,
    ),
    Column("took", gettext_lazy("Took"), _took, lambda row: row.seconds, NUMBER),
    Column("cost", gettext_lazy("Cost"), lambda row: amounts.money(row.cost), lambda row: row.cost, NUMBER),
    Column("algorithm", gettext_lazy("Algorithm"), _algorithm, lambda row: row.algorithm, sort="algorithm"),
    owner_column(),
    Column(
        "instance",
        gettext_lazy("Instance"),
        lambda row: row.instance_type,
        lambda row: row.instance_type,
        "nowrap",
        "instance",
    ),
    *moment_columns(),
)
BATCH_LIST = ListKind(
    key="batch",
    title=gettext_lazy("Batch prediction"),
    room="batch",
    topic="transforms",
    rows=rows,
    job=None,
    properties={each.key: each for each in PROPERTIES},
    figures=(),
    columns={each.key: each for each in COLUMNS},
    default_columns=("name", "status", "model", "file", "rows", "failed", "took", "created"),
    sort="-created",
    words=_words,
    views=views_of(TransformJob.LIVE, Status.FAILED, Status.COMPLETED),
    is_settled=lambda row: row.is_final,
)
