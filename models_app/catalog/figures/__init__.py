"""What the Evaluation page shows of an evaluation's document: words, tables and charts for each kind of prediction."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from models_app.catalog.figures import binary, multiclass, regression
from models_app.catalog.figures.groups import slices_of, worst_of
from models_app.catalog.figures.strip import strip_of

_KINDS = {"multiclass": multiclass.context_of, "regression": regression.context_of}


def context_of(document: dict[str, Any], choices: QueryDict, stored: float | None = None) -> dict[str, Any]:
    """The template's variables for `document`, with what the address chooses: a threshold, costs, a view of cells.

    `stored` is the threshold that is kept with the model, None for its own.
    """
    context = {"document": document, "strip": strip_of(document), "kind": document["kind"]}
    if document["kind"] == "binary":
        context |= binary.context_of(document, choices, stored)
    else:
        context |= _KINDS[document["kind"]](document, choices)
    return context | {"slices": slices_of(document), "worst": worst_of(document)}
