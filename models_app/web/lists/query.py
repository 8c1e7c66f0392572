"""What the address of a list says: view, words, filters, columns, sort, size and position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from models_app.web.addresses import query_with
from models_app.web.keyset import Phase
from models_app.web.lists.filters import MAX_FILTERS, MAX_LENGTH, MAX_WORDS, Filter, parse, split
from models_app.web.lists.kind import ListKind
from models_app.web.lists.properties import InvalidValue, Property
from models_app.web.lists.resolve import resolve

SIZES = (25, 50, 100)
MAX_COLUMNS = 20
PAGE_PARAMETERS = ("after", "before", "page")  # the parameters that select the page
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
        present = {name: value for name, value in changes.items() if value is not None}
        return query_with(self.query, *PAGE_PARAMETERS, "saved", *changes, **present)

    def _without(self, number: int, removed: Filter, is_inline: bool) -> str:
        if not is_inline:
            return self.link(f=[f for i, f in enumerate(self.query.getlist("f")) if i != number])
        rest = [str(each) for each, inline in self.filters if inline and each is not removed]
        return self.link(q=" ".join([*self.words, *rest, *self.beyond]))

    def _left_out(self) -> list[Token]:
        """A token for what is more than is read, so that nobody takes the rows for those of the whole filter."""
        tokens = self.query.getlist("f")
        more = [*tokens[MAX_FILTERS:], *self.beyond]
        if not more:
            return []
        limits = {"filters": MAX_FILTERS, "words": MAX_WORDS, "length": MAX_LENGTH}
        problem = _(
            "A list reads at most %(filters)s filters and %(words)s words, %(length)s characters in all of its search "
            "line. The rest does not apply: shorten the filter."
        )
        inline = [str(each) for each, is_inline in self.filters if is_inline]
        line = " ".join([*self.words, *inline]) or None
        without = self.link(f=tokens[:MAX_FILTERS], q=line)
        return [Token(" ".join(more)[:100], "", "", problem % limits, without)]
