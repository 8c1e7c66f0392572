"""Draws the effects of columns on the Explain page: where low and high values push, and which pairs act together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from models_app.web import charts
from models_app.web.svg import n

WIDTH, HEIGHT = 600, 26
BINS = 75  # of the width, within which dots are stacked
STACK = 4  # dots above each other on each side of the middle


@dataclass(frozen=True)
class Bees:
    """The dots of several columns on one axis: (column, finding, SVG) of each, the axis' labels and the data."""

    rows: list[tuple[str, str, SafeString]]
    x_labels: list[str]
    table: charts.Table


def bees_of(effects: dict[str, Any]) -> Bees | None:
    """The dots of the columns that have an order; None without any."""
    dots = [entry for entry in effects["dots"] if entry["points"]]
    if not dots:
        return None
    largest = max(abs(effect) for entry in dots for effect, _third in entry["points"]) or 1.0
    rows, data = [], []
    for entry in dots:
        means = [_mean([effect for effect, third in entry["points"] if third == which]) for which in range(3)]
        finding = _finding(entry["column"], means)
        rows.append((entry["column"], finding, _svg(entry, largest, finding)))
        data.append([entry["column"], *("-" if mean is None else f"{mean:+.3g}" for mean in means)])
    names = [_("Column"), _("Low third"), _("Middle third"), _("High third")]
    labels = [f"{largest * share:+.2g}" if share else "0" for share in (-1, -0.5, 0, 0.5, 1)]
    return Bees(rows, labels, charts.table(names, data))


def interaction_sentences(explanation: dict[str, Any]) -> list[str]:
    """A sentence for each pair of columns whose effects depend on each other."""
    words = _(
        "The effect of %(one)s depends on %(other)s: %(share)s%% of how the answer varies with both is in neither "
        "alone."
    )
    return [
        words % {"one": pair["columns"][0], "other": pair["columns"][1], "share": f"{100 * pair['share']:.0f}"}
        for pair in explanation.get("interactions") or ()
    ]


def disagreement(explanation: dict[str, Any]) -> str:
    """A sentence on the column that moves answers most and is missed least, where there is one."""
    effects = explanation["effects"]["columns"]
    total, losses = sum(effects.values()) or 1.0, {entry["column"]: entry for entry in explanation["columns"]}
    largest = max((entry["loss"] for entry in losses.values()), default=0.0)
    for name, effect in sorted(effects.items(), key=lambda pair: -pair[1]):
        entry = losses.get(name)
        if entry is not None and effect > 0.15 * total and entry["loss"] < max(0.02 * largest, entry["sd"]):
            words = _(
                "%(column)s moves the answers much, but little is lost when it is shuffled: another column says nearly "
                "the same, or its effect does not help."
            )
            return words % {"column": name}
    return ""


def _finding(column: str, means: list[float | None]) -> str:
    low, high = means[0], means[2]
    if low is None or high is None or max(abs(low), abs(high)) == 0:
        return _("%(column)s: low and high values push alike.") % {"column": column}
    if high > 0 > low:
        return _("High values of %(column)s push up, low ones down.") % {"column": column}
    if low > 0 > high:
        return _("Low values of %(column)s push up, high ones down.") % {"column": column}
    return _("%(column)s: low and high values push alike.") % {"column": column}


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _svg(entry: dict[str, Any], largest: float, finding: str) -> SafeString:
    stacked: Counter[int] = Counter()
    paths: list[list[str]] = [[], [], []]
    for effect, third in entry["points"]:
        left = WIDTH / 2 * (1 + effect / largest)
        slot = int(left * BINS / WIDTH)
        level, stacked[slot] = stacked[slot] % (2 * STACK + 1), stacked[slot] + 1
        top = HEIGHT / 2 + (level + 1) // 2 * (2.6 if level % 2 else -2.6)
        paths[third].append(f"M{n(left)} {n(top)}h.01")
    dots = format_html_join("", '<path class="be{}" d="{}"/>', ((at, "".join(moves)) for at, moves in enumerate(paths)))
    return format_html(
        '<svg class="bee" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path class="pl-grid" d="M{} 0V{}"/>{}</svg>',
        WIDTH, HEIGHT, finding, WIDTH // 2, HEIGHT, dots,
    )  # fmt: skip
