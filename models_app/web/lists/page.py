"""One page of a list, selected by its address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from models_app.web.counts import Count, count_of, view_counts
from models_app.web.keyset import cut
from models_app.web.listing import MINE, View, rows_of
from models_app.web.lists.kind import Column, ListKind
from models_app.web.lists.query import PAGE_PARAMETERS, ListQuery, Token
from models_app.web.lists.shown_columns import columns_of, values_of_rows
from models_app.web.lists.table import table_rows


@dataclass(frozen=True)
class ListPage:
    """The template's context. Cells are rendered late, in the viewer's language and time zone."""

    list_query: ListQuery
    rows: list
    views: list[View]
    tokens: list[Token]
    count: str
    total: str
    next_token: str
    previous_token: str
    values: dict[tuple[int, str], Any] = field(default_factory=dict)

    @classmethod
    def of(cls, list_query: ListQuery, views: Sequence[tuple]) -> ListPage:
        """Look up the page that `list_query` selects."""
        everything = list_query.kind.rows()
        rows, tokens = list_query.rows(views)
        phases, down = list_query.phases(rows)
        page = cut(phases, down=down, query=list_query.query, size=list_query.size)
        page_rows = rows_of(list_query.kind.rows_with(list_query.columns), page.pks)
        conditions = {key: where for key, _title, where in views if key != MINE}
        counts = view_counts(list_query.kind.topic, everything, conditions)
        is_whole_view = list_query.view in counts and not (list_query.words or tokens)
        if is_whole_view:
            number = counts[list_query.view]
        elif not page.next_token and not page.previous_token:
            number = Count(len(page.pks))  # this page is all: a filter that finds little is searched for once
        else:
            number = count_of(list_query.rows(views, whole=True)[0])
        return cls(
            list_query=list_query,
            rows=page_rows,
            views=[
                View(key, str(title), str(counts.get(key, "")), key == list_query.view) for key, title, _where in views
            ],
            tokens=tokens,
            count=str(number),
            total=str(counts[views[0][0]]),
            next_token=page.next_token,
            previous_token=page.previous_token,
            values=values_of_rows(list_query, page_rows),
        )

    @property
    def kind(self) -> ListKind:
        """The kind of list."""
        return self.list_query.kind

    @property
    def q(self) -> str:
        """The search line."""
        return self.list_query.query.get("q", "").strip()

    @property
    def sort(self) -> str:
        """The property sorted by, with "-" before it when downwards."""
        return self.list_query.sort

    @property
    def view(self) -> str:
        """The key of the view."""
        return self.list_query.view

    @property
    def is_filtered(self) -> bool:
        """True if a search, a filter, or another view than the first, leaves rows out."""
        return bool(self.q or self.tokens) or self.view != self.views[0].key

    @property
    def is_empty(self) -> bool:
        """True if there are no rows at all, as opposed to none that match."""
        return not self.rows and not self.is_filtered and not self.previous_token

    @property
    def busy(self) -> bool:
        """True if a row has work in progress."""
        return not all(map(self.kind.is_settled, self.rows))

    @property
    def is_understood(self) -> bool:
        """True if every filter applies. Actions on all matching rows need that."""
        return not any(token.problem for token in self.tokens)

    @cached_property
    def columns(self) -> list[Column]:
        """The columns, in their order."""
        return columns_of(self.list_query, self.values)

    @property
    def lines(self) -> Iterator[tuple[Any, SafeString]]:
        """Each row with its table row."""
        return table_rows(self.columns, self.rows, self.kind.key[0], f"{_('Select')} %s")

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The address's parameters that the search form repeats as hidden fields."""
        left_out = (*PAGE_PARAMETERS, "saved", "q")
        return [(k, v) for k, vs in self.list_query.query.lists() if k not in left_out for v in vs]
