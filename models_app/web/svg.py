"""Draws the small pictures of the console: numbers in, SVG markup out. No style attributes: the CSP forbids them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from zlib import crc32

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

MAX_POINTS = 300  # more than this a chart cannot show and the browser must not carry
Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """One line of a chart. `points` are (x, y), y None where there is a gap; `cls` is the palette's s1 to s6."""

    name: str
    points: Sequence[tuple[float, float | None]]
    cls: str = "s1"
    dash: bool = False
    best: Point | None = None

    @property
    def last(self) -> float | None:
        """The last value that is known; None while there is none."""
        return next((y for _, y in reversed(self.points) if y is not None), None)


@dataclass(frozen=True)
class Plot:
    """A drawn chart: the SVG and the labels of its axes, top to bottom and left to right."""

    svg: SafeString
    y_labels: list[str] = field(default_factory=list)
    x_labels: list[str] = field(default_factory=list)


def n(value: float) -> str:
    """A coordinate, rounded to 0.1 so that unchanged data gives unchanged markup."""
    return f"{round(value, 1):g}"


def rail(states: Sequence[str], pct: float | None = None) -> SafeString:
    """The stages as segments: done, now, fail, stop or wait; `pct` (0 to 100) fills the one that is now."""
    return _rail(tuple(states), pct)


@lru_cache(maxsize=256)
def _rail(states: tuple[str, ...], pct: float | None) -> SafeString:
    share = 0.4 if pct is None else max(0.0, min(1.0, pct / 100))
    widths = {"done": 15.0, "fail": 15.0, "stop": 7.2, "now": 15 * share}
    parts = []
    for i, state in enumerate(states):
        parts.append(f'<rect class="rail__bg" x="{i * 18}" y="0" width="15" height="4" rx="2"/>')
        if width := widths.get(state, 0):
            parts.append(f'<rect class="rail__{state}" x="{i * 18}" y="0" width="{n(width)}" height="4" rx="2"/>')
    return _safe(
        f'<svg class="rail" width="69" height="4" viewBox="0 0 69 4" aria-hidden="true">{"".join(parts)}</svg>'
    )


def spark(values: Iterable[float | None], upto: float | None = 1.0, tone: str = "") -> SafeString:
    """A 72 x 24 learning curve; `upto` (0 to 1) is how far training has come, the rest is dotted."""
    return _spark(tuple(values), upto, tone)


@lru_cache(maxsize=1024)  # most jobs have ended, and lists that follow the rows draw them again and again
def _spark(numbers: tuple[float | None, ...], upto: float | None, tone: str) -> SafeString:
    values = [None if v is None or not math.isfinite(v) else v for v in numbers]
    finite = [v for v in values if v is not None]
    if not finite:
        return _safe("")
    low, high = min(finite), max(finite)
    width = 68 * (1.0 if upto is None else max(0.02, min(1.0, upto)))
    step = width / max(1, len(values) - 1)
    at = [
        None if v is None else (2 + i * step, 12.0 if high == low else 21 - 18 * (v - low) / (high - low))
        for i, v in enumerate(values)
    ]
    x, y = next(p for p in reversed(at) if p is not None)
    rest = f'<path class="spark__rest" d="M{n(x)},{n(y)} H70"/>' if x < 69.5 else ""
    return _safe(
        f'<svg class="spark{" spark--" + escape(tone) if tone else ""}" width="72" height="24" viewBox="0 0 72 24"'
        f' aria-hidden="true">{rest}<path class="spark__line" d="{path(at)}"/>'
        f'<circle class="spark__dot" cx="{n(x)}" cy="{n(y)}" r="2.25"/></svg>'
    )


def bar(pct: float | None, cls: str = "") -> SafeString:
    """A bar filled to `pct` percent; the number belongs in text beside it."""
    width = n(max(0.0, min(100.0, pct or 0)))
    return _safe(
        f'<svg class="bar {escape(cls)}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="bar__fill" width="{width}" height="6"/></svg>'
    )


def hist(counts: Sequence[float], width: int = 72, height: int = 20) -> SafeString:
    """A histogram of a column; every bin that holds anything stays visible."""
    if not counts or not max(counts):
        return _safe("")
    step, top = width / len(counts), max(counts)
    rects = "".join(
        f'<rect x="{n(i * step)}" y="{n(height - h)}" width="{n(max(1.0, step - 1))}" height="{n(h)}"/>'
        for i, h in enumerate(max(1.0, height * c / top) if c else 0 for c in counts)
        if h
    )
    return _safe(
        f'<svg class="hist" width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-hidden="true">'
        f"{rects}</svg>"
    )


def path(points: Iterable[Point | None]) -> str:
    """The `d` of a line through `points`; None starts a new piece, so a gap stays a gap."""
    pieces: list[list[str]] = [[]]
    for point in points:
        if point is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{n(point[0])},{n(point[1])}")
    return " ".join("M" + " ".join(piece if len(piece) > 1 else piece * 2) for piece in pieces if piece)


def ticks(low: float, high: float, limit: int = 6) -> list[float]:
    """Round numbers that cover low to high, both ends included, `most` at the most."""
    if high <= low:
        pad = abs(low) * 0.1 or 0.5
        low, high = low - pad, high + pad
    rough = (high - low) / max(1, limit - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    for step in (1, 2, 2.5, 5, 10, 20, 25, 50):
        size = step * power
        first, last = math.floor(low / size + 1e-9), math.ceil(high / size - 1e-9)
        if last - first + 1 <= limit:
            break
    return [round(i * size, 12) for i in range(first, last + 1)]


def label(value: float, step: float) -> str:
    """A tick's text with as many decimals as the step between ticks needs."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step else 0
    if round(step * 10**decimals, 6) != round(step * 10**decimals):
        decimals += 1
    return f"{value:,.{decimals}f}"


def plot(
    series: Sequence[Series],
    *,
    title: str,
    summary: str,
    x_end: float | None = None,
    goal: float | None = None,
    width: int = 600,
    height: int = 240,
    cls: str = "",
) -> Plot:
    """A line chart. `summary` says the finding in words; `x_end` is where training ends: what is to come is shaded."""
    drawn = [[(x, y) for x, y in s.points if y is not None and math.isfinite(y)] for s in series]
    xs = [x for points in drawn for x, _ in points]
    ys = [y for points in drawn for _, y in points] + ([goal] if goal is not None else [])
    if not xs:
        return Plot(_safe(""))
    now = max(xs)
    x_low, x_high = min(0.0, *xs), max(now, x_end or now, 1.0)
    y_ticks = ticks(min(ys), max(ys))
    y_low, y_high = y_ticks[0], y_ticks[-1]

    def to_pixels(point):
        x, y = point
        if y is None or not math.isfinite(y):
            return None
        return (width * (x - x_low) / (x_high - x_low), height * (y_high - y) / (y_high - y_low))

    marks = []
    if x_high > now:
        left = width * (now - x_low) / (x_high - x_low)
        marks.append(f'<rect class="pl-band" x="{n(left)}" y="0" width="{n(width - left)}" height="{height}"/>')
    marks += [
        f'<path class="pl-grid" d="M0,{n(height * i / (len(y_ticks) - 1))}H{width}"/>' for i in range(len(y_ticks))
    ]
    if goal is not None:
        marks.append(f'<path class="pl-h goal" d="M0,{n(to_pixels((0, goal))[1])}H{width}"/>')
    marks += [f'<path class="pl-v best" d="M{n(to_pixels(s.best)[0])},0V{height}"/>' for s in series if s.best]
    for s in series:
        line = path(to_pixels(p) for p in thin(s.points))
        marks.append(f'<path class="pl-line {escape(s.cls)}{" dash" if s.dash else ""}" d="{line}"/>')
    for s in series:
        if s.best:
            x, y = to_pixels(s.best)
            marks.append(f'<path class="pl-dot {escape(s.cls)}" d="M{n(x)},{n(y)}h.01"/>')
    key = f"c{crc32(title.encode())}"  # the same chart keeps its id, so unchanged data gives unchanged markup
    svg = format_html(
        '<svg class="plot {}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-labelledby="{}t {}d">'
        '<title id="{}t">{}</title><desc id="{}d">{}</desc>{}</svg>',
        *(cls, width, height, key, key, key, title, key, summary, _safe("".join(marks))),
    )
    y_step = y_ticks[1] - y_ticks[0]
    x_labels = (
        [f"{x_low + (x_high - x_low) * i / 4:,.0f}" for i in range(5)] if x_high - x_low >= 4 else _few(x_low, x_high)
    )
    return Plot(svg, [label(t, y_step) for t in reversed(y_ticks)], x_labels)


def _few(low: float, high: float) -> list[str]:
    return [f"{low:g}", f"{high:g}"]


def thin(points: Sequence[tuple[float, float | None]], limit: int = MAX_POINTS) -> Sequence[tuple[float, float | None]]:
    """At most `most` points that keep the line's shape (largest triangle of each bucket)."""
    if len(points) <= limit:
        return points
    if any(y is None for _, y in points):
        stride = math.ceil(len(points) / limit)
        return [*points[:-1:stride], points[-1]]
    thinned, size = [points[0]], (len(points) - 2) / (limit - 2)
    for i in range(limit - 2):
        start, stop = int(i * size) + 1, int((i + 1) * size) + 1
        after = points[stop : int((i + 2) * size) + 1] or points[-1:]
        cx, cy = sum(x for x, _ in after) / len(after), sum(y for _, y in after) / len(after)  # type: ignore[misc]
        ax, ay = thinned[-1]
        thinned.append(
            max(points[start:stop], key=lambda p: abs((ax - cx) * (p[1] - ay) - (ax - p[0]) * (cy - ay)))  # type: ignore[operator]
        )
    return [*thinned, points[-1]]


def _safe(markup: str) -> SafeString:
    return mark_safe(markup)  # noqa: S308  made here of numbers and escaped words
