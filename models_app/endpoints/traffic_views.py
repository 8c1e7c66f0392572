"""The page of an endpoint's traffic: requests, latencies, errors, and who calls."""

from typing import Any

from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from models_app import aws
from models_app.account.roles import Action, requires
from models_app.endpoints.callers import callers_of
from models_app.endpoints.lookup import find_endpoint
from models_app.endpoints.snippet_context import snippet_context
from models_app.endpoints.time_axis import clock
from models_app.endpoints.traffic import SPANS, Traffic, span_of, traffic_of
from models_app.endpoints.traffic_charts import Mark, charts_of
from models_app.models import Endpoint
from models_app.text.formats import milliseconds
from models_app.web.render import render_page

MAX_ROWS = 20  # callers
PREVIOUS = (Endpoint.Status.CREATING, Endpoint.Status.UPDATING, Endpoint.Status.ROLLING_BACK)


@require_GET
@requires(Action.READ)
def endpoint_traffic(request, name):
    """Requests, latency and errors by variant, and callers, within ?range=."""
    endpoint = find_endpoint(name)
    span = span_of(request.GET.get("range", ""))
    context: dict[str, Any] = {"endpoint": endpoint, "tab": "traffic", "spans": SPANS, "span": span}
    try:
        traffic = traffic_of(endpoint, span)
        context |= {"traffic": traffic, **_figures(endpoint, traffic)}
        if traffic.requests:
            callers = callers_of(endpoint, span)
            context |= {"callers": callers[:MAX_ROWS], "more_callers": max(0, len(callers) - MAX_ROWS)}
            context["last"] = max(callers, key=lambda caller: caller.last, default=None)
        else:
            context |= snippet_context(request, endpoint)
    except (aws.Refused, aws.Unavailable) as problem:
        context["problem"] = problem
    return render_page(request, "endpoints/traffic.html", context, part="endpoints/_traffic.html")


def _figures(endpoint: Endpoint, traffic: Traffic) -> dict[str, Any]:
    charts = charts_of(traffic, _marks(endpoint)) if traffic.requests else []
    errors = traffic.refused + traffic.failed
    busiest = max(traffic.variants, key=lambda variant: variant.total)
    latency = {name: milliseconds(points[-1][1]) for name, points in busiest.latencies.items() if points}
    share = 100 * errors / traffic.requests if traffic.requests else 0
    last = busiest.latencies["p95"][-1:]
    return {
        "charts": charts,
        "errors": errors,
        "share": share,
        "latency": latency,
        "latency_from": clock(last[0][0], traffic) if last else "",
    }


def _marks(endpoint: Endpoint) -> list[Mark]:
    """When it was deployed, updated or rolled back, newest first."""
    words = {
        Endpoint.Status.CREATING: _("Deployed"),
        Endpoint.Status.UPDATING: _("Updated"),
        Endpoint.Status.ROLLING_BACK: _("Rolled back"),
    }
    events = endpoint.events.filter(became=Endpoint.Status.IN_SERVICE, was__in=PREVIOUS)[:MAX_ROWS]
    return [(event.at, words[Endpoint.Status(event.was)]) for event in events]
