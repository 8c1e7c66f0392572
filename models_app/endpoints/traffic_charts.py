"""Draws the traffic of an endpoint: requests, latency of each variant, errors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from models_app.endpoints.time_axis import canvas_of, clock, filled, runs, step_words, x_labels
from models_app.endpoints.traffic import PERCENTILES, Traffic, VariantTraffic
from models_app.text.formats import milliseconds
from models_app.web import charts

CLASSES = ("s1", "s2", "s3", "s4", "s5", "s6")
Mark = tuple[datetime, str]


def charts_of(traffic: Traffic, marks: Sequence[Mark]) -> list[charts.Chart]:
    """Charts of requests, of the latency of each variant that was called, and of errors.

    `marks` are (moment, words) of deployments and updates.
    """
    inside = [mark for mark in marks if traffic.start <= mark[0] <= traffic.end]
    latencies = [_latency(traffic, variant, inside) for variant in traffic.variants if variant.total]
    return [_requests(traffic, inside), *latencies, _errors(traffic, inside)]


def _requests(traffic: Traffic, marks: Sequence[Mark]) -> charts.Chart:
    lines = [filled(traffic, variant.requests) for variant in traffic.variants]
    canvas, y_labels = canvas_of(traffic, [value for line in lines for _, value in line])
    for cls, line in zip(_cycle(lines), lines, strict=True):
        canvas.line([(at.timestamp(), value) for at, value in line], cls, area=len(lines) == 1)
    _draw(canvas, marks)
    title = _("Requests")
    sums = [(at, sum(line[index][1] for line in lines)) for index, (at, _v) in enumerate(lines[0])]
    at, most = max(sums, key=lambda point: point[1])
    values = {"n": f"{traffic.requests:,}", "most": f"{most:,.0f}", "at": clock(at, traffic)}
    values |= {"span": str(traffic.span.title), "step": step_words(traffic)}
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
    return _chart("requests", title, summary, canvas, x_labels(traffic), y_labels, legend, table)


def _latency(traffic: Traffic, variant: VariantTraffic, marks: Sequence[Mark]) -> charts.Chart:
    lines = [variant.latencies[name] for name in PERCENTILES]
    canvas, y_labels = canvas_of(traffic, [value for line in lines for _, value in line], unit="ms")
    for cls, line in zip(CLASSES, lines, strict=False):
        for run in runs(line, traffic.span.step):
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
    return _chart(key, title, summary, canvas, x_labels(traffic), y_labels, legend, table)


def _errors(traffic: Traffic, marks: Sequence[Mark]) -> charts.Chart:
    kinds = [
        (_("Refused (4xx)"), "s3", [variant.refused for variant in traffic.variants], traffic.refused),
        (_("Failed (5xx)"), "s4", [variant.failed for variant in traffic.variants], traffic.failed),
    ]
    lines = [
        filled(traffic, [point for points in of_variants for point in points]) for _n, _c, of_variants, _t in kinds
    ]
    canvas, y_labels = canvas_of(traffic, [value for line in lines for _, value in line])
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
    return _chart("errors", title, summary, canvas, x_labels(traffic), y_labels, legend, table)


def _chart(
    key: str, title: str, summary: str, canvas: charts.Canvas, x: Sequence[str], y: Sequence[str],
    legend: Sequence[charts.Entry], table: charts.Table | None,
) -> charts.Chart:  # fmt: skip
    return charts.Chart(key, title, summary, canvas.svg(title, summary, "plot--ev"), x, y, legend, table)


def _draw(canvas: charts.Canvas, marks: Sequence[Mark]) -> None:
    for at, _words in marks:
        canvas.event(at.timestamp())


def _cycle(lines: Sequence) -> list[str]:
    return [CLASSES[index % len(CLASSES)] for index in range(len(lines))]
