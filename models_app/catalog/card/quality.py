"""The card's sections on a model's answers: meaning, quality, weakest groups, deciding columns."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import algorithms
from algorithms.spec import PredictionKind
from models_app.catalog.figures import explanation
from models_app.catalog.figures.counts import Counts
from models_app.catalog.figures.groups import Groups, slices_of
from models_app.catalog.figures.measured_on import rows_words
from models_app.catalog.figures.strip import FIGURES, StripFigure, strip_of
from models_app.models import Model
from tables.predictions import THRESHOLD

MAX_IMPORTANCE = 10  # columns
MAX_CLASSES = 12  # names in a sentence


def answer_of(model: Model, document: dict[str, Any]) -> str:
    """One or two sentences on the meaning of an answer's numbers."""
    schema, classes = model.schema, model.schema.get("classes") or []
    target = schema.get("target") or _("the target")
    if len(classes) == 2:
        return _two_classes(schema, classes, target, document)
    if classes:
        more = _(" and %(n)s more") % {"n": len(classes) - MAX_CLASSES} if len(classes) > MAX_CLASSES else ""
        names = ", ".join(classes[:MAX_CLASSES]) + more
        return _("One of the labels of %(target)s: %(names)s.") % {"target": target, "names": names}
    if schema.get("label"):
        return _("A number: the %(target)s that it expects of a row.") % {"target": target}
    algorithm = algorithms.ALGORITHMS.get(model.algorithm)
    return {
        PredictionKind.CLUSTER: _(
            "The number of the cluster that a row is closest to, and the distance to its center."
        ),
        PredictionKind.PROJECTION: _("The coordinates of a row on each component."),
        PredictionKind.ANOMALY_SCORE: _("A score that is higher the less a row is like those of the training."),
    }.get(algorithm.prediction_kind if algorithm else PredictionKind.SCORES, "")


def _two_classes(schema: dict[str, Any], classes: list[str], target: str, document: dict[str, Any]) -> str:
    positive = document.get("positive") or classes[1]
    threshold = schema.get(THRESHOLD, document.get("own_threshold", 0.5))
    values = {"target": target, "positive": positive, "negative": classes[0], "threshold": f"{threshold:g}"}
    if document and not document.get("is_probability"):
        text = _("%(positive)s or %(negative)s for %(target)s: a score from %(threshold)s on is %(positive)s.") % values
    else:
        text = _("A probability that %(target)s is %(positive)s. From %(threshold)s on, the label is %(positive)s.")
        text %= values
    steps = [Counts(*step) for step in document.get("thresholds", ())]
    if not steps:
        return text
    at = min(steps, key=lambda step: abs(step.threshold - threshold))
    values |= {"flagged": f"{100 * at.flagged / document['rows']:.1f}", "recall": f"{100 * at.recall:.0f}"}
    caught = _("%(flagged)s%% of the test rows get it; %(recall)s%% of those that are %(positive)s are among them.")
    return f"{text} {caught % values}"


def figures_of(document: dict[str, Any]) -> list[StripFigure]:
    """The leading figures with interval and baseline; none of a kind that has no such strip."""
    return strip_of(document) if document.get("kind") in FIGURES else []


def rows_of(document: dict[str, Any]) -> str:
    """One sentence on the measured rows and the baseline; "" without an evaluation."""
    if not document.get("rows"):
        return ""
    if elsewhere := rows_words(document):
        return f"{elsewhere} {_('Intervals hold 95%, and a baseline is what chance alone gives.')}"
    words = ngettext(
        "On %(rows)s row that training did not see. Intervals hold 95%%, and a baseline is what a constant answer "
        "scores.",
        "On %(rows)s rows that training did not see. Intervals hold 95%%, and a baseline is what a constant answer "
        "scores.",
        document["rows"],
    )
    return words % {"rows": f"{document['rows']:,}"}


def groups_of(document: dict[str, Any]) -> Groups | None:
    """The groups of rows where the model is worst; None without stored rows."""
    return slices_of(document) if document.get("kind") in FIGURES else None


def importance_of(document: dict[str, Any]) -> tuple[str, list[explanation.ImportanceRow]]:
    """The verdict and the columns that matter most; ("", []) where nothing was explained."""
    if document.get("kind") not in FIGURES or not (document.get("explain") or {}).get("columns"):
        return "", []
    context = explanation.context_of(document, everything=True)
    return context["verdict"]["text"], context["importance"][:MAX_IMPORTANCE]
