"""The page of an endpoint's captured requests: turning capture on and off, drift, the last requests."""

from itertools import islice
from typing import Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from common.problems import Missing
from jobs.code.kinds import ALGORITHM as CODE
from models_app import aws
from models_app.account.post_only import post_only
from models_app.account.roles import Action, requires
from models_app.endpoints import capture as data_capture
from models_app.endpoints.captured import captured_requests
from models_app.endpoints.drift import ANSWERS, ask_for_measuring
from models_app.endpoints.drift_charts import column_picture, psi_by_day, title_of
from models_app.endpoints.lookup import find_endpoint
from models_app.models import Endpoint
from models_app.problems import Problem
from models_app.web.changes import changes
from models_app.web.render import render_page
from tables.drift import MIN_ROWS

MAX_REQUESTS = 20
MAX_COLUMNS = 100


@require_GET
@requires(Action.READ)
def endpoint_capture(request, name):
    """The capture settings, the drift from training, and the last requests."""
    endpoint = find_endpoint(name)
    capture = data_capture.capture_of(endpoint)
    context: dict[str, Any] = {"endpoint": endpoint, "tab": "capture", "capture": capture, "least": MIN_ROWS}
    context["own_code"] = endpoint.model is not None and endpoint.model.algorithm == CODE
    context["maskable"] = data_capture.maskable_columns(endpoint)
    context["shares"] = [(share, data_capture.monthly_price(endpoint, share)) for share in data_capture.SHARES]
    if capture:
        ask_for_measuring(endpoint)
        context |= _drift(endpoint)
        try:
            context["requests"] = list(islice(captured_requests(endpoint, capture, days=2), MAX_REQUESTS))
        except (aws.Refused, aws.Unavailable, Missing) as problem:
            context["problem"] = problem
    response = render_page(request, "endpoints/capture.html", context, part="endpoints/_capture.html")
    if request.htmx and "updating" in request.GET and endpoint.is_settled:
        response["HX-Refresh"] = "true"  # the settings can be changed again
    return response


@post_only("endpoint_capture", "name")
@changes(find_endpoint, gettext_lazy("Only the person who made endpoint %(name)s or an administrator can change it."))
def endpoint_capture_change(request, endpoint):
    """Turn capture on, with a share and the sides to capture, or off."""
    name = endpoint.name
    share, mode = request.POST.get("share", ""), request.POST.get("mode", "")
    is_on = "off" not in request.POST
    if is_on and (share not in map(str, data_capture.SHARES) or mode not in data_capture.MODES):
        messages.error(request, _("Choose a share of the requests and what is captured from the lists."))
        return redirect("endpoint_capture", name=name)
    masked = [column for column in data_capture.maskable_columns(endpoint) if column in request.POST.getlist("masked")]
    current = data_capture.capture_of(endpoint)
    try:
        if is_on:
            data_capture.change(endpoint, True, int(share), mode, masked)
        elif current:
            data_capture.change(endpoint, False, current.share, data_capture.MODES[0])
    except Problem as problem:
        messages.error(request, _("Data capture was not changed: %(why)s") % {"why": problem})
    else:
        messages.success(request, _("Updating endpoint %(name)s. It goes on answering meanwhile.") % {"name": name})
    return redirect("endpoint_capture", name=name)


def _drift(endpoint: Endpoint) -> dict[str, Any]:
    drift = endpoint.drift
    columns = [
        column
        | {
            "title": title_of(column["name"]),
            "is_answer": column["name"] in ANSWERS,
            "picture": column_picture(column["training"], column["now"]),
            "bins": _bins(column),
        }
        for column in drift.get("columns", ())[:MAX_COLUMNS]
    ]
    return {
        "drift": drift,
        "drift_at": parse_datetime(drift["at"]) if drift else None,
        "columns": columns,
        "changed": [column for column in columns if column["verdict"] == "changed"],
        "chart": psi_by_day(drift),
        "has_summaries": bool(endpoint.model and endpoint.model.schema.get("summaries")),
    }


def _bins(column: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(bin, percent of training, percent of now)."""
    totals = [sum(column[side]) or 1 for side in ("training", "now")]
    return [
        (label, f"{100 * training / totals[0]:.1f}%", f"{100 * now / totals[1]:.1f}%")
        for label, training, now in zip(column["labels"], column["training"], column["now"], strict=True)
    ]
