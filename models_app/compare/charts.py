"""The curves of a comparison's members in one chart: as training went, and on the test rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from models_app.catalog.figures.strip import figures_by_name
from models_app.compare.members import Member
from models_app.models import MetricPoint
from models_app.text import formats
from models_app.training.metrics import metric_title
from models_app.web import charts, svg
from models_app.web.svg import Series

SHARES = ["0", "0.25", "0.5", "0.75", "1"]
MOST_CLASSES = 12  # of a chart; those with most rows
POINTS = 200  # of one curve; many of them are drawn
Points = Sequence[Sequence[float]]


def charts_of(members: Sequence[Member], base: Member) -> list[charts.Chart]:
    """Those charts for which two members or more have a curve."""
    drawn = [learning_curves(members, base)]
    kind = base.kind[0] if base.kind else ""
    if kind == "binary":
        drawn += [_roc(members, base), _precision_recall(members, base)]
    elif kind == "multiclass":
        drawn.append(recall_by_class(members, base))
    elif kind == "regression":
        drawn.append(_residuals(members, base))
    return [chart for chart in drawn if chart]


def learning_curves(members: Sequence[Member], base: Member) -> charts.Chart | None:
    """The metric that most are judged by, over rounds; running jobs are dashed."""
    followed = {m: m.job.progress["metric"] for m in members if m.job and m.job.progress.get("metric")}
    keys = Counter(formats.metric_in_english(name) for name in followed.values())
    if not keys:
        return None
    key = keys.most_common(1)[0][0]
    followed = {member: name for member, name in followed.items() if formats.metric_in_english(name) == key}
    name = next(iter(followed.values()))
    points = _points(followed)
    drawn = [(member, points[member.job.pk]) for member in followed if member.job and len(points[member.job.pk]) > 1]
    if len(drawn) < 2:
        return None
    series = [
        Series(member.label, svg.thin(curve, POINTS), _cls(member, base), dash=_is_dashed(member, base))
        for member, curve in _in_front(drawn)
    ]
    job = drawn[0][0].job
    assert job
    title = metric_title(name, job.algorithm)
    ends = {member: curve[-1][1] for member, curve in drawn}
    values = {"metric": title, "low": formats.metric(min(ends.values()), name)}
    summary = _("%(metric)s ends between %(low)s and %(high)s.") % (
        values | {"high": formats.metric(max(ends.values()), name)}
    )
    plot = svg.plot(series, title=title, summary=summary, cls="plot--ev")
    legend = _legend(ends, base, lambda value: formats.metric(value, name))
    rows = [[member.label, f"{len(curve):,}", formats.metric(curve[-1][1], name)] for member, curve in drawn]
    table = charts.table([_("Name"), _("Rounds"), title], rows)
    return charts.Chart(
        "curves", _("Learning curves"), summary, plot.svg, plot.x_labels, plot.y_labels, legend, table
    )  # fmt: skip


def _points(followed: dict[Member, str]) -> dict[int, list[svg.Point]]:
    """{job: its curve} by one query."""
    curves: dict[int, list[svg.Point]] = {m.job.pk: [] for m in followed if m.job}
    by_name: dict[str, list[int]] = {}
    for member, name in followed.items():
        assert member.job
        by_name.setdefault(name, []).append(member.job.pk)
    wanted = Q()
    for name, jobs in by_name.items():
        wanted |= Q(name=name, job_id__in=jobs)
    rows = MetricPoint.objects.filter(wanted).order_by("job_id", "round").values_list("job_id", "round", "value")
    for job, some in groupby(rows.iterator(chunk_size=10_000), key=lambda row: row[0]):
        curves[job] = [(number + 1, value) for _job, number, value in some]
    return curves


def _roc(members: Sequence[Member], base: Member) -> charts.Chart | None:
    curves = _of_test(members, base, lambda document: document.get("curves", {}).get("roc"))
    areas = {m: figures_by_name(m.document)["auc"]["value"] for m, _points in curves}
    summary = _("The higher a curve, the more it finds with as many false alarms.")
    return _unit("roc", _("ROC"), summary, curves, base, areas, "auc", diagonal=True)


def _precision_recall(members: Sequence[Member], base: Member) -> charts.Chart | None:
    curves = _of_test(members, base, lambda document: document.get("curves", {}).get("pr"))
    areas = {m: figures_by_name(m.document)["average_precision"]["value"] for m, _points in curves}
    summary = _("The higher a curve, the more of what it flags is right while it finds as many.")
    return _unit("pr", _("Precision and recall"), summary, curves, base, areas, "average_precision", diagonal=False)


def _unit(
    key: str, title: str, summary: str, curves: list[tuple[Member, Points]], base: Member, values: dict[Member, float],
    metric: str, diagonal: bool,
) -> charts.Chart | None:  # fmt: skip
    """A chart of shares by shares."""
    if len(curves) < 2:
        return None
    canvas = charts.Canvas((0, 1), (0, 1))
    canvas.grid(4)
    if diagonal:
        canvas.diagonal()
    for member, points in _in_front(curves):
        canvas.line(points, _line_cls(member, base))
    legend = _legend(values, base, lambda value: formats.metric(value, metric))
    rows = [[member.label, formats.metric(value, metric)] for member, value in values.items()]
    table = charts.table([_("Name"), formats.metric_name(metric)], rows)
    return charts.Chart(
        key, title, summary, canvas.svg(title, summary, "plot--ev"), SHARES, SHARES[::-1], legend, table
    )  # fmt: skip


def recall_by_class(members: Sequence[Member], base: Member) -> charts.Chart | None:
    """The share of each class's rows that a member gets right: marks side by side, of the classes with most rows."""
    measured = _of_test(members, base, lambda document: document.get("classes"))
    if len(measured) < 2:
        return None
    of_base = next((classes for member, classes in measured if member is base), measured[0][1])
    names = [entry["name"] for entry in sorted(of_base, key=lambda entry: -entry["rows"])[:MOST_CLASSES]]
    recalls = {member: {entry["name"]: entry["recall"] for entry in classes} for member, classes in measured}
    canvas = charts.Canvas((0, len(names)), (0, 1))
    canvas.grid(4)
    for member, _classes in _in_front(measured):
        offset = (member.index + 1) / (len(members) + 1)
        points = [(at + offset, recalls[member].get(name, 0.0)) for at, name in enumerate(names)]
        if member is base:
            canvas.crosses(points, f"pl-pts pl-pts--x {_cls(member, base)}", 4)
        else:
            canvas.dots(points, f"pl-dot {_cls(member, base)}")
    for at in range(1, len(names)):
        canvas.event(at)
    weakest = min(names, key=lambda name: min(recalls[member].get(name, 0.0) for member in recalls))
    values = {"name": weakest, "low": formats.metric(min(r.get(weakest, 0.0) for r in recalls.values()), "recall")}
    values["high"] = formats.metric(max(r.get(weakest, 0.0) for r in recalls.values()), "recall")
    summary = _("Hardest is the class %(name)s: of its rows between %(low)s and %(high)s are found.") % values
    means = {member: figures_by_name(member.document)["balanced_accuracy"]["value"] for member, _classes in measured}
    legend = _legend(means, base, lambda value: formats.metric(value, "balanced_accuracy"))
    rows = [[name, *(formats.metric(recalls[m].get(name), "recall") for m in recalls)] for name in names]
    table = charts.table([_("Class"), *(member.label for member in recalls)], rows)
    title = _("Recall by class")
    drawn = canvas.svg(title, summary, "plot--ev")
    return charts.Chart(
        "classes", title, summary, drawn, names, SHARES[::-1], legend, table, is_centred=True
    )  # fmt: skip


def _residuals(members: Sequence[Member], base: Member) -> charts.Chart | None:
    """The share of rows by the size of their error."""
    histograms = _of_test(members, base, lambda document: document.get("residuals"))
    if len(histograms) < 2:
        return None
    curves: list[tuple[Member, Points]] = []
    for member, histogram in histograms:
        step, total = (histogram["high"] - histogram["low"]) / len(histogram["counts"]), sum(histogram["counts"])
        middles = [histogram["low"] + (at + 0.5) * step for at in range(len(histogram["counts"]))]
        density = [count / total / step for count in histogram["counts"]]
        curves.append((member, list(zip(middles, density, strict=True))))
    farthest = max(histogram["high"] for _member, histogram in histograms)
    canvas = charts.Canvas((-farthest, farthest), (0, max(y for _m, points in curves for _x, y in points) or 1))
    canvas.grid(4)
    canvas.cut(0)
    for member, points in _in_front(curves):
        canvas.line(points, _line_cls(member, base))
    errors = {member: figures_by_name(member.document)["mae"]["value"] for member, _histogram in histograms}
    title, summary = _("Residuals"), _("The narrower and higher around 0, the smaller the errors.")
    texts = [formats.metric(-farthest, "mae"), "0", formats.metric(farthest, "mae")]
    legend = _legend(errors, base, lambda value: formats.metric(value, "mae"))
    rows = [[member.label, formats.metric(value, "mae")] for member, value in errors.items()]
    table = charts.table([_("Name"), formats.metric_name("mae")], rows)
    return charts.Chart("residuals", title, summary, canvas.svg(title, summary, "plot--ev"), texts, (), legend, table)


def _of_test(members: Sequence[Member], base: Member, curve: Any) -> list[tuple[Member, Any]]:
    """The members of the baseline's kind of prediction that have such a curve."""
    return [(m, curve(m.document)) for m in members if m.kind and m.kind == base.kind and curve(m.document)]


def _in_front(drawn: list[tuple[Member, Any]]) -> list[tuple[Member, Any]]:
    """The grey ones first, so that the coloured ones lie above them."""
    return sorted(drawn, key=lambda item: item[0].cls != "many")


def _is_dashed(member: Member, base: Member) -> bool:
    return member is base or bool(member.job and not member.job.is_final)


def _cls(member: Member, base: Member) -> str:
    return "s6" if member is base else member.cls


def _line_cls(member: Member, base: Member) -> str:
    return f"{_cls(member, base)}{' dash' if member is base else ''}"


def _legend(values: dict[Member, float], base: Member, words: Any) -> list[charts.Entry]:
    """The coloured ones by name, the baseline, and how many others there are."""
    entries = [
        charts.Entry(_line_cls(member, base), member.label, words(value))
        for member, value in values.items() if member is base or member.cls != "many"
    ]  # fmt: skip
    if others := len(values) - len(entries):
        entries.append(charts.Entry("many", ngettext("%(n)s other", "%(n)s others", others) % {"n": others}))
    return entries
