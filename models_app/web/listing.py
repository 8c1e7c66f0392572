"""A list page's rows: filtered, sorted and paged by what the URL says, so Back, reload and bookmarks just work.

Pages are cut by key (`keyset`), and all views are counted in one query: these are lists of thousands of rows at most.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Count, Q, QuerySet

from models_app.web.counts import counted
from models_app.web.keyset import Phase, cut

PAGE = 25
MINE = "mine"  # the view of one's own rows; their number is no part of a listing, which several people share

Split = Callable[[str], tuple[str, list[Q]]]  # of the search line: the text, and conditions


def _whole(q: str) -> tuple[str, list[Q]]:
    return q, []


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
        cls,
        request,
        rows: QuerySet,
        *,
        search: tuple[str, ...],
        sorts: tuple[str, ...],
        views=(),
        split: Split = _whole,
    ) -> "Listing":
        """`sorts` are field names, the first the default; `views` are (key, title, Q), the first the default.

        `split` parts q into the text that is looked for and conditions. The URL gives q, sort, view, and after or
        before (a page token) or page (a number, as far as rows are counted); what it gives wrongly is ignored.
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
        text, filters = split(q)
        rows = rows.filter(*filters)
        if text:
            rows = rows.filter(_contains(search, text))
        conditions = {key: where for key, _title, where in views if key != MINE}
        numbers = everything.order_by().aggregate(
            _total=Count("pk"), **{key: Count("pk", filter=where) for key, where in conditions.items() if where}
        )
        total = numbers["_total"]
        page = cut([Phase("", rows, sort.lstrip("-"))], down=sort.startswith("-"), query=query, size=PAGE)
        return cls(
            rows=rows_of(everything, page.pks),
            q=q,
            sort=sort,
            views=[
                View(key, str(title), "" if key == MINE else f"{numbers.get(key, total):,}", key == view)
                for key, title, _where in views
            ],
            view=view,
            count=counted(rows) if q or view == MINE else f"{numbers.get(view, total):,}",
            total=f"{total:,}",
            next_token=page.next_token,
            previous_token=page.previous_token,
        )


def rows_of(rows: QuerySet, pks: list[int]) -> list:
    """The rows of `pks`, in their order. Rows are wide, so searches and sorts read keys alone."""
    by_pk = {row.pk: row for row in rows.filter(pk__in=pks).order_by()} if pks else {}
    return [by_pk[pk] for pk in pks if pk in by_pk]


def _contains(fields: tuple[str, ...], q: str) -> Q:
    return reduce(or_, (Q(**{f"{name}__icontains": q}) for name in fields))


def _flip(sort: str) -> str:
    return sort[1:] if sort.startswith("-") else f"-{sort}"
