"""Draws over time: the axis of a span, its labels, and points that have gaps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from models_app.aws.metric_data import Points
from models_app.endpoints.traffic import Window
from models_app.text.formats import month_day
from models_app.web import charts
from models_app.web.svg import label, ticks

LABELS = 5  # of the axis
DAY = timedelta(days=1)


def clock(at: datetime, window: Window) -> str:
    """A moment of the axis as short as the span allows, in the person's zone."""
    here = localtime(at)
    return f"{here:%H:%M}" if window.span.length <= DAY else f"{month_day(here)} {here:%H:%M}"


def canvas_of(window: Window, values: Sequence[float], unit: str = "") -> tuple[charts.Canvas, list[str]]:
    """An empty drawing area for `values` with its horizontal lines, and their labels from top to bottom.

    Values without a unit are counts, which have no fractions.
    """
    most = max([*values, 1e-3 if unit else 1])
    marks = ticks(0, most, 4)
    if not unit and marks[1] % 1:
        step = math.ceil(marks[1]) if marks[1] < 1 else 2 * marks[1]  # 0.5, 2.5
        marks = [index * step for index in range(math.ceil(most / step) + 1)]
    canvas = charts.Canvas((window.start.timestamp(), window.end.timestamp()), (0, marks[-1]), 600, 200)
    canvas.grid(len(marks) - 1)
    return canvas, [f"{label(mark, marks[1] - marks[0])}{f' {unit}' if unit else ''}" for mark in reversed(marks)]


def x_labels(window: Window) -> list[str]:
    """LABELS moments at equal distances, both ends among them."""
    step = (window.end - window.start) / (LABELS - 1)
    return [clock(window.start + step * index, window) for index in range(LABELS)]


def filled(window: Window, points: Points) -> Points:
    """The sums of `points` by step, 0 where there is none."""
    sums: dict[float, float] = {}
    for at, value in points:
        sums[at.timestamp()] = sums.get(at.timestamp(), 0) + value
    first, step = window.start.timestamp(), window.span.step
    indices = range(round(window.span.length.total_seconds() / step))
    return [
        (datetime.fromtimestamp(first + index * step, window.start.tzinfo), sums.get(first + index * step, 0.0))
        for index in indices
    ]


def runs(points: Points, step: int) -> list[list[tuple[float, float]]]:
    """`points` by seconds, cut where a step has none."""
    pieces: list[list[tuple[float, float]]] = []
    for at, value in points:
        second = at.timestamp()
        if not pieces or second - pieces[-1][-1][0] > 1.5 * step:
            pieces.append([])
        pieces[-1].append((second, value))
    return pieces


def step_words(window: Window) -> str:
    """The length of a step."""
    return {60: _("a minute"), 600: _("10 minutes"), 3600: _("an hour")}.get(window.span.step, _("6 hours"))
