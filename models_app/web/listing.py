"""A list page's rows: filtered, sorted and paged by what the URL says, so Back, reload and bookmarks just work.

Pages are cut by key, never by OFFSET, and nothing is counted past MAX_COUNT: a page costs the same with ten rows
or ten million.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

PAGE = 25
MAX_COUNT = 1000
MINE = "mine"  # the view of one's own rows; their number is no part of a listing, which several people share


@dataclass(frozen=True)
class View:
    """A saved view of a list, with the number of rows it holds; "" for the view MINE."""

    key: str
    title: str
    count: str
    is_current: bool

    @property
    def is_mine(self) -> bool:
        """True for the view of one's own rows."""
        return self.key == MINE


@dataclass(frozen=True)
class Listing:
    """One page of a list and what it takes to draw its toolbar."""

    rows: list
    q: str
    sort: str
    views: list[View]
    view: str
    count: str
    total: str
    next_token: str
    previous_token: str

    @property
    def is_filtered(self) -> bool:
        """True if a search, or another view than the first, leaves rows out."""
        return bool(self.q) or (bool(self.views) and self.view != self.views[0].key)

    @property
    def is_empty(self) -> bool:
        """Nothing there at all, as opposed to nothing that matches."""
        return not self.rows and not self.is_filtered and not self.previous_token

    @classmethod
    def from_url(
        cls, request, rows: QuerySet, *, search: tuple[str, ...], sorts: tuple[str, ...], views=()
    ) -> "Listing":
        """`sorts` are field names, the first the default; `views` are (key, title, Q), the first the default.

        The URL gives q, sort, view, and after or before (a page token) or page (a number, as far as rows are counted);
        what it gives wrongly is ignored.
        """
        query = request.GET
        q = query.get("q", "").strip()
        allowed = [s for name in sorts for s in (name, _flip(name))]
        sort = query.get("sort", "") if query.get("sort") in allowed else sorts[0]
        active = next((v for v in views if v[0] == query.get("view")), views[0] if views else None)

        everything = rows
        view = active[0] if active else ""
        if active:
            rows = rows.filter(active[2])
        if q:
            rows = rows.filter(_contains(search, q))
        page, next_token, previous_token = _cut(rows, sort, query)
        return cls(
            rows=page,
            q=q,
            sort=sort,
            views=[
                View(key, str(title), "" if key == MINE else counted(everything.filter(where)), key == view)
                for key, title, where in views
            ],
            view=view,
            count=counted(rows),
            total=counted(everything),
            next_token=next_token,
            previous_token=previous_token,
        )


def counted(rows: QuerySet) -> str:
    """How many rows, exactly up to a thousand and "1,000+" beyond."""
    count = rows.order_by()[: MAX_COUNT + 1].count()
    return f"{count:,}" if count <= MAX_COUNT else f"{MAX_COUNT:,}+"


def _contains(fields: tuple[str, ...], q: str) -> Q:
    return reduce(or_, (Q(**{f"{name}__icontains": q}) for name in fields))


def _flip(sort: str) -> str:
    return sort[1:] if sort.startswith("-") else f"-{sort}"


def _cut(rows: QuerySet, sort: str, query: Mapping[str, str]) -> tuple[list, str, str]:
    """One page, and the tokens of the next and the previous one ("" where there is none)."""
    after, before = query.get("after", ""), query.get("before", "")
    back = bool(before)
    order = _flip(sort) if back else sort
    field, down = order.lstrip("-"), order.startswith("-")
    token = _read(before or after)
    if token:
        value, pk = token
        beyond = "lt" if down else "gt"
        try:
            rows = rows.filter(Q(**{f"{field}__{beyond}": value}) | Q(**{field: value, f"pk__{beyond}": pk}))
        except (ValidationError, ValueError, TypeError):
            token, back = None, False
    rows = rows.order_by(order, "-pk" if down else "pk")
    skipped = 0 if token else _skipped(query.get("page", ""))
    matches = list(rows[skipped : skipped + PAGE + 1])
    if skipped and not matches:  # there is no such page
        skipped, matches = 0, list(rows[: PAGE + 1])
    more, page = len(matches) > PAGE, matches[:PAGE]
    if back:
        page.reverse()
    if not page:
        return page, "", ""
    has_next, has_previous = (True, more) if back else (more, bool(token or skipped))
    name = sort.lstrip("-")
    return page, _write(page[-1], name) if has_next else "", _write(page[0], name) if has_previous else ""


def _skipped(page: str) -> int:
    """How many rows come before page `page`, counted from 1; 0 for a page beyond those that are counted."""
    number = int(page) if page.isdecimal() and len(page) < 4 else 1
    return (number - 1) * PAGE if 1 <= number <= MAX_COUNT // PAGE else 0


def _write(row, field: str) -> str:
    value = getattr(row, field)
    text = json.dumps([value.isoformat() if hasattr(value, "isoformat") else value, row.pk])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(token: str) -> tuple | None:
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return (value, int(pk)) if isinstance(value, str | int | float) else None
    except (ValueError, TypeError, RecursionError, binascii.Error):
        return None
