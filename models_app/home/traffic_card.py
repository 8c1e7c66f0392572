"""Draws the requests to all endpoints together and their errors over the dashboard's period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from django.db.models import Max
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.timezone import get_current_timezone_name, localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from models_app.endpoints import time_axis
from models_app.endpoints.traffic import Window, window
from models_app.home.period import Period, period_of
from models_app.models import TrafficHour
from models_app.text.formats import month_day
from models_app.web import charts

Row = tuple[datetime, int, int]  # a step, its requests and its errors


def traffic_card(period: Period, has_endpoints: bool) -> SafeString:
    """The charts as HTML; drawn once for all who have the same language and zone, until the figures change."""
    version = TrafficHour.objects.aggregate(Max("written"))["written__max"]
    _start, end = window(period.span)
    return _drawn(period.key, has_endpoints, get_language(), get_current_timezone_name(), end, version)


@lru_cache(maxsize=64)
def _drawn(key: str, has_endpoints: bool, _language: str, _zone: str, _end: datetime, _version) -> SafeString:
    period = period_of(key)
    start, end = window(period.span)
    axis = Window(period.span, start, end)
    rows = _steps(axis)
    context = {"period": period, "has_endpoints": has_endpoints, "requests": sum(row[1] for row in rows)}
    if context["requests"]:
        context["charts"] = [_requests(axis, rows), _errors(axis, rows)]
    return SafeString(render_to_string("home/_traffic.html", context))


def _steps(axis: Window) -> list[Row]:
    """The steps that have figures, oldest first: hours are summed where a step is longer."""
    sums: dict[float, list[int]] = {}
    first, step = axis.start.timestamp(), axis.span.step
    hours = TrafficHour.objects.filter(at__gte=axis.start, at__lt=axis.end)
    for at, *counts in hours.values_list("at", "requests", "gone_requests", "errors", "gone_errors"):
        total = sums.setdefault(first + (at.timestamp() - first) // step * step, [0, 0])
        total[0] += counts[0] + counts[1]
        total[1] += counts[2] + counts[3]
    zone = axis.start.tzinfo
    return [
        (datetime.fromtimestamp(second, zone), requests, errors) for second, (requests, errors) in sorted(sums.items())
    ]


def _requests(axis: Window, rows: Sequence[Row]) -> charts.Chart:
    total = sum(row[1] for row in rows)
    at, most, _errors_then = max(rows, key=lambda row: row[1])
    words = ngettext(
        "One request in %(span)s, in %(step)s from %(at)s.",
        "%(n)s requests in %(span)s; the most in %(step)s are %(most)s, from %(at)s.",
        total,
    )
    values = {"n": f"{total:,}", "most": f"{most:,}", "at": time_axis.clock(at, axis)}
    summary = words % (values | {"span": str(axis.span.title), "step": time_axis.step_words(axis)})
    return _chart("requests", _("Invocations"), summary, axis, [(row[0], row[1]) for row in rows], "s2")


def _errors(axis: Window, rows: Sequence[Row]) -> charts.Chart:
    total, errors = sum(row[1] for row in rows), sum(row[2] for row in rows)
    summary = _("No request was refused or failed.")
    if errors:
        at, most = max(((row[0], row[2]) for row in rows), key=lambda point: point[1])
        words = ngettext(
            "One request was refused or failed, %(share)s%% of all, in %(step)s from %(at)s.",
            "%(n)s requests were refused or failed, %(share)s%% of all; the most in %(step)s: %(most)s, from %(at)s.",
            errors,
        )
        values = {"n": f"{errors:,}", "share": f"{100 * errors / max(1, total):.2g}", "most": f"{most:,}"}
        summary = words % (values | {"at": time_axis.clock(at, axis), "step": time_axis.step_words(axis)})
    return _chart("errors", _("Errors"), summary, axis, [(row[0], row[2]) for row in rows], "s3")


def _chart(
    key: str, title: str, summary: str, axis: Window, points: list[tuple[datetime, float]], cls: str
) -> charts.Chart:
    canvas, y_labels = time_axis.canvas_of(axis, [value for _at, value in points])
    for run in time_axis.runs(points, axis.span.step):
        if len(run) == 1:
            canvas.dots(run, f"pl-dot pl-dot--s {cls}")
        else:
            canvas.line(run, cls, area=True)
    rows = [[time_axis.clock(at, axis), f"{value:,}"] for at, value in points if value]
    table = charts.table([_("From"), title], rows) if rows else None
    svg = canvas.svg(title, summary, "plot--c")
    return charts.Chart(f"all-{key}", title, summary, svg, _labels(axis), y_labels, (), table)


def _labels(axis: Window) -> list[str]:
    """Days, or hours of one day: half a card's width has no room for both."""
    if axis.span.length <= time_axis.DAY:
        return time_axis.x_labels(axis)
    step = (axis.end - axis.start) / (time_axis.LABELS - 1)
    return [month_day(localtime(axis.start + step * index)) for index in range(time_axis.LABELS)]
