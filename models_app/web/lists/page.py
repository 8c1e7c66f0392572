"""One page of a list, selected by its address: view, words, filters, columns, sort, size and position."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from models_app.models import JobProperty, JobValue, Tag
from models_app.web.counts import count_of, view_counts
from models_app.web.keyset import Phase, cut
from models_app.web.listing import MINE, View, rows_of
from models_app.web.lists.filters import MAX_FILTERS, MAX_LENGTH, MAX_WORDS, Filter, parse, split
from models_app.web.lists.kind import DASH, Column, ListKind
from models_app.web.lists.properties import TAG, InvalidValue, Property
from models_app.web.lists.resolve import resolve

SIZES = (25, 50, 100)
MAX_COLUMNS = 20
PLACE = ("after", "before", "page")  # the parameters that select the page
OPERATOR_WORDS = {"=": "=", "!=": "≠", ">=": "≥", "<=": "≤", ">": ">", "<": "<", "~": "~"}


@dataclass(frozen=True)
class Token:
    """A filter as shown, with the address of the list without it; `problem` says why it does not apply."""

    name: str
    operator: str
    value: str
    problem: str
    without: str


@dataclass(frozen=True)
class ListQuery:
    """The validated query of a list's address."""

    kind: ListKind
    query: QueryDict
    view: str
    words: list[str]
    filters: list[tuple[Filter, bool]]  # True for one inside the search line
    beyond: list[str]  # of the search line, what is more than is read
    columns: list[str]
    sort: str
    size: int
    properties: dict[str, Property]

    @classmethod
    def of(
        cls, kind: ListKind, query: QueryDict, views: Sequence[tuple], columns: Sequence[str] = (), size: int = 0
    ) -> ListQuery:
        """`columns` and `size` are the person's saved choices; the address takes precedence."""
        keys = [key for key, _title, _where in views]
        words, inline, beyond = split(query.get("q", ""))
        unread = Filter("", "", "")
        filters = [(parse(text) or unread, False) for text in query.getlist("f")[:MAX_FILTERS]]
        filters += [(each, True) for each in inline]
        column_keys = [c for c in query.get("cols", "").split(",") if c] if "cols" in query else list(columns)
        column_keys = list(dict.fromkeys(column_keys or kind.default_columns))[:MAX_COLUMNS]
        sort = query.get("sort", "")[:200]
        names = [each.name for each, _inline in filters] + [sort.lstrip("-")]
        names += [key for key in column_keys if key not in kind.columns]
        properties = resolve(kind, (name for name in names if name and "\0" not in name))
        if sort.lstrip("-") not in properties:
            sort = kind.sort
            properties |= resolve(kind, [sort.lstrip("-")])
        columns = [key for key in column_keys if key in kind.columns or key in properties]
        number = query.get("size", "")
        return cls(
            kind=kind,
            query=query,
            view=query.get("view", "") if query.get("view") in keys else keys[0],
            words=words,
            filters=filters[:MAX_FILTERS],
            beyond=[*(str(each) for each, _inline in filters[MAX_FILTERS:]), *filter(None, [beyond])],
            columns=columns or list(kind.default_columns),
            sort=sort,
            size=int(number) if number in map(str, SIZES) else size or SIZES[0],
            properties=properties,
        )

    def rows(self, views: Sequence[tuple], whole: bool = False) -> tuple[QuerySet, list[Token]]:
        """(rows that match view, words and filters, filters as shown). `whole` is for a caller that reads every row."""
        rows = self.kind.rows().filter(next(where for key, _title, where in views if key == self.view))
        for word in self.words:
            rows = rows.filter(self.kind.words(word))
        tokens = []
        for number, (each, is_inline) in enumerate(self.filters):
            condition, problem, title = None, "", each.name
            if not each.name:
                written = self.query.getlist("f")[number][:100]
                title, problem = written, _("A filter is a property, an operator and a value, such as auc>=0.85.")
                if len(self.query.getlist("f")[number]) > MAX_LENGTH:
                    problem = _("A filter has at most %(n)s characters.") % {"n": MAX_LENGTH}
            elif each.name not in self.properties:
                problem = _("No job has a property %(name)s.") % {"name": each.name[:100]}
            else:
                title = str(self.properties[each.name].title)
                try:
                    condition = self.properties[each.name].condition(each.operator, each.value, whole)
                except InvalidValue as e:
                    problem = str(e)
            if condition is not None:
                rows = rows.filter(condition)
            without = self._without(number, each, is_inline)
            tokens.append(Token(title, OPERATOR_WORDS.get(each.operator, ""), each.value[:60], problem, without))
        return rows, tokens + self._left_out()

    def phases(self, rows: QuerySet) -> tuple[Sequence[Phase], bool]:
        """`rows` as they are sorted, and whether downwards."""
        return self.properties[self.sort.lstrip("-")].phases(rows), self.sort.startswith("-")

    def link(self, **changes: Any) -> str:
        """The address of the first page with other settings; None leaves one out."""
        query = self.query.copy()
        for name in (*PLACE, "saved", *changes):
            query.pop(name, None)
        for name, value in changes.items():
            if isinstance(value, list):
                query.setlist(name, value)
            elif value is not None:
                query[name] = value
        return "?" + query.urlencode()

    def _without(self, number: int, removed: Filter, is_inline: bool) -> str:
        if not is_inline:
            return self.link(f=[f for i, f in enumerate(self.query.getlist("f")) if i != number])
        rest = [str(each) for each, inline in self.filters if inline and each is not removed]
        return self.link(q=" ".join([*self.words, *rest, *self.beyond]))

    def _left_out(self) -> list[Token]:
        """A token for what is more than is read, so that nobody takes the rows for those of the whole filter."""
        given = self.query.getlist("f")
        more = [*given[MAX_FILTERS:], *self.beyond]
        if not more:
            return []
        limits = {"filters": MAX_FILTERS, "words": MAX_WORDS, "length": MAX_LENGTH}
        problem = _(
            "A list reads at most %(filters)s filters and %(words)s words, %(length)s characters in all of its search "
            "line. The rest does not apply: shorten the filter."
        )
        inline = [str(each) for each, is_inline in self.filters if is_inline]
        line = " ".join([*self.words, *inline]) or None
        without = self.link(f=given[:MAX_FILTERS], q=line)
        return [Token(" ".join(more)[:100], "", "", problem % limits, without)]


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
        page_rows = rows_of(everything, page.pks)
        conditions = {key: where for key, _title, where in views if key != MINE}
        counts = view_counts(list_query.kind.topic, everything, conditions)
        is_whole_view = list_query.view in counts and not (list_query.words or tokens)
        number = counts[list_query.view] if is_whole_view else count_of(list_query.rows(views, whole=True)[0])
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
        """Each row with its cells, drawn here: a template takes three times as long."""
        starts = [(format_html('<td role="cell"{}>', _attributes(column)), column.cell) for column in self.columns]
        for row in self.rows:
            cells = (f"{start}{conditional_escape(cell(row))}</td>" for start, cell in starts)
            yield row, SafeString("".join(cells))

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The address's parameters that the search form repeats as hidden fields."""
        left_out = (*PLACE, "saved", "q")
        return [(k, v) for k, vs in self.list_query.query.lists() if k not in left_out for v in vs]


def _attributes(column: Column) -> SafeString:
    """Class and, where a row is a card, the label of a cell."""
    cls = format_html(' class="{}"', column.cls) if column.cls else SafeString()
    if column.key in ("name", "status"):
        return cls
    return cls + format_html(' data-l="{}"', column.title)


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
