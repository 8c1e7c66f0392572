"""The columns that a list shows, and the values of those that its kind does not have itself: figures and tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.safestring import SafeString

from models_app.models import JobProperty, JobValue, Tag
from models_app.web.lists.kind import DASH, Column
from models_app.web.lists.properties import TAG
from models_app.web.lists.query import ListQuery
from models_app.web.markup import format_html


def values_of_rows(list_query: ListQuery, rows: Sequence) -> dict[tuple[int, str], Any]:
    """The JobValue of each job and name in columns of metrics and hyperparameters, the text of each row and tag."""
    kind = list_query.kind
    others = [key for key in list_query.columns if key not in kind.columns]
    tags = _tags_of_rows(kind.tagged, [key for key in others if key.startswith(TAG)], rows)
    return tags | _job_values(list_query, [key for key in others if not key.startswith(TAG)], rows)


def _tags_of_rows(to_row: str, columns: Sequence[str], rows: Sequence) -> dict[tuple[int, str], str]:
    if not columns:
        return {}
    keys = [column.removeprefix(TAG) for column in columns]
    tags = Tag.objects.filter(key__in=keys, **{f"{to_row}__in": [row.pk for row in rows]})
    return {(pk, TAG + key): value for pk, key, value in tags.values_list(f"{to_row}_id", "key", "value")}


def _job_values(list_query: ListQuery, columns: Sequence[str], rows: Sequence) -> dict[tuple[int, str], JobValue]:
    names = [list_query.properties[key].title for key in columns]
    jobs = [pk for row in rows if (pk := list_query.kind.job_of(row))]
    if not names or not jobs:
        return {}
    values = JobValue.objects.filter(job_id__in=jobs, property__name__in=names).select_related("property")
    values = values.exclude(property__kind=JobProperty.Kind.FIGURE).order_by("property__kind")  # a metric's is the last
    return {(value.job_id, value.property.name): value for value in values}


def columns_of(list_query: ListQuery, values: dict) -> list[Column]:
    """The columns of `list_query`; `values` may be filled later."""

    def column(key: str) -> Column:
        if key.startswith(TAG):
            return _tag_column(key, values)
        return list_query.kind.columns.get(key) or _value_column(list_query, key, values)

    return [column(key) for key in list_query.columns]


def _tag_column(key: str, values: dict) -> Column:
    def cell(row: Any) -> SafeString:
        text = values.get((row.pk, key))
        return DASH if text is None else format_html('<span title="{0}">{0}</span>', text)

    return Column(key, key, cell, lambda row: values.get((row.pk, key), ""), "c-tag", key)


def _value_column(list_query: ListQuery, key: str, values: dict) -> Column:
    name = str(list_query.properties[key].title)

    def value_of(row: Any) -> JobValue | None:
        return values.get((list_query.kind.job_of(row), name))

    def cell(row: Any) -> SafeString:
        value = value_of(row)
        return DASH if value is None else format_html("{}", str(value))

    def text(row: Any) -> Any:
        value = value_of(row)
        return "" if value is None else value.text if value.number is None else value.number

    return Column(key, name, cell, text, "num mono", key)
