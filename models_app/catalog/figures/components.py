"""The page of a model that projects rows on a few components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from models_app.catalog.figures.maps import map_of
from models_app.catalog.figures.strip import figures_by_name, interval_words
from models_app.text import formats
from models_app.web import charts

MIN_PART = 0.02  # of a component, up to which a feature is not named


@dataclass(frozen=True)
class ComponentLine:
    """One component in words: its share, and the features that make most of it."""

    name: str
    answer: int  # its position in the model's answer, from 1
    share: str
    cumulative: str
    length: float
    weights: str


def context_of(document: dict[str, Any], choices: QueryDict) -> dict[str, Any]:
    """Verdict, shares of the variance, what each component is made of, the map."""
    lines, sum_so_far = [], 0.0
    for rank, component in enumerate(document["components"]):
        sum_so_far += component["share"]
        lines.append(_line(component, rank, sum_so_far, document["components"][0]["share"]))
    return {
        "verdict": verdict_of(document),
        "explained": _explained(document),
        "map": map_of(document["map"], document["rows"], _("Map of the rows"), {0: "s1"}, {}),
        "components": lines,
        "left_out": document["component_count"] - len(lines),
        "has_weights": any(line.weights for line in lines),
    }


def component_name(rank: int) -> str:
    """The name of a component, by its rank from 1."""
    return _("Component %(number)s") % {"number": rank + 1}


def _line(component: dict[str, Any], rank: int, cumulative: float, largest: float) -> ComponentLine:
    words = [
        f"{weight['feature']} {weight['weight']:+.2f}" for weight in component["weights"] if weight["part"] >= MIN_PART
    ]
    return ComponentLine(
        component_name(rank), component["answer"], _percent(component["share"]), _percent(cumulative),
        100 * component["share"] / largest if largest else 0.0, ", ".join(words),
    )  # fmt: skip


def verdict_of(document: dict[str, Any]) -> dict[str, str]:
    """The leading sentence: {tone, title, text}."""
    by_name = figures_by_name(document)
    figure = by_name.get("kept_variance") or by_name.get("first_two")
    if figure is None:
        text = _("All rows are the same, so there is no variance that a component could hold.")
        return {"tone": "warn", "title": _("The rows do not differ"), "text": text}
    count = document["component_count"]
    values = {
        "count": count, "features": f"{document['features']:,}", "kept": _percent(figure["value"]),
        "interval": interval_words(figure), "baseline": _percent(figure["baseline"]),
    }  # fmt: skip
    if "kept_variance" not in by_name:
        text = _("The answers are no weighted sums of the columns, so what they are made of cannot be told.")
        title = _("The first two answers vary as %(kept)s of the columns") % values
        return {"tone": "info", "title": title, "text": text}
    title = ngettext(
        "%(count)s component keeps %(kept)s of the variance of %(features)s columns",
        "%(count)s components keep %(kept)s of the variance of %(features)s columns",
        count,
    )
    if document["features"] == 1:
        title = _("%(count)s component keeps %(kept)s of the variance of one column")
    text = _("If all directions were alike, they would keep %(baseline)s.")
    if figure["low"] is not None:
        text = _("95%% interval %(interval)s. If all directions were alike, they would keep %(baseline)s.")
    tone = "ok" if figure["value"] > figure["baseline"] else "info"
    return {"tone": tone, "title": title % values, "text": text % values}


def _explained(document: dict[str, Any]) -> charts.Chart:
    """The share of each component as bars, what they hold together as a line, and equal shares."""
    shares = [component["share"] for component in document["components"]]
    together = [sum(shares[: at + 1]) for at in range(len(shares))]
    canvas = charts.Canvas((0, len(shares)), (0, max(1.0, together[-1])), 480, 250)
    canvas.grid(4)
    canvas.bars(shares, "hb hb--1", gap=8 if len(shares) <= 20 else 2)
    equal = [min(1.0, (at + 1) / document["features"]) for at in range(len(shares))]
    canvas.line([(at + 0.5, value) for at, value in enumerate(together)], "s2")
    canvas.line([(at + 0.5, value) for at, value in enumerate(equal)], "s6 dash")
    title = _("Variance by component")
    enough = next((at + 1 for at, value in enumerate(together) if value >= 0.8), 0)
    values = {"first": _percent(shares[0]), "all": _percent(together[-1]), "count": len(shares), "enough": enough}
    summary = _("The strongest holds %(first)s, all %(count)s together %(all)s.") % values
    if enough:
        summary = _("The strongest holds %(first)s; %(enough)s hold four fifths of the variance.") % values
    rows = [
        [component_name(at), _percent(share), _percent(together[at]), _percent(equal[at])]
        for at, share in enumerate(shares)
    ]
    legend = [
        charts.Entry("sq s1", _("One component")), charts.Entry("s2", _("Together"), _percent(together[-1])),
        charts.Entry("s6 dash", _("Equal shares, together")),
    ]  # fmt: skip
    data = charts.table([_("Component"), _("Share"), _("Together"), _("Equal shares")], rows)
    names = [str(at + 1) for at in range(len(shares))] if len(shares) <= 20 else []
    return charts.Chart(
        "explained", title, summary, canvas.svg(title, summary, "plot--reg"), names, ["100%", "50%", "0%"], legend,
        data, is_centred=True,
    )  # fmt: skip


def _percent(value: float) -> str:
    return formats.metric(value, "kept_variance")
