"""Draws the usage of a training job: processor, memory, rows a second."""

from datetime import datetime

from django.utils.translation import gettext as _

from common import amounts
from models_app.aws.metric_data import Points
from models_app.training.usage import Usage
from models_app.web import charts
from models_app.web.svg import label, ticks

WIDTH, HEIGHT = 300, 120


def charts_of(usage: Usage) -> list[charts.Chart]:
    """A chart of each figure that CloudWatch has."""
    cpu = (_("Processor"), "%", _("%(mean)s on average and %(most)s at most; 100%% is one core."))
    memory = (_("Memory"), "%", _("%(mean)s of its memory on average, %(most)s at most."))
    rows = (_("Rows a second"), "", _("%(mean)s rows a second on average, %(most)s at most."))
    return [
        *_chart("cpu", *cpu, usage.cpu, usage.start, "s2"),
        *_chart("memory", *memory, usage.memory, usage.start, "s4"),
        *_chart("rows", *rows, usage.rows, usage.start, "s1"),
    ]


def _chart(
    key: str, title: str, unit: str, words: str, points: Points, start: datetime, cls: str
) -> list[charts.Chart]:
    if not points:
        return []
    line = [(max(0.0, (at - start).total_seconds()), value) for at, value in points]
    values = [value for _at, value in line]
    marks = ticks(0, max(*values, 1.0), 4)
    end = max(line[-1][0], 1.0)
    canvas = charts.Canvas((0, end), (0, marks[-1]), WIDTH, HEIGHT)
    canvas.grid(len(marks) - 1)
    if len(line) > 1:
        canvas.line(line, cls, area=True)
    else:
        canvas.dots(line, f"pl-dot {cls}")

    def amount(value: float) -> str:
        return f"{value:,.0f}{unit}" if value >= 10 or value == 0 else f"{value:.2g}{unit}"

    summary = words % {"mean": amount(sum(values) / len(values)), "most": amount(max(values))}
    table = charts.table([_("After"), title], [[amounts.duration(at), amount(value)] for at, value in line])
    y_labels = [f"{label(mark, marks[1] - marks[0])}{unit}" for mark in reversed(marks)]
    x_labels = [amounts.duration(0), amounts.duration(end)]
    legend = [charts.Entry(cls, title, amount(values[-1]))]
    svg = canvas.svg(title, summary, "plot--small")
    return [charts.Chart(f"usage-{key}", title, summary, svg, x_labels, y_labels, legend, table)]
