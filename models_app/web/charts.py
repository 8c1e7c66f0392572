"""Draws the charts of an evaluation: numbers in, SVG, axis labels and the same data as a table out. No script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from zlib import crc32

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from models_app.web.svg import n, path

Range = tuple[float, float]
MAX_TABLE = 60  # rows of a chart's table


@dataclass(frozen=True)
class Entry:
    """One entry of a legend; `cls` is the palette's s1 to s6, with `dash` for a line of reference, `sq` for an area.

    `pt` is a point, round unless `is-sq` or `is-x` says otherwise.
    """

    cls: str
    name: str
    value: str = ""


@dataclass(frozen=True)
class Table:
    """The data of a chart: the names of its columns and rows of text. `more` is how many rows are left out."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    more: int = 0


@dataclass(frozen=True)
class Chart:
    """A drawn chart. `summary` is its finding in one sentence."""

    key: str
    title: str
    summary: str
    svg: SafeString
    x_labels: Sequence[str] = ()
    y_labels: Sequence[str] = ()
    legend: Sequence[Entry] = ()
    table: Table | None = None
    is_centred: bool = False  # the labels of the x axis are those of bars


@dataclass
class Canvas:
    """A drawing area of `width` by `height` user units over a range of values."""

    x: Range
    y: Range
    width: int = 400
    height: int = 300
    marks: list[str] = field(default_factory=list)

    def left(self, value: float) -> float:
        """The place of a value of x."""
        return self.width * (value - self.x[0]) / ((self.x[1] - self.x[0]) or 1)

    def top(self, value: float) -> float:
        """The place of a value of y."""
        return self.height * (self.y[1] - value) / ((self.y[1] - self.y[0]) or 1)

    def grid(self, lines: int) -> None:
        """Horizontal lines at equal distances, both ends among them."""
        self.marks += [
            f'<path class="pl-grid" d="M0,{n(self.height * i / lines)}H{self.width}"/>' for i in range(lines + 1)
        ]

    def line(self, points: Sequence[Sequence[float]], cls: str, area: bool = False) -> None:
        """A line through `points`; with `area` the space below it is tinted."""
        drawn = [(self.left(x), self.top(y)) for x, y in points]
        if area and drawn:
            corner = f"L{n(drawn[-1][0])},{self.height} {n(drawn[0][0])},{self.height}z"
            self.marks.append(f'<path class="pl-area {cls}" d="{path(drawn)}{corner}"/>')
        self.marks.append(f'<path class="pl-line {cls}" d="{path(drawn)}"/>')

    def diagonal(self) -> None:
        """From the lower left to the upper right corner, in values."""
        low, high = max(self.x[0], self.y[0]), min(self.x[1], self.y[1])
        start, end = (self.left(low), self.top(low)), (self.left(high), self.top(high))
        self.marks.append(f'<path class="pl-diag" d="M{n(start[0])},{n(start[1])}L{n(end[0])},{n(end[1])}"/>')

    def level(self, value: float, cls: str = "s6") -> None:
        """A horizontal line of reference."""
        self.marks.append(f'<path class="pl-h {cls}" d="M0,{n(self.top(value))}H{self.width}"/>')

    def cut(self, value: float) -> None:
        """The vertical line of a threshold."""
        self.marks.append(f'<path class="pl-cut" d="M{n(self.left(value))},0V{self.height}"/>')

    def event(self, value: float) -> None:
        """The dotted vertical line of something that happened."""
        self.marks.append(f'<path class="pl-v" d="M{n(self.left(value))},0V{self.height}"/>')

    def dots(self, points: Sequence[Sequence[float]], cls: str) -> None:
        """Round dots."""
        ends = "".join(f"M{n(self.left(x))},{n(self.top(y))}h.01" for x, y in points)
        self.marks.append(f'<path class="{cls}" d="{ends}"/>')

    def crosses(self, points: Sequence[Sequence[float]], cls: str, size: float = 2.5) -> None:
        """Crosses of two strokes, for what a colour alone should not tell apart."""
        span = n(2 * size)
        drawn = "".join(
            f"M{n(self.left(x) - size)},{n(self.top(y) - size)}l{span},{span}m-{span},0l{span},-{span}"
            for x, y in points
        )
        self.marks.append(f'<path class="{cls}" d="{drawn}"/>')

    def bars(self, counts: Sequence[float], cls: str | Sequence[str], gap: float = 1.5) -> None:
        """Bars of equal width over the whole range of x; what is not empty stays visible."""
        step = self.width / max(1, len(counts))
        for at, count in enumerate(counts):
            height = max(1.5, self.height - self.top(count)) if count else 0
            if height:
                own = cls if isinstance(cls, str) else cls[at]
                self.marks.append(
                    f'<rect class="{own}" x="{n(at * step + gap / 2)}" y="{n(self.height - height)}" '
                    f'width="{n(max(1.0, step - gap))}" height="{n(height)}"/>'
                )

    def stacks(self, columns: Sequence[Sequence[float]], classes: Sequence[str], gap: float = 6) -> None:
        """Bars of equal width, each of parts on top of one another, one class for each part."""
        step = self.width / max(1, len(columns))
        for at, parts in enumerate(columns):
            reached = 0.0
            for cls, part in zip(classes, parts, strict=True):
                top, bottom = self.top(reached + part), self.top(reached)
                reached += part
                if bottom - top >= 0.05:  # what rounds to nothing has no place
                    self.marks.append(
                        f'<rect class="{cls}" x="{n(at * step + gap / 2)}" y="{n(top)}" '
                        f'width="{n(max(1.0, step - gap))}" height="{n(bottom - top)}"/>'
                    )

    def shade(self, low: float, high: float) -> None:
        """A band between two values of x."""
        left, right = self.left(low), self.left(high)
        self.marks.insert(
            0, f'<rect class="hb--flag" x="{n(left)}" y="0" width="{n(right - left)}" height="{self.height}"/>'
        )

    def svg(self, title: str, summary: str, cls: str) -> SafeString:
        """The finished picture; an unchanged one keeps its ids."""
        key = f"c{crc32(f'{title}{cls}'.encode())}"
        return format_html(
            '<svg class="plot {}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-labelledby="{}t {}d">'
            '<title id="{}t">{}</title><desc id="{}d">{}</desc>{}</svg>',
            *(escape(cls), self.width, self.height, key, key, key, title, key, summary),
            mark_safe("".join(self.marks)),  # noqa: S308  made here of numbers and classes
        )


def thinned(rows: Sequence[Sequence[str]], limit: int = MAX_TABLE) -> tuple[list[Sequence[str]], int]:
    """(at most `limit` rows, evenly chosen, both ends among them; how many are left out)."""
    if len(rows) <= limit:
        return list(rows), 0
    indices = sorted({round(at * (len(rows) - 1) / (limit - 1)) for at in range(limit)})
    return [rows[at] for at in indices], len(rows) - len(indices)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A chart's table, thinned."""
    visible, more = thinned(rows)
    return Table(columns, visible, more)
