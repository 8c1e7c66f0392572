"""Settings and result of many members in one picture: an axis for each setting that differs, a line for each member."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from models_app.compare.lines import Line
from models_app.compare.measured import Figure
from models_app.compare.members import Member
from models_app.text import formats
from models_app.web.svg import n, path

WIDTH, HEIGHT = 1000, 220  # user units
MOST = 5  # settings


@dataclass(frozen=True)
class Axis:
    """One axis with the texts at its ends; `positions` by member are from 0, the top, to 1; None where it has none."""

    name: str
    is_code: bool
    top: str
    bottom: str
    positions: Sequence[float | None]


@dataclass(frozen=True)
class Parallel:
    """The picture."""

    axes: Sequence[Axis]
    svg: SafeString


def parallel_of(members: Sequence[Member], hyperparameters: Sequence[Line], chosen: Figure | None) -> Parallel | None:
    """The numbers among `hyperparameters` that differ and the figure, the best on top; None without any of either."""
    if chosen is None:
        return None
    axes = [axis for line in hyperparameters if (axis := _setting(line))][:MOST]
    result = _axis(chosen.title, False, chosen.values, [formats.metric(v, chosen.name) for v in chosen.values])
    if not axes or result is None:
        return None
    if not chosen.is_max:
        flipped = [None if index is None else 1 - index for index in result.positions]
        result = Axis(result.name, False, result.bottom, result.top, flipped)
    axes.append(result)
    title, summary = _("Settings and result"), _("A line for each; the best ones are coloured, and best is on top.")
    return Parallel(axes, _svg(members, axes, title, summary))


def _setting(line: Line) -> Axis | None:
    try:
        values = [float(cell.text) if cell.text != "-" else None for cell in line.cells]
    except ValueError:
        return None
    return _axis(line.name, line.is_code, values, [cell.text for cell in line.cells])


def _axis(name: str, is_code: bool, values: Sequence[float | None], texts: Sequence[str]) -> Axis | None:
    known = {value: text for value, text in zip(values, texts, strict=True) if value is not None}
    low, high = min(known, default=0.0), max(known, default=0.0)
    if low == high:
        return None
    positions = [None if value is None else (high - value) / (high - low) for value in values]
    return Axis(name, is_code, known[high], known[low], positions)


def _svg(members: Sequence[Member], axes: Sequence[Axis], title: str, summary: str) -> SafeString:
    step, marks = WIDTH / (len(axes) - 1), []
    for member in sorted(members, key=lambda member: member.cls != "many"):
        positions = [axis.positions[member.index] for axis in axes]
        points = [None if index is None else (at * step, index * HEIGHT) for at, index in enumerate(positions)]
        marks.append(f'<path class="pc-l {member.cls}" d="{path(points)}"/>')
    marks += [f'<path class="pc-ax" d="M{n(at * step)},0V{HEIGHT}"/>' for at in range(len(axes))]
    return format_html(
        '<svg class="plot pc-p" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-labelledby="pct pcd">'
        '<title id="pct">{}</title><desc id="pcd">{}</desc>{}</svg>',
        *(WIDTH, HEIGHT, title, summary, mark_safe("".join(marks))),  # noqa: S308  made here of numbers and classes
    )
