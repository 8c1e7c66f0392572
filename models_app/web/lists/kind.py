"""Declares a kind of list: its rows, properties, figures and columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.safestring import SafeString

from models_app.web.addresses import address
from models_app.web.lists.properties import Property, Type
from models_app.web.markup import format_html

DASH = SafeString('<span class="dim">-</span>')
LONGEST = 40  # characters of a name


@dataclass(frozen=True)
class Column:
    """One column. `cell` draws a row's cell, `text` is the same for a file; `sort` is a property's key."""

    key: str
    title: Any
    cell: Callable[[Any], Any]
    text: Callable[[Any], Any] = str
    cls: str = ""
    sort: str = ""


@dataclass(frozen=True)
class Figure:
    """A figure of the job by which rows are filtered and sorted, under the name `key`; `name` is JobProperty's."""

    key: str
    title: Any
    name: str
    type: Type


@dataclass(frozen=True)
class ListKind:
    """A list of rows that are training jobs or have one at `job` ("" or a field; None for rows without values of jobs).

    `key` is the name of its address, `room` that of the side navigation, `tagged` the field of Tag that leads to the
    rows. `words` is the condition for one word of a search; `views` are (key, title, condition) for a person;
    `default_columns` are for people who have picked none. `deferred` are wide fields of the rows, such as the answers
    of SageMaker, with the column that reads them, "" where none does; `computed` are expressions of the database, which
    read out of such fields.
    """

    def rows_with(self, columns: Sequence[str]) -> QuerySet:
        """The rows with what `columns` read."""
        wide = [name for name, column in self.deferred.items() if column not in columns]
        return self.rows().defer(*wide).annotate(**self.computed)

    key: str
    title: Any
    room: str
    topic: str
    rows: Callable[[], QuerySet]
    job: str | None
    properties: Mapping[str, Property]
    figures: tuple[Figure, ...]
    columns: Mapping[str, Column]
    default_columns: tuple[str, ...]
    sort: str
    words: Callable[[str], Q]
    views: Callable[[Any], tuple[tuple[str, Any, Q], ...]]
    is_settled: Callable[[Any], bool]
    tagged: str
    deferred: Mapping[str, str] = field(default_factory=dict)
    computed: Mapping[str, Any] = field(default_factory=dict)

    def job_of(self, row: Any) -> int | None:
        """The key of the row's job; None for a row without one."""
        if self.job is None:
            return None
        return getattr(row, f"{self.job}_id") if self.job else row.pk


def unread(model: type[models.Model], path: str, *read: str) -> tuple[str, ...]:
    """The fields of `model`, the related row at `path`, but for its key and `read`: what a list need not ask for."""
    return tuple(f"{path}__{f.name}" for f in model._meta.concrete_fields if not f.primary_key and f.name not in read)


def named(name: str, longest: int = LONGEST) -> SafeString:
    """A name, shortened in the middle if it is longer than so many characters: sweeps and dates differ at the end."""
    if len(name) <= longest:
        return format_html("{}", name)
    head = longest * 3 // 5
    return format_html('<span title="{}">{}…{}</span>', name, name[:head], name[head + 2 - longest :])


def linked(url: str, name: str, below: Any) -> SafeString:
    """The name of a row, which leads to its page, over a second line."""
    link = format_html('<a class="t-name" href="{}">{}</a>', address(url, name), named(name))
    return format_html('{}<span class="t-sub">{}</span>', link, below)


def is_meant(word: str, *names: str) -> bool:
    """True if `word` is in one of `names`, ignoring case."""
    return any(word.casefold() in name.casefold() for name in names)
