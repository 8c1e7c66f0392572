"""The reasons of one test row on the Explain page: the one that the model gets most wrong, or one that is chosen."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from evaluation import files
from models_app.aws import s3_store
from models_app.models import Evaluation
from models_app.problems import Problem
from models_app.web.fall import fall_of

MAX_REASONS = 12  # reasons; the rest in one
MAX_DIGITS = 12
FIRST = "first"


def one_row(evaluation: Evaluation, text: str) -> dict[str, Any]:
    """The template's variables for the row `text`: its number, FIRST, or "" for the one that is most wrong."""
    if not evaluation.document["explain"].get("effects"):
        return {}
    worst = next((row["row"] for row in evaluation.document["worst"]["rows"]), 0)
    text = text or (str(worst) if worst else FIRST)
    if text != FIRST and not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS and int(text)):
        return {"row": text[:MAX_DIGITS], "row_problem": _("Enter the number of a row, 1 or more.")}
    store, uri = s3_store.STORE, f"{evaluation.predictions_uri.rpartition('/')[0]}/{files.EFFECTS}"
    number = 0 if text == FIRST else int(text)
    try:
        function = "evaluation.row_effects:row_effects"
        one = s3_store.readers.call(function, store, uri, store, uri, number, MAX_REASONS, reads=[uri])
    except Problem as problem:
        return {"row": text, "row_problem": str(problem)}
    if not one:
        words = _("Row %(row)s is no test row with reasons. The rows that have them are walked with Previous and Next.")
        return {"row": text, "row_problem": words % {"row": text}}
    is_worst = one["row"] == worst
    return {"row": one["row"], "one": one, "is_worst": is_worst, "fall": fall_of(one["reasons"], one["columns"])}
