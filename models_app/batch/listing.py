"""The list of transform jobs: what they are filtered and sorted by, and their columns."""

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from models_app.models import TransformJob
from models_app.templatetags import console as draw
from models_app.training.list_parts import (
    NUMBER,
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
    owner_column,
    seconds_column,
    status_column,
    words_in,
)
from models_app.web.lists import properties
from models_app.web.lists.kind import DASH, Column, named
from models_app.web.lists.properties import Type
from models_app.web.markup import format_html

Status = TransformJob.Status


def rows():
    """All transform jobs, with what a row shows."""
    return TransformJob.objects.select_related("owner", "model").defer(
        "described", "result", "model__schema", "model__recipe", "model__lineage"
    )


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


PROPERTIES = (
    *first_properties(Status),
    model_property(),
    properties.field("file", gettext_lazy("File"), Type.TEXT, "input_uri"),
    properties.field("rows", gettext_lazy("Rows"), Type.NUMBER, nullable=True),
    instance_property(),
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
    seconds_column("took", gettext_lazy("Took")),
    cost_column(),
    algorithm_column(),
    owner_column(),
    instance_column(),
    *moment_columns(),
)
BATCH_LIST = job_list(
    TransformJob,
    key="batch",
    title=gettext_lazy("Batch prediction"),
    room="batch",
    rows=rows,
    properties=PROPERTIES,
    columns=COLUMNS,
    default_columns=("name", "status", "model", "file", "rows", "failed", "took", "created"),
    words=words_in(Status, "name", "input_uri", "sagemaker_model"),
)
