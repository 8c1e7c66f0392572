"""Stops several endpoints at once, after a page that names them and the saved cost."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from models_app.account.roles import Action, may_change, requires
from models_app.endpoints import actions as endpoint_actions
from models_app.models import Endpoint
from models_app.problems import Problem

MAX_SELECTED = 100


@require_http_methods(["GET", "POST"])
@requires(Action.CHANGE)
def endpoints_stop(request):
    """GET shows the confirmation with each endpoint's cost; POST stops them."""
    ticked = sorted({*(request.POST if request.method == "POST" else request.GET).getlist("name")})
    names = ticked[:MAX_SELECTED]
    existing = list(Endpoint.objects.select_related("owner", "model").filter(name__in=names))
    selected = [endpoint for endpoint in existing if may_change(request.user, endpoint)]
    if existing and not selected:
        raise PermissionDenied(_("You can stop only endpoints you created. An administrator can stop any."))
    if missing := sorted({*names} - {endpoint.name for endpoint in existing}):
        messages.warning(request, _("No longer there, so not stopped: %(names)s.") % {"names": ", ".join(missing)})
    elif not selected:
        messages.info(request, _("No endpoint is selected. Select one or more endpoints first."))
    if not selected:
        return redirect("endpoints")
    if others := sorted({endpoint.name for endpoint in existing} - {endpoint.name for endpoint in selected}):
        words = _("Created by others, so not stopped: %(names)s. An administrator can stop any.")
        messages.warning(request, words % {"names": ", ".join(others)})
    if remaining := len(ticked) - len(names):
        words = ngettext(
            "%(n)s more endpoint is left: %(most)s are stopped at a time.",
            "%(n)s more endpoints are left: %(most)s are stopped at a time.",
            remaining,
        )
        messages.info(request, words % {"n": remaining, "most": MAX_SELECTED})
    if request.method == "GET":
        return render(request, "endpoints/stop.html", {"endpoints": selected, "saved": saved(selected)})
    stopped = []
    for endpoint in selected:
        try:
            endpoint_actions.delete(endpoint)
            stopped.append(endpoint.name)
        except Problem as problem:
            words = _("Failed to stop endpoint %(name)s: %(why)s")
            messages.error(request, words % {"name": endpoint.name, "why": problem})
    if stopped:
        words = ngettext("Stopping %(count)d endpoint.", "Stopping %(count)d endpoints.", len(stopped))
        messages.success(request, words % {"count": len(stopped)})
    return redirect("endpoints")


def saved(endpoints: list[Endpoint]) -> float:
    """Amazon's price in US dollars for a day of those `endpoints` whose price is known."""
    return sum(endpoint.day_price or 0 for endpoint in endpoints)
