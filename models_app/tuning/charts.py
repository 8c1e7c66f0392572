"""Draws a tuning job: the objective by try with the best so far, and the objective by each setting."""

from __future__ import annotations

import math
from itertools import pairwise

from django.utils.translation import gettext as _

from models_app.models import TuningJob
from models_app.text import formats
from models_app.web import charts
from models_app.web.svg import label, ticks

WIDTH, HEIGHT = 600, 240
SMALL_WIDTH, SMALL_HEIGHT = 300, 120
MAX_SETTINGS = 8


def by_try(row: TuningJob) -> charts.Chart | None:
    """The objective of each try, and the best so far; None before the first value."""
    values = row.values
    if not values:
        return None
    best = row.best_so_far
    canvas, y_labels = _canvas([v for _n, v in values], (1, max(2, len(row.trials), row.limit or 0)), WIDTH, HEIGHT)
    steps = [point for (x, y), (after, _next) in pairwise(best) for point in ((x, y), (after, y))]
    canvas.dots(values, "pl-pts s2")
    canvas.line([*steps, best[-1]], "s1")
    metric = formats.metric_name(row.objective)
    number = next(n for n, value in values if value == best[-1][1])
    top = formats.metric(best[-1][1], row.objective)
    words = {"n": number, "metric": metric, "value": top, "tries": len(row.trials)}
    summary = _("Try %(n)s of %(tries)s is the best so far: %(metric)s %(value)s.") % words
    legend = [charts.Entry("s1", _("Best so far"), top), charts.Entry("s2 pt", _("One try"))]
    table = charts.table(
        [_("Try"), metric, _("Best so far")],
        [
            [str(n), formats.metric(own, row.objective), formats.metric(until, row.objective)]
            for (n, own), (_n, until) in zip(values, best, strict=True)
        ],
    )
    title = _("%(metric)s by try") % {"metric": metric}
    x_labels = ["1", f"{int(canvas.x[1]):,}"]
    return charts.Chart("by-try", title, summary, canvas.svg(title, summary, ""), x_labels, y_labels, legend, table)


def by_setting(row: TuningJob) -> list[charts.Chart]:
    """The objective by each setting that is a number and was varied."""
    names = list(dict.fromkeys(name for trial in row.trials for name in trial["tuned"]))
    return [chart for at, name in enumerate(names[:MAX_SETTINGS]) if (chart := _by_setting(row, name, f"by-{at}"))]


def _by_setting(row: TuningJob, name: str, key: str) -> charts.Chart | None:
    points = []
    for trial in row.trials:
        try:
            number = float(trial["tuned"][name])
        except (KeyError, ValueError):
            continue
        if trial["value"] is not None and math.isfinite(number):  # a value of a list may be the word "inf"
            points.append((number, trial["value"]))
    low, high = min((x for x, _y in points), default=0.0), max((x for x, _y in points), default=0.0)
    if low == high or math.isinf(high - low):
        return None
    canvas, y_labels = _canvas([y for _x, y in points], (low, high), SMALL_WIDTH, SMALL_HEIGHT)
    best = (min if row.goal == "min" else max)(points, key=lambda point: point[1])
    canvas.dots(points, "pl-pts s2")
    canvas.dots([best], "pl-dot s3")
    metric = formats.metric_name(row.objective)
    title = _("%(metric)s by %(setting)s") % {"metric": metric, "setting": name}
    value = formats.metric(best[1], row.objective)
    summary = _("Best at %(setting)s: %(metric)s %(value)s") % {
        "setting": f"{best[0]:.4g}", "metric": metric, "value": value,
    }  # fmt: skip
    cells = [[f"{x:.6g}", formats.metric(y, row.objective)] for x, y in sorted(points)]
    table = charts.table([name, metric], cells)
    svg = canvas.svg(title, summary, "plot--small")
    return charts.Chart(key, name, summary, svg, [f"{low:.4g}", f"{high:.4g}"], y_labels, (), table)


def _canvas(values: list[float], x: charts.Range, width: int, height: int) -> tuple[charts.Canvas, list[str]]:
    marks = ticks(min(values), max(values), 5)
    canvas = charts.Canvas(x, (marks[0], marks[-1]), width, height)
    canvas.grid(len(marks) - 1)
    return canvas, [label(mark, marks[1] - marks[0]) for mark in reversed(marks)]
