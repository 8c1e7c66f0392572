"""Charts of two classes: scores, cost, ROC, precision and recall, calibration, lift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from models_app.catalog.figures.counts import Counts
from models_app.catalog.figures.strip import figures_by_name
from models_app.text import formats
from models_app.web import charts
from models_app.web.svg import label, ticks

SHARES = ("0", "0.5", "1")


def histogram_of(document: dict[str, Any], threshold: float) -> charts.Chart:
    """The scores of both classes, with the threshold."""
    histogram = document["histogram"]
    negative, positive = histogram["negative"], histogram["positive"]
    canvas = charts.Canvas((histogram["low"], histogram["high"]), (0, max([*negative, *positive]) or 1), 600, 120)
    canvas.shade(threshold, histogram["high"])
    canvas.bars(negative, "hb hb--n")
    canvas.bars(positive, "hb hb--p")
    canvas.cut(threshold)
    title = _("Scores of the test rows")
    summary = _("Rows to the right of the line are taken for “%(label)s”.") % {"label": document["positive"]}
    step = (histogram["high"] - histogram["low"]) / len(negative)
    rows = [
        [f"{histogram['low'] + at * step:.2f} – {histogram['low'] + (at + 1) * step:.2f}", f"{n:,}", f"{p:,}"]
        for at, (n, p) in enumerate(zip(negative, positive, strict=True))
    ]
    legend = [charts.Entry("sq c-n", document["negative"]), charts.Entry("sq c-p", document["positive"])]
    data = charts.table([_("Score"), document["negative"], document["positive"]], rows)
    return charts.Chart(
        "scores", title, summary, canvas.svg(title, summary, "plot--h"), legend=legend, table=data
    )  # fmt: skip


def cost_of(document: dict[str, Any], points: Sequence[tuple[float, float]], threshold: float) -> charts.Chart:
    """What mistakes cost at each threshold."""
    highest = max(cost for _at, cost in points)
    marks = ticks(0, highest or 1, 3)
    canvas = charts.Canvas((points[0][0], points[-1][0]), (0, marks[-1]), 600, 132)
    canvas.grid(len(marks) - 1)
    canvas.line(points, "s4")
    canvas.cut(threshold)
    cheapest = min(points, key=lambda point: point[1])
    title = _("Cost of mistakes by threshold")
    values = {"cost": f"{cheapest[1]:,.0f}", "threshold": f"{cheapest[0]:.2f}"}
    summary = _("The cost is lowest, %(cost)s, at threshold %(threshold)s.") % values
    data = charts.table([_("Threshold"), _("Cost")], [[f"{at:.2f}", f"{cost:,.0f}"] for at, cost in points])
    texts = [label(mark, marks[1] - marks[0]) for mark in marks]
    ends = [f"{points[0][0]:g}", f"{(points[0][0] + points[-1][0]) / 2:g}", f"{points[-1][0]:g}"]
    return charts.Chart("cost", title, summary, canvas.svg(title, summary, "plot--cost"), ends, texts[::-1], table=data)


def curves_of(document: dict[str, Any], at: Counts) -> list[charts.Chart]:
    """ROC, precision and recall, calibration, lift; those that the scores allow."""
    curves = document.get("curves")
    if not curves:
        return []
    drawn = [_roc(document, curves, at), _precision_recall(document, curves, at)]
    if "calibration" in curves:
        drawn.append(_calibration(document, curves["calibration"]))
    return [*drawn, _lift(document, curves["gain"], at)]


def _unit(cls: str, points: Sequence[Sequence[float]], area: bool = True) -> charts.Canvas:
    canvas = charts.Canvas((0, 1), (0, 1))
    canvas.grid(4)
    canvas.line(points, cls, area)
    return canvas


def _roc(document: dict[str, Any], curves: dict[str, Any], at: Counts) -> charts.Chart:
    area = formats.metric(figures_by_name(document)["auc"]["value"], "auc")
    canvas = _unit("s1", curves["roc"])
    canvas.diagonal()
    alarms = at.false_alarms / at.negatives if at.negatives else 0.0
    canvas.dots([(alarms, at.recall)], "pl-dot s1")
    title = _("ROC")
    values = {"found": f"{100 * at.recall:.0f}", "alarms": f"{100 * alarms:.0f}"}
    summary = _("At the threshold, the dot, it finds %(found)s%% with %(alarms)s%% false alarms.") % values
    legend = [charts.Entry("s1", _("This model"), area), charts.Entry("s6 dash", _("Guessing"), "0.5000")]
    data = charts.table([_("False alarm rate"), _("Recall")], _texts(curves["roc"]))
    return charts.Chart(
        "roc", title, summary, canvas.svg(title, summary, "plot--ev"), SHARES, SHARES[::-1], legend, data
    )


def _precision_recall(document: dict[str, Any], curves: dict[str, Any], at: Counts) -> charts.Chart:
    figure = figures_by_name(document)["average_precision"]
    canvas = _unit("s2", curves["pr"])
    canvas.level(figure["baseline"])
    canvas.dots([(at.recall, at.precision)], "pl-dot s2")
    title = _("Precision and recall")
    values = {"right": f"{100 * at.precision:.0f}", "label": document["positive"]}
    summary = _("Of 100 rows that it takes for “%(label)s” at the threshold, %(right)s are.") % values
    value, guess = (formats.metric(figure[name], "average_precision") for name in ("value", "baseline"))
    legend = [charts.Entry("s2", _("This model"), value), charts.Entry("s6 dash", _("Guessing"), guess)]
    data = charts.table([_("Recall"), _("Precision")], _texts(curves["pr"]))
    return charts.Chart(
        "pr", title, summary, canvas.svg(title, summary, "plot--ev"), SHARES, SHARES[::-1], legend, data
    )


def _calibration(document: dict[str, Any], points: Sequence[Sequence[float]]) -> charts.Chart:
    canvas = _unit("s5", points, area=False)
    canvas.diagonal()
    canvas.dots(points, "pl-dot pl-dot--s s5")
    title = _("Calibration")
    score, share = max(points, key=lambda point: abs(point[0] - point[1]))
    values = {"score": f"{score:.2f}", "share": f"{100 * share:.0f}", "label": document["positive"]}
    summary = _("Farthest off: of the rows scored near %(score)s, %(share)s%% are “%(label)s”.") % values
    if abs(score - share) < 0.05:
        summary = _("The scores are probabilities: of ten rows scored near 0.7, about seven are “%(label)s”.") % values
    legend = [charts.Entry("s5", _("Actual share")), charts.Entry("s6 dash", _("Perfect"))]
    data = charts.table([_("Mean score"), _("Actual share")], _texts(points))
    return charts.Chart(
        "calibration", title, summary, canvas.svg(title, summary, "plot--ev"), SHARES, SHARES[::-1], legend, data
    )


def _lift(document: dict[str, Any], gain: Sequence[Sequence[float]], at: Counts) -> charts.Chart:
    points = [(share, recall / share) for share, recall in gain if share > 0]
    # Of the first few rows the lift is a figure of chance.
    visible = [point for point in points if point[0] >= 0.01] or points
    marks = ticks(0, max(lift for _share, lift in visible), 4)
    canvas = charts.Canvas((0, 1), (0, marks[-1]))
    canvas.grid(len(marks) - 1)
    canvas.line(visible, "s4", area=True)
    canvas.level(1)
    flagged = at.flagged / document["rows"]
    if flagged > 0:
        canvas.dots([(flagged, at.precision * document["rows"] / document["positives"])], "pl-dot s4")
    title = _("Lift and gain")
    tenth = max((point for point in gain if point[0] <= 0.1 + 1e-9), key=lambda point: point[0])
    lift = tenth[1] / tenth[0] if tenth[0] else 1.0
    values = {"lift": f"{lift:.1f}", "gain": f"{100 * tenth[1]:.0f}", "label": document["positive"]}
    summary = (
        _("The tenth with the highest scores holds %(gain)s%% of all “%(label)s”, %(lift)s times its share.") % values
    )
    legend = [charts.Entry("s4", _("This model"), f"{lift:.1f}×"), charts.Entry("s6 dash", _("At random"), "1×")]
    rows = [
        [f"{100 * share:.1f}%", f"{100 * recall:.1f}%", f"{recall / share:.2f}"] for share, recall in gain if share > 0
    ]
    data = charts.table([_("Highest scores"), _("Gain"), _("Lift")], rows)
    texts = [f"{label(mark, marks[1] - marks[0])}×" for mark in marks]
    return charts.Chart(
        "lift", title, summary, canvas.svg(title, summary, "plot--ev"), ["0%", "50%", "100%"], texts[::-1], legend, data
    )


def _texts(points: Sequence[Sequence[float]]) -> list[list[str]]:
    return [[f"{x:.4f}", f"{y:.4f}"] for x, y in points]
