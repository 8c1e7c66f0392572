"""Draws drift: the largest PSI by day, and a column's training values beside those of now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from models_app.endpoints.drift import ANSWERS
from models_app.web import charts
from models_app.web.svg import label, n, path, ticks
from tables.drift import CHANGED, MOVED

WIDTH, HEIGHT = 120, 28  # of a column's picture


def psi_by_day(drift: Mapping[str, Any]) -> charts.Chart | None:
    """The largest PSI of each day with its limits; None without a day with rows enough."""
    days = drift.get("days") or []
    if not days:
        return None
    marks = ticks(0, max([CHANGED, *(psi for _day, psi, _name in days)]), 4)
    canvas = charts.Canvas((0, max(1, len(days) - 1)), (0, marks[-1]), 600, 160)
    canvas.grid(len(marks) - 1)
    canvas.level(MOVED, "goal")
    canvas.level(CHANGED, "s3")
    points = [(index, psi) for index, (_day, psi, _name) in enumerate(days)]
    canvas.line(points, "s1")
    canvas.dots(points, "pl-dot pl-dot--s s1")
    title = _("Largest PSI by day")
    day, psi, name = days[-1]
    values = {"day": day, "name": title_of(name), "psi": f"{psi:.2f}"}
    summary = _("On %(day)s %(name)s was farthest from training, with a PSI of %(psi)s.") % values
    legend = [
        charts.Entry("s1", _("Largest PSI"), f"{psi:.2f}"),
        charts.Entry("goal", _("Moved"), f"{MOVED:.2f}"),
        charts.Entry("s3 dash", _("Changed"), f"{CHANGED:.2f}"),
    ]
    rows = [[day, title_of(name), f"{psi:.4f}"] for day, psi, name in days]
    return charts.Chart(
        "psi", title, summary, canvas.svg(title, summary, "plot--m"), [days[0][0], days[-1][0]],
        [label(mark, marks[1] - marks[0]) for mark in reversed(marks)], legend,
        charts.table([_("Day"), _("Column"), "PSI"], rows),
    )  # fmt: skip


def title_of(name: str) -> str:
    """A column by its name, an answer by its title."""
    return _(ANSWERS[name]) if name in ANSWERS else name


def column_picture(training: Sequence[float], now: Sequence[float]) -> SafeString:
    """Bars of the shares of training and a line of those of now, by bin. The numbers are in the table beside it."""
    shares = [[count / max(1.0, sum(counts)) for count in counts] for counts in (training, now)]
    top = max(*shares[0], *shares[1]) or 1.0
    step = WIDTH / len(training)
    bars = "".join(
        f'<rect class="hb hb--n" x="{n(index * step + 0.5)}" y="{n(HEIGHT * (1 - share / top))}" '
        f'width="{n(max(1.0, step - 1))}" height="{n(HEIGHT * share / top)}"/>'
        for index, share in enumerate(shares[0])
    )
    line = path(((index + 0.5) * step, HEIGHT * (1 - share / top)) for index, share in enumerate(shares[1]))
    return format_html(
        '<svg width="{}" height="{}" viewBox="0 0 {} {}" aria-hidden="true">{}<path class="pl-line s3" d="{}"/></svg>',
        *(WIDTH, HEIGHT, WIDTH, HEIGHT, mark_safe(bars), line),  # noqa: S308  made here of numbers
    )
