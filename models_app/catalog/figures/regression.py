"""The page of a model that predicts a number."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from models_app.catalog.figures.strip import figures_by_name, interval_words, is_beyond_baseline
from models_app.text import formats
from models_app.web import charts
from models_app.web.svg import label, ticks


def context_of(document: dict[str, Any], choices: QueryDict) -> dict[str, Any]:
    """Verdict and charts."""
    low, high = (number(value) for value in document["range"])
    words = _("%(target)s runs from %(low)s to %(high)s in these rows.")
    return {
        "about": words % {"target": document["target"], "low": low, "high": high},
        "verdict": _verdict(document),
        "charts": [_scatter(document), _residuals(document), _deciles(document)],
    }


def number(value: float) -> str:
    """A number of the target, with as many digits as an error in its unit needs."""
    return formats.metric(value, "mae")


def _verdict(document: dict[str, Any]) -> dict[str, str]:
    by_name = figures_by_name(document)
    error, baseline = by_name["mae"], document["baseline"]["value"]
    values = {
        "mae": number(error["value"]), "interval": interval_words(error), "baseline": number(error["baseline"]),
        "mean": number(baseline),
    }  # fmt: skip
    if error["low"] is None:
        text = _("It misses by %(mae)s on average; always answering the mean, %(mean)s, misses by %(baseline)s.")
        return {"tone": "info", "title": _("Too few rows for an interval"), "text": text % values}
    text = _(
        "It misses by %(mae)s on average (95%% interval %(interval)s); always answering the mean, %(mean)s, misses by "
        "%(baseline)s."
    )
    if is_beyond_baseline(error) > 0:
        share = {"share": f"{100 * (1 - error['value'] / error['baseline']):.0f}"}
        title = _("Its errors are %(share)s%% smaller than those of always answering the mean") % share
        return {"tone": "ok", "title": title, "text": text % values}
    return {"tone": "warn", "title": _("No better than always answering the mean"), "text": text % values}


def _scatter(document: dict[str, Any]) -> charts.Chart:
    points = document["scatter"]
    values = [value for point in points for value in point]
    marks = ticks(min(values), max(values), 5)
    canvas = charts.Canvas((marks[0], marks[-1]), (marks[0], marks[-1]), 480, 320)
    canvas.grid(len(marks) - 1)
    canvas.diagonal()
    canvas.dots(points, "pl-pts s1")
    title = _("Predicted against actual")
    bias = [decile["bias"] for decile in document["deciles"]]
    summary = _("Points on the diagonal are right.")
    if len(bias) > 2 and bias[0] > 0 > bias[-1]:
        summary = _("Low values are predicted too high and high values too low, as most models do.")
    elif bias and abs(bias[-1]) > 2 * abs(figures_by_name(document)["mean_error"]["value"]):
        edge = {"edge": number(document["deciles"][-1]["low"]), "bias": number(abs(bias[-1]))}
        low = _("From %(edge)s the model is too low by %(bias)s on average.")
        high = _("From %(edge)s the model is too high by %(bias)s on average.")
        summary = (low if bias[-1] < 0 else high) % edge
    caption = _("%(shown)s of %(rows)s") % {"shown": f"{len(points):,}", "rows": f"{document['rows']:,}"}
    texts = [label(mark, marks[1] - marks[0]) for mark in marks]
    rows = [[number(x), number(y)] for x, y in sorted(points)]
    return charts.Chart(
        "scatter", title, summary, canvas.svg(title, summary, "plot--reg"), texts, texts[::-1],
        [charts.Entry("s1", _("One row"), caption), charts.Entry("s6 dash", _("Perfect"))],
        charts.table([_("Actual"), _("Predicted")], rows),
    )  # fmt: skip


def _residuals(document: dict[str, Any]) -> charts.Chart:
    histogram, sizes = document["residuals"], document["errors"]
    counts = histogram["counts"]
    canvas = charts.Canvas((histogram["low"], histogram["high"]), (0, max(counts) or 1), 480, 320)
    canvas.grid(4)
    canvas.bars(counts, "hb hb--1")
    canvas.cut(0)
    title = _("Residuals")
    values = {"half": number(sizes["half"]), "most": number(sizes["most"])}
    summary = _("Half of all errors are within %(half)s, nine tenths within %(most)s.") % values
    step = (histogram["high"] - histogram["low"]) / len(counts)
    rows = [
        [number(histogram["low"] + at * step), number(histogram["low"] + (at + 1) * step), f"{count:,}"]
        for at, count in enumerate(counts)
    ]
    low, high = histogram["low"], histogram["high"]
    texts = [number(low), number(low / 2), "0", number(high / 2), number(high)]
    return charts.Chart(
        "residuals", title, summary, canvas.svg(title, summary, "plot--reg"), texts, (),
        [charts.Entry("sq s1", _("Predicted minus actual"))], charts.table([_("From"), _("To"), _("Rows")], rows),
    )  # fmt: skip


def _deciles(document: dict[str, Any]) -> charts.Chart:
    deciles = document["deciles"]
    errors = [decile["error"] for decile in deciles]
    overall = figures_by_name(document)["mae"]["value"]
    marks = ticks(0, max([*errors, overall]), 5)
    canvas = charts.Canvas((0, len(errors)), (0, marks[-1]), 480, 320)
    canvas.grid(len(marks) - 1)
    worst = max(range(len(errors)), key=errors.__getitem__)
    canvas.bars(errors, ["hb hb--e" if at == worst else "hb hb--1" for at in range(len(errors))], gap=8)
    canvas.level(overall)
    title = _("Error by decile")
    total = sum(decile["error"] * decile["rows"] for decile in deciles)
    values = {
        "low": number(deciles[worst]["low"]), "high": number(deciles[worst]["high"]),
        "share": f"{100 * errors[worst] * deciles[worst]['rows'] / total if total else 0:.0f}",
    }  # fmt: skip
    summary = _("Rows from %(low)s to %(high)s make %(share)s%% of the whole error.") % values
    rows = [
        [f"{number(d['low'])} – {number(d['high'])}", f"{d['rows']:,}", number(d["error"]), number(d["bias"])]
        for d in deciles
    ]
    texts = [label(mark, marks[1] - marks[0]) for mark in marks]
    return charts.Chart(
        "deciles", title, summary, canvas.svg(title, summary, "plot--reg"), [str(at + 1) for at in range(len(errors))],
        texts[::-1],
        [charts.Entry("sq s1", _("Mean absolute error")), charts.Entry("s6 dash", _("Overall"), number(overall))],
        charts.table([_("Actual"), _("Rows"), _("Mean absolute error"), _("Mean error")], rows), is_centred=True,
    )  # fmt: skip
