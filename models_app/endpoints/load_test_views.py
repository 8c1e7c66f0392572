"""The page of an endpoint's load test: its start and its result."""

from typing import Any

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from models_app.account.post_only import post_only
from models_app.account.roles import Action, requires
from models_app.endpoints import load_test
from models_app.endpoints.lookup import find_endpoint
from models_app.problems import Problem
from models_app.text.formats import milliseconds
from models_app.web import charts
from models_app.web.render import render_page
from models_app.web.svg import label, ticks


@require_GET
@requires(Action.READ)
def endpoint_load_test(request, name):
    """The result of the last load test."""
    endpoint = find_endpoint(name)
    steps = endpoint.load_test.get("steps") or []
    context: dict[str, Any] = {
        "endpoint": endpoint,
        "tab": "load",
        "running": load_test.is_running(endpoint),
        "test": endpoint.load_test,
        "ended": parse_datetime(endpoint.load_test.get("ended", "")),
        "seconds": round(len(load_test.CALLERS) * load_test.STEP_SECONDS),
        "most": load_test.CALLERS[-1],
        "verdict": _verdict(steps) if steps else "",
        "chart": _chart(steps) if steps else None,
    }
    return render_page(request, "endpoints/load_test.html", context, part="endpoints/_load_test.html")


@post_only("endpoint_load_test", "name")
@requires(Action.INVOKE)
def endpoint_load_test_run(request, name):
    """Start a load test."""
    try:
        load_test.begin(find_endpoint(name), request.user.get_username())
    except Problem as problem:
        messages.error(request, _("No load test was started: %(why)s") % {"why": problem})
    return redirect("endpoint_load_test", name=name)


def _verdict(steps: list[dict[str, Any]]) -> str:
    held = load_test.held(steps)
    if held is None:
        return _("It holds no load: requests failed even with one caller.")
    values = {"rate": _rate(held), "callers": held["callers"], "p95": milliseconds(held["p95"])}
    words = ngettext(
        "It holds %(rate)s requests a second, from one caller, and answers 95 of 100 in %(p95)s.",
        "It holds %(rate)s requests a second, from %(callers)s callers at once, and answers 95 of 100 in %(p95)s.",
        held["callers"],
    )
    return words % values


def _rate(step: dict[str, Any]) -> str:
    """Requests a second; of a slow model with a decimal."""
    return f"{step['rate']:,.{0 if step['rate'] >= 10 else 1}f}"


def _chart(steps: list[dict[str, Any]]) -> charts.Chart:
    marks = ticks(0, max(step["rate"] for step in steps), 4)
    canvas = charts.Canvas((0, len(steps) - 1), (0, marks[-1]), 600, 200)
    canvas.grid(len(marks) - 1)
    points = [(index, step["rate"]) for index, step in enumerate(steps)]
    canvas.line(points, "s1", area=True)
    canvas.dots(points, "pl-dot pl-dot--s s1")
    title = _("Requests a second by callers at once")
    summary = _verdict(steps)
    rows = [
        [
            str(step["callers"]),
            _rate(step),
            *(milliseconds(step[name]) for name in ("p50", "p95", "p99")),
            f"{step['errors']:,}",
        ]
        for step in steps
    ]
    table = charts.table([_("Callers"), _("Requests a second"), "p50", "p95", "p99", _("Errors")], rows)
    texts = [label(mark, marks[1] - marks[0]) for mark in reversed(marks)]
    return charts.Chart(
        "load", title, summary, canvas.svg(title, summary, "plot--ev"), [str(step["callers"]) for step in steps], texts,
        [charts.Entry("s1", _("Requests a second"))], table,
    )  # fmt: skip
