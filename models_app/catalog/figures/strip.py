"""The figures at the top: each with its 95 % interval and that of the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from models_app.text import formats

FIGURES = {
    "binary": ("auc", "accuracy", "precision", "recall", "f1", "logloss"),
    "multiclass": ("accuracy", "f1_macro", "top2", "mlogloss", "balanced_accuracy"),
    "regression": ("mae", "rmse", "r2", "median_error", "mean_error"),
    "clusters": ("silhouette", "mean_distance", "davies_bouldin", "calinski_harabasz"),
    "anomalies": ("flagged_share", "highest_score", "median_score"),
    "components": ("first_component", "first_two", "kept_variance", "lost_variance"),
}
LOWER_IS_BETTER = {
    "logloss", "mlogloss", "brierscore", "mae", "rmse", "median_error", "mean_distance", "davies_bouldin",
    "lost_variance",
}  # fmt: skip
NEUTRAL = {"mean_error", "flagged_share", "highest_score", "median_score"}  # neither more nor less is better
NOTES = {
    "f1_macro": gettext_noop("All classes count the same"),
    "top2": gettext_noop("Right answer is first or second"),
    "median_error": gettext_noop("Half of the rows are closer"),
    "silhouette": gettext_noop("1 is clearly apart, 0 is not"),
    "davies_bouldin": gettext_noop("Smaller is better"),
    "calinski_harabasz": gettext_noop("Larger is better"),
    "highest_score": gettext_noop("The baseline is the cut"),
    "median_score": gettext_noop("The baseline is the cut"),
}


@dataclass(frozen=True)
class StripFigure:
    """One figure in words; `tone` is up or down against the baseline where the interval leaves no doubt."""

    title: str
    value: str
    interval: str
    baseline: str
    note: str
    tone: str


def figures_by_name(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The document's figures by name."""
    return {figure["name"]: figure for figure in document["metrics"]}


def strip_of(document: dict[str, Any]) -> list[StripFigure]:
    """The leading figures of a kind, in order."""
    by_name = figures_by_name(document)
    return [_figure(by_name[name]) for name in FIGURES[document["kind"]] if name in by_name]


def interval_words(figure: dict[str, Any]) -> str:
    """ "0.60 to 0.81"; "" without an interval."""
    if figure.get("low") is None:
        return ""
    bounds = {bound: formats.metric(figure[bound], figure["name"]) for bound in ("low", "high")}
    return _("%(low)s to %(high)s") % bounds


def is_beyond_baseline(figure: dict[str, Any]) -> int:
    """1 if the figure is better than its baseline, -1 if worse, 0 if its interval holds both, or there is none."""
    low, high, baseline = figure.get("low"), figure.get("high"), figure.get("baseline")
    if low is None or high is None or baseline is None or low <= baseline <= high:
        return 0
    return 1 if (high < baseline) == (figure["name"] in LOWER_IS_BETTER) else -1


def _figure(figure: dict[str, Any]) -> StripFigure:
    name = figure["name"]
    tone = {1: "up", -1: "down", 0: ""}[is_beyond_baseline(figure)] if name not in NEUTRAL else ""
    baseline = figure.get("baseline")
    baseline_text = "" if baseline is None or name == "mean_error" else formats.metric(baseline, name)
    note = _bias_note(figure) if name == "mean_error" else _(NOTES[name]) if name in NOTES else ""
    sign = "+" if name == "mean_error" and figure["value"] > 0 else ""
    value = sign + formats.metric(figure["value"], name)
    return StripFigure(formats.metric_name(name), value, interval_words(figure), baseline_text, note, tone)


def _bias_note(figure: dict[str, Any]) -> str:
    low, high = figure.get("low"), figure.get("high")
    if low is None or high is None or low <= 0 <= high:
        return _("Neither too high nor too low")
    return _("Too high on average") if low > 0 else _("Too low on average")
