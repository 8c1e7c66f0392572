"""A map of rows on two directions, a colour and a shape for each group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from models_app.web import charts

COLOURS, SHAPES = 5, ("", " is-sq", " is-x")
NAMED = COLOURS * len(SHAPES)  # groups that look different; further ones are grey


def mark_of(index: int) -> str:
    """The colour and the shape of the group at `index`, as classes."""
    return f"s{index % COLOURS + 1}{SHAPES[index % len(SHAPES)]}" if index < NAMED else "s6"


def map_of(
    document: dict[str, Any] | None, rows: int, title: str, marks: Mapping[int, str],
    names: Mapping[int, str],
) -> charts.Chart | None:  # fmt: skip
    """The map of `document`, {"points": [[x, y, group]], "shares"}; None where the rows do not differ.

    `marks` and `names` are those of each group; a point of no such group is grey, and a single one has no legend.
    """
    if document is None:
        return None
    points = document["points"]
    x, y = ([point[at] for point in points] for at in (0, 1))
    canvas = charts.Canvas(_range(x), _range(y), 480, 320)
    canvas.grid(2)
    of_group: dict[int, list[list[float]]] = {}
    for across, up, group in points:
        of_group.setdefault(group, []).append([across, up])
    for group in sorted(of_group, key=lambda group: group in marks):
        cls = marks.get(group, "s6")
        if cls.endswith("is-x"):
            canvas.crosses(of_group[group], f"pl-pts pl-pts--x {cls}")
        else:
            canvas.dots(of_group[group], f"pl-pts {cls}")
    share = sum(document["shares"])
    summary = _("The two main directions hold %(share)s%% of the variance.") % {"share": f"{100 * share:.0f}"}
    if share < 0.5:
        summary = _(
            "The two main directions hold %(share)s%% of the variance, so rows that lie together here may be far apart."
        ) % {"share": f"{100 * share:.0f}"}
    if len(points) < rows:
        counts = {"shown": f"{len(points):,}", "rows": f"{rows:,}"}
        summary += " " + _("%(shown)s of %(rows)s rows are drawn.") % counts
    legend = [
        charts.Entry(f"pt {marks[group]}", names[group]) for group in marks if group in names and group in of_group
    ]
    data = [
        [f"{across:g}", f"{up:g}", *([names.get(group, str(group))] if names else [])] for across, up, group in points
    ]
    columns = [_("Direction 1"), _("Direction 2"), *([_("Group")] if names else [])]
    return charts.Chart(
        "map", title, summary, canvas.svg(title, summary, "plot--map"), legend=legend,
        table=charts.table(columns, data),
    )  # fmt: skip


def _range(values: list[float]) -> charts.Range:
    low, high = min(values), max(values)
    margin = 0.04 * (high - low) or 1.0
    return low - margin, high + margin
