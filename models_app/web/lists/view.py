"""The live page of a list, by its address and the person's saved choices."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Q, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from models_app.models import ListChoice, SavedView
from models_app.web.counts import counted
from models_app.web.listing import MINE
from models_app.web.lists.filters import split
from models_app.web.lists.kind import ListKind
from models_app.web.lists.page import ListPage
from models_app.web.lists.query import PAGE_PARAMETERS, ListQuery
from models_app.web.live_part import render_live

MAX_SAVED = 50  # views of one person, and those shared by others


def render_list(
    request: HttpRequest, kind: ListKind, template: str, part: str, *, owned: Callable[[ListPage], Iterable]
) -> HttpResponse:
    """The list of `kind`, or `part` of it alone. `owned` returns the rows with actions for their owners alone."""
    if "tokens" in request.GET:  # the search line was sent, so that its filters become tokens
        return HttpResponseRedirect(request.path + "?" + _with_tokens(request))
    list_query, views = list_query_of(request, kind)
    saved = saved_views(request.user, kind)
    return render_live(
        request,
        template,
        part=part,
        topics=(kind.topic,),
        facts=lambda: ListPage.of(list_query, views),
        owned=owned,
        context=lambda page, _: {"list": page, "busy": page.busy, "saved": saved, "query": request.GET.urlencode()},
        mine_count=lambda: _mine_count(request.user, kind, views),
        variant=(tuple(list_query.columns), list_query.size, tuple((view.pk, view.name, view.query) for view in saved)),
    )


def list_query_of(request: HttpRequest, kind: ListKind, query=None) -> tuple[ListQuery, tuple]:
    """(the query of the address, completed by the person's saved choices; the views of the list)."""
    query = request.GET if query is None else query
    views = kind.views(request.user)
    keys = [key for key, _title, _where in views]
    view = query.get("view") if query.get("view") in keys else keys[0]
    choice = ListChoice.objects.filter(person_id=request.user.pk, of=kind.key, view=view).first()
    picked: Any = (choice.columns, choice.size) if choice else ((), 0)
    return ListQuery.of(kind, query, views, *picked), views


def saved_views(user, kind: ListKind) -> list[SavedView]:
    """The views that a person saved, and after them those that are shared with everybody."""
    rows = SavedView.objects.filter(Q(owner=user) | Q(shared=True), of=kind.key)
    own_first = Case(When(owner=user, then=0), default=1)
    shown = rows.select_related("owner").only("name", "query", "shared", "owner__username")
    return list(shown.order_by(own_first, "name", "pk")[:MAX_SAVED])


def _mine_count(user, kind: ListKind, views: tuple) -> str:
    where = next((where for key, _title, where in views if key == MINE), Q())
    return counted(kind.rows().filter(where), (kind.key, MINE, user.pk))


def _with_tokens(request: HttpRequest) -> str:
    query = request.GET.copy()
    words, filters, beyond = split(query.get("q", ""))
    for name in ("tokens", *PAGE_PARAMETERS):
        query.pop(name, None)
    if beyond:  # as it is, for the list to say what is too much
        return query.urlencode()
    query["q"] = " ".join(words)
    if not words:
        del query["q"]
    for each in filters:
        query.appendlist("f", str(each))
    return query.urlencode() if query else urlencode({})
