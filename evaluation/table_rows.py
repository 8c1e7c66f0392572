"""Evaluates a model on rows of a table as a person has it: those it was trained on, or those of a table they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from algorithms.predictor import Predictor
from algorithms.spec import Algorithm
from common.messages import _, to_json
from common.problems import Problem
from evaluation.answers import answers_table
from evaluation.kinds import COMPONENTS, UNLABELLED
from evaluation.raw_table import RawTable
from evaluation.unlabelled import unlabelled_document

MAX_COORDINATES = 5_000_000  # of all rows on all components


def evaluate_table(
    predictor: Predictor, algorithm: Algorithm, schema: Mapping[str, Any], raw: pl.DataFrame | None, accept: str,
    rows: int,
) -> tuple[pl.DataFrame, dict[str, Any]]:  # fmt: skip
    """(table of predictions, document) of the rows `raw`, chosen from `rows`.

    The document's "on" has "left_out", how many rows cannot be read, and "why" the first cannot. Raises Problem.
    """
    if raw is None or not len(raw):
        raise Problem(_("The table has no rows."))
    kind, model = UNLABELLED[algorithm.prediction_kind], RawTable(predictor, schema, accept)
    if kind == COMPONENTS:  # a row has at most as many coordinates as features
        limit = max(2, MAX_COORDINATES // max(1, len(schema["features"])))
        raw = raw.gather_every(-(-len(raw) // limit))
    predicted = model.predict(raw)
    table = answers_table(kind, predicted.predictions, predicted.raw)
    document = unlabelled_document(kind, table, schema, rows, model, predictor.score_quantiles)
    document |= {"on": {"left_out": predicted.left_out, "why": to_json(predicted.why)}, "explain": None}
    return table, document
