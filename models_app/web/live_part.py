"""Pages that many people keep open: the part that follows the rows is rendered once for all who see the same.

What differs between people is explicit: role, language, time zone, and which of the rows one may change. The shared
part is rendered without the request of anybody, so that nothing else of a person can get into it.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language

from models_app.account.roles import may_change, role_of
from models_app.web.context import navigation_counts
from models_app.web.listing import MINE
from models_app.web.owned_parts import MARKED, unmark
from models_app.web.render import render_page
from models_app.web.shared import shared

Facts = TypeVar("Facts")
_MINE_COUNT = "\ue000"  # private use: stands for the number of one's own rows in what is rendered for several people


def render_live(
    request,
    template: str,
    *,
    part: str,
    topics: tuple[str, ...],
    facts: Callable[[], Facts],
    owned: Callable[[Facts], Iterable],
    context: Callable[[Facts, frozenset], dict[str, Any]],
    mine_count: Callable[[], str] = str,
    for_each_owner: bool = False,
    variant: Hashable = None,
) -> HttpResponse:
    """`template`, or `part` alone when its element asks again, because of a nudge of `topics` or by itself.

    `facts` reads rows, the same for everybody but for the list of one's own (?view=mine); `owned` names those of them
    that their owners may change, and `context` makes the template's variables of the facts and of the rows that this
    person may change. The template has what is for these people alone in `{% ifchangeable row %}`. `for_each_owner`
    renders once for all who may change the same rows, which a `context` that depends on them needs. `variant` is what
    else a person's choices change.
    """

    def variables(data: Facts, changeable: frozenset) -> dict[str, Any]:
        return context(data, changeable) | {"changeable": changeable}

    def rows_to_change(data: Facts) -> frozenset:
        return frozenset(row for row in owned(data) if may_change(request.user, row))

    def own(data: Facts) -> HttpResponse:
        values = variables(data, rows_to_change(data)) | {"mine_count": mine_count()}
        return render_page(request, template, values, part=part)

    if not _asks_again(request):
        return own(facts())
    address, language, role = request.get_full_path(), get_language(), role_of(request.user)
    whose = request.user.pk if request.GET.get("view") == MINE else None
    zone = get_current_timezone_name()  # of which a day in the address is, too
    data = shared(topics, (address, whose, language, zone, variant), facts)
    changeable = rows_to_change(data)
    owners = changeable if for_each_owner else None
    key = (address, whose, language, zone, role, owners, variant)
    several: dict[str, Any] = {"role": role, "mine_count": _MINE_COUNT, "is_part": True}
    if not for_each_owner:
        several["changeable"] = MARKED
    html = shared(topics, key, lambda: _render_for_anybody(request, part, variables(data, changeable) | several))
    if html is None:
        return own(data)
    response = HttpResponse(unmark(html, changeable).replace(_MINE_COUNT, mine_count()))
    patch_vary_headers(response, ("HX-Request", "HX-Boosted"))
    return response


def _asks_again(request) -> bool:
    """Whether the part's own element sent the request, and not a link, a form or the Back button."""
    htmx = request.htmx
    return bool(htmx and htmx.trigger and htmx.trigger == htmx.target) and not htmx.history_restore_request


def _render_for_anybody(request, part: str, variables: dict[str, Any]) -> str | None:
    """Return `part` and the counts of the navigation for this address.

    None when the part has a form: its token is one person's.
    """
    nobodys = HttpRequest()
    nobodys.method, nobodys.path, nobodys.GET = "GET", request.path, request.GET
    nobodys.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "")
    nobodys.user = AnonymousUser()
    html = render_to_string(part, variables, nobodys)
    html += render_to_string("partials/nav_badges.html", navigation_counts(), nobodys)
    return None if "CSRF_COOKIE" in nobodys.META else html
