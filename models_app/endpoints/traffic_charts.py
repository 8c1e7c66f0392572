"""Draws the traffic of an endpoint: requests, latency of each variant, errors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from models_app.aws.metric_data import Points
from models_app.endpoints.traffic import PERCENTILES, Traffic, VariantTraffic
from models_app.text.formats import milliseconds
from models_app.web import charts
from models_app.web.svg import label, ticks

CLASSES = ("s1", "s2", "s3", "s4", "s5", "s6")
LABELS = 5  # of the axis of time
Mark = tuple[datetime, str]


def charts_of(traffic: Traffic, marks: Sequence[Mark]) -> list[charts.Chart]:
    """Charts of requests, of the latency of each variant that was called, and of errors.

    `marks` are (moment, words) of deployments and updates.
    """
    inside = [mark for mark in marks if traffic.start <= mark[0] <= traffic.end]
    latencies = [_latency(traffic, variant, inside) for variant in traffic.variants if variant.total]
    return [_requests(traffic, inside), *latencies, _errors(traffic, inside)]


def clock(at: datetime, traffic: Traffic) -> str:
    """A moment of the axis as short as the span allows, in the person's zone."""
    here = localtime(at)
    return f"{here:%H:%M}" if traffic.span.step < 3600 else f"{date_format(here, 'MONTH_DAY_FORMAT')} {here:%H:%M}"


def _requests(traffic: Traffic, marks: Sequence[Mark]) -> charts.Chart:
    lines = [_filled(traffic, variant.requests) for variant in traffic.variants]
    canvas, y_labels = _canvas(traffic, [value for line in lines for _, value in line])
    for cls, line in zip(_cycle(lines), lines, strict=True):
        canvas.line([(at.timestamp(), value) for at, value in line], cls, area=len(lines) == 1)
    _draw(canvas, marks)
    title = _("Requests")
    sums = [(at, sum(line[index][1] for line in lines)) for index, (at, _v) in enumerate(lines[0])]
    at, most = max(sums, key=lambda point: point[1])
    values = {"n": f"{traffic.requests:,}", "most": f"{most:,.0f}", "at": clock(at, traffic)}
    values |= {"span": str(traffic.span.title), "step": _step(traffic)}
    words = ngettext(
        "One request in %(span)s, in %(step)s from %(at)s.",
        "%(n)s requests in %(span)s; the most in %(step)s are %(most)s, from %(at)s.",
        traffic.requests,
    )
    summary = words % values
    summary = " ".join([summary, *(f"{clock(at, traffic)}: {words}." for at, words in marks)])
    legend = [
        charts.Entry(cls, variant.name, f"{variant.total:,}")
        for cls, variant in zip(_cycle(lines), traffic.variants, strict=True)
    ]
    if marks:
        legend.append(charts.Entry("s6 dash", _("Deployed or updated"), clock(marks[0][0], traffic)))
    rows = [
        [clock(at, traffic), *(f"{line[index][1]:,.0f}" for line in lines)]
        for index, (at, _v) in enumerate(lines[0])
        if any(line[index][1] for line in lines)
    ]
    table = charts.table([_("From"), *(variant.name for variant in traffic.variants)], rows)
    return _chart("requests", title, summary, canvas, _x_labels(traffic), y_labels, legend, table)


def _latency(traffic: Traffic, variant: VariantTraffic, marks: Sequence[Mark]) -> charts.Chart:
    lines = [variant.latencies[name] for name in PERCENTILES]
    canvas, y_labels = _canvas(traffic, [value for line in lines for _, value in line], unit="ms")
    for cls, line in zip(CLASSES, lines, strict=False):
        for run in _runs(line, traffic.span.step):
            if len(run) == 1:
                canvas.dots(run, f"pl-dot pl-dot--s {cls}")
            else:
                canvas.line(run, cls)
    _draw(canvas, marks)
    title = _("Latency of %(name)s") % {"name": variant.name}
    last = {name: line[-1][1] for name, line in zip(PERCENTILES, lines, strict=True) if line}
    worst = max(lines[-1], key=lambda point: point[1], default=None)
    summary = ""
    if worst:
        values = {name: milliseconds(value) for name, value in last.items()}
        values |= {
            "at": clock(lines[0][-1][0], traffic),
            "worst": milliseconds(worst[1]),
            "then": clock(worst[0], traffic),
        }
        summary = (
            _("From %(at)s the model took up to %(p50)s for half of the requests and up to %(p95)s for 95 of 100.")
            + " "
            + _("The highest p99 is %(worst)s, from %(then)s.")
        ) % values
    legend = [
        charts.Entry(cls, name, milliseconds(last[name]))
        for cls, name in zip(CLASSES, PERCENTILES, strict=False)
        if name in last
    ]
    overhead = dict(variant.overhead)
    by_time = [dict(line) for line in lines]
    rows = [
        [
            clock(at, traffic),
            *(milliseconds(line[at]) for line in by_time),
            milliseconds(overhead[at]) if at in overhead else "-",
        ]
        for at, _v in lines[0]
    ]
    table = charts.table([_("From"), *PERCENTILES, _("Overhead p95")], rows)
    key = f"latency-{traffic.variants.index(variant)}"
    return _chart(key, title, summary, canvas, _x_labels(traffic), y_labels, legend, table)


def _errors(traffic: Traffic, marks: Sequence[Mark]) -> charts.Chart:
    kinds = [
        (_("Refused (4xx)"), "s3", [variant.refused for variant in traffic.variants], traffic.refused),
        (_("Failed (5xx)"), "s4", [variant.failed for variant in traffic.variants], traffic.failed),
    ]
    lines = [
        _filled(traffic, [point for points in of_variants for point in points]) for _n, _c, of_variants, _t in kinds
    ]
    canvas, y_labels = _canvas(traffic, [value for line in lines for _, value in line])
    for (_name, cls, _points, _total), line in zip(kinds, lines, strict=True):
        canvas.line([(at.timestamp(), value) for at, value in line], cls)
    _draw(canvas, marks)
    title = _("Errors")
    total = traffic.refused + traffic.failed
    summary = _("No request was refused or failed.")
    if total:
        values = {"refused": f"{traffic.refused:,}", "failed": f"{traffic.failed:,}"}
        values["share"] = f"{100 * total / max(1, traffic.requests):.3g}"
        words = ngettext(
            "%(refused)s request was refused (4xx) and %(failed)s failed (5xx), %(share)s%% of all.",
            "%(refused)s requests were refused (4xx) and %(failed)s failed (5xx), %(share)s%% of all.",
            traffic.refused,
        )
        summary = words % values
    legend = [charts.Entry(cls, name, f"{count:,}") for name, cls, _points, count in kinds]
    rows = []
    for variant in traffic.variants:
        by_kind = dict(variant.refused), dict(variant.failed)
        for at in sorted({*by_kind[0], *by_kind[1]}):
            if any(counts := [kind.get(at, 0) for kind in by_kind]):
                rows.append([clock(at, traffic), variant.name, *(f"{count:,.0f}" for count in counts)])
    table = charts.table([_("From"), _("Variant"), *(name for name, *_rest in kinds)], rows) if rows else None
    return _chart("errors", title, summary, canvas, _x_labels(traffic), y_labels, legend, table)


def _chart(
    key: str, title: str, summary: str, canvas: charts.Canvas, x: Sequence[str], y: Sequence[str],
    legend: Sequence[charts.Entry], table: charts.Table | None,
) -> charts.Chart:  # fmt: skip
    return charts.Chart(key, title, summary, canvas.svg(title, summary, "plot--ev"), x, y, legend, table)


def _canvas(traffic: Traffic, values: Sequence[float], unit: str = "") -> tuple[charts.Canvas, list[str]]:
    """An empty drawing area for `values` with its horizontal lines, and their labels from top to bottom."""
    marks = ticks(0, max([*values, 1e-3 if unit else 1]), 4)
    canvas = charts.Canvas((traffic.start.timestamp(), traffic.end.timestamp()), (0, marks[-1]), 600, 200)
    canvas.grid(len(marks) - 1)
    return canvas, [f"{label(mark, marks[1] - marks[0])}{f' {unit}' if unit else ''}" for mark in reversed(marks)]


def _draw(canvas: charts.Canvas, marks: Sequence[Mark]) -> None:
    for at, _words in marks:
        canvas.event(at.timestamp())


def _x_labels(traffic: Traffic) -> list[str]:
    step = (traffic.end - traffic.start) / (LABELS - 1)
    return [clock(traffic.start + step * index, traffic) for index in range(LABELS)]


def _filled(traffic: Traffic, points: Points) -> Points:
    """The sums of `points` by step, 0 where there is none."""
    sums: dict[float, float] = {}
    for at, value in points:
        sums[at.timestamp()] = sums.get(at.timestamp(), 0) + value
    first, step = traffic.start.timestamp(), traffic.span.step
    indices = range(round(traffic.span.length.total_seconds() / step))
    return [
        (datetime.fromtimestamp(first + index * step, traffic.start.tzinfo), sums.get(first + index * step, 0.0))
        for index in indices
    ]


def _runs(points: Points, step: int) -> list[list[tuple[float, float]]]:
    """`points` by seconds, cut where a step has none."""
    runs: list[list[tuple[float, float]]] = []
    for at, value in points:
        second = at.timestamp()
        if not runs or second - runs[-1][-1][0] > 1.5 * step:
            runs.append([])
        runs[-1].append((second, value))
    return runs


def _cycle(lines: Sequence) -> list[str]:
    return [CLASSES[index % len(CLASSES)] for index in range(len(lines))]


def _step(traffic: Traffic) -> str:
    return {60: _("a minute"), 600: _("10 minutes"), 3600: _("an hour")}.get(traffic.span.step, _("6 hours"))
