"""What the Evaluation page shows of an evaluation's document: words, tables and charts for each kind of prediction."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from evaluation.kinds import ANOMALIES, CLUSTERS, COMPONENTS, KINDS
from models_app.catalog.figures import anomalies, binary, clusters, components, multiclass, regression
from models_app.catalog.figures.groups import slices_of, worst_of
from models_app.catalog.figures.measured_on import rows_words, sampled_words
from models_app.catalog.figures.strip import strip_of
from models_app.catalog.figures.unusual import unusual_of

GROUPS = 10  # that the model's own page lists
_VERDICTS = {CLUSTERS: clusters.verdict_of, ANOMALIES: anomalies.verdict_of, COMPONENTS: components.verdict_of}
_KINDS = {
    "multiclass": multiclass.context_of, "regression": regression.context_of, CLUSTERS: clusters.context_of,
    ANOMALIES: anomalies.context_of, COMPONENTS: components.context_of,
}  # fmt: skip


def summary_of(document: dict[str, Any]) -> dict[str, Any]:
    """What the model's own page says of an evaluation without a label: verdict, leading figures, sizes of groups."""
    kind = document["kind"]
    summary: dict[str, Any] = {"verdict": _VERDICTS[kind](document), "figures": strip_of(document)}
    return summary | ({"groups": clusters.lines_of(document)[:GROUPS]} if kind == CLUSTERS else {})


def context_of(document: dict[str, Any], choices: QueryDict, stored: float | None = None) -> dict[str, Any]:
    """The template's variables for `document`, with what the address chooses: a threshold, costs, a view of cells.

    `stored` is the threshold that is kept with the model, None for its own.
    """
    context = {"document": document, "strip": strip_of(document), "kind": document["kind"]}
    context["on_words"] = rows_words(document)
    if document["kind"] == "binary":
        context |= binary.context_of(document, choices, stored)
    else:
        context |= _KINDS[document["kind"]](document, choices)
    if document["kind"] in KINDS:
        context |= {"unusual": unusual_of(document, "all" in choices), "part": f"catalog/_{document['kind']}.html"}
        return context | {"sampled_words": sampled_words(document)}
    return context | {"slices": slices_of(document), "worst": worst_of(document)}
