"""The page of a model that puts rows into groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from models_app.catalog.figures.maps import map_of, mark_of
from models_app.catalog.figures.strip import figures_by_name, interval_words, is_beyond_baseline
from models_app.catalog.figures.traits import sentence_of
from models_app.text import formats
from models_app.web import charts
from models_app.web.svg import label, ticks

CLEAR, WEAK = 0.5, 0.25  # silhouettes: Kaufman and Rousseeuw 1990, table 4
BETTER = 0.02  # of a silhouette, from which another number of groups is worth a word


@dataclass(frozen=True)
class GroupLine:
    """One group in words; `length` is that of its bar, 0 to 100."""

    name: str
    cls: str
    rows: str
    share: str
    length: float
    silhouette: str
    distance: str
    sentence: str


def context_of(document: dict[str, Any], choices: QueryDict) -> dict[str, Any]:
    """Verdict, map, sizes, numbers of groups and what makes each."""
    groups = document["groups"]
    marks = {group["name"]: mark_of(at) for at, group in enumerate(groups)}
    names = {name: group_name(name) for name in marks}
    title = _("Map of the groups")
    return {
        "verdict": verdict_of(document),
        "map": map_of(document["map"], document["rows"], title, marks, names),
        "counts": _counts(document),
        "groups": lines_of(document),
        "left_out": document["group_count"] - len(groups),
    }


def lines_of(document: dict[str, Any]) -> list[GroupLine]:
    """The groups in words, the largest first."""
    groups = document["groups"]
    largest = max(group["rows"] for group in groups)
    return [_line(group, document["rows"], largest, mark_of(at)) for at, group in enumerate(groups)]


def group_name(number: int) -> str:
    """The name of a group, by the number that the model answers."""
    return _("Group %(number)s") % {"number": number}


def _line(group: dict[str, Any], rows: int, largest: int, cls: str) -> GroupLine:
    return GroupLine(
        group_name(group["name"]), cls, f"{group['rows']:,}", f"{100 * group['rows'] / rows:.1f}%",
        100 * group["rows"] / largest, formats.metric(group["silhouette"], "silhouette"),
        formats.metric(group["distance"], "mean_distance"), sentence_of(group["traits"]),
    )  # fmt: skip


def verdict_of(document: dict[str, Any]) -> dict[str, str]:
    """The leading sentence: {tone, title, text}."""
    figure = figures_by_name(document).get("silhouette")
    if figure is None:
        if document["group_count"] == 1:
            text = _("Every row is closest to the same center, so there is nothing to tell apart.")
            return {"tone": "warn", "title": _("All rows are in one group"), "text": text}
        text = _("Each group needs more rows for a figure of how clearly the groups are apart.")
        return {"tone": "info", "title": _("Too few rows to judge the groups"), "text": text}
    values = {
        "silhouette": formats.metric(figure["value"], "silhouette"), "interval": interval_words(figure),
        "baseline": formats.metric(figure["baseline"], "silhouette"),
    }  # fmt: skip
    text = _("Silhouette %(silhouette)s; the same sizes dealt at random have %(baseline)s.")
    if figure["low"] is not None:
        text = _(
            "Silhouette %(silhouette)s (95%% interval %(interval)s); the same sizes dealt at random have %(baseline)s."
        )
    words = text % values
    if better := _better_count(document, figure["value"]):
        words += " " + better
    if is_beyond_baseline(figure) <= 0 and figure["low"] is not None:
        return {"tone": "warn", "title": _("The groups are no clearer than chance makes them"), "text": words}
    if figure["value"] >= CLEAR:
        return {"tone": "ok", "title": _("The groups are clearly apart"), "text": words}
    if figure["value"] >= WEAK:
        return {"tone": "info", "title": _("The groups are apart, and touch"), "text": words}
    return {"tone": "warn", "title": _("The groups are hardly apart"), "text": words}


def _better_count(document: dict[str, Any], own: float) -> str:
    count, silhouette = max(document["counts"], key=lambda pair: pair[1], default=(0, 0.0))
    if count == document["group_count"] or silhouette < own + BETTER:
        return ""
    values = {"count": count, "silhouette": formats.metric(silhouette, "silhouette")}
    return _("With %(count)s groups, scikit-learn's k-means reaches %(silhouette)s on these rows.") % values


def _counts(document: dict[str, Any]) -> charts.Chart | None:
    """The silhouette by number of groups."""
    tried = document["counts"]
    if len(tried) < 2:
        return None
    figure = figures_by_name(document).get("silhouette")
    own = [(document["group_count"], figure["value"])] if figure else []
    inside = [point for point in own if tried[0][0] <= point[0] <= tried[-1][0]]
    levels = [value for _count, value in [*tried, *inside]]
    marks = ticks(min(levels), max(levels), 4)
    canvas = charts.Canvas((tried[0][0], tried[-1][0]), (marks[0], marks[-1]), 480, 132)
    canvas.grid(len(marks) - 1)
    canvas.line(tried, "s1")
    canvas.dots(inside, "pl-dot s3")
    best = max(tried, key=lambda pair: pair[1])
    values = {"count": best[0], "silhouette": formats.metric(best[1], "silhouette")}
    title = _("How many groups")
    summary = _("Highest with %(count)s groups: %(silhouette)s.") % values
    rows = [[str(count), formats.metric(value, "silhouette")] for count, value in tried]
    legend = [charts.Entry("s1", _("scikit-learn's k-means"))]
    if inside:
        legend.append(charts.Entry("pt s3", _("This model"), formats.metric(inside[0][1], "silhouette")))
    texts = [label(mark, marks[1] - marks[0]) for mark in marks]
    return charts.Chart(
        "counts", title, summary, canvas.svg(title, summary, "plot--s"), [str(count) for count, _value in tried],
        texts[::-1], legend, charts.table([_("Groups"), formats.metric_name("silhouette")], rows),
    )  # fmt: skip
