"""Evaluates a model on rows of a table as a person has it: those it was trained on, or those of a table they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from algorithms.predictor import Predictor
from algorithms.spec import Algorithm
from common.messages import _, to_json
from common.problems import Problem
from evaluation.answers import answers_table
from evaluation.document import evaluation_document
from evaluation.kinds import COMPONENTS, UNLABELLED
from evaluation.labels import read_labels
from evaluation.predictions import predictions_table
from evaluation.raw_table import RawTable
from evaluation.unlabelled import unlabelled_document

MAX_COORDINATES = 5_000_000  # of all rows on all components


def evaluate_table(
    predictor: Predictor, algorithm: Algorithm, schema: Mapping[str, Any], raw: pl.DataFrame | None, accept: str,
    rows: int,
) -> tuple[pl.DataFrame, dict[str, Any]]:  # fmt: skip
    """(table of predictions, document) of the rows `raw`, chosen from `rows`.

    The document's "on" has "left_out", how many rows cannot be read or have no label, and "why". Raises Problem.
    """
    if raw is None or not len(raw):
        raise Problem(_("The table has no rows."))
    model = RawTable(predictor, schema, accept)
    if algorithm.supervised:
        return _evaluate_labelled(model, schema, raw, rows)
    kind = UNLABELLED[algorithm.prediction_kind]
    if kind == COMPONENTS:  # a row has at most as many coordinates as features
        limit = max(2, MAX_COORDINATES // max(1, len(schema["features"])))
        raw = raw.gather_every(-(-len(raw) // limit))
    predicted = model.predict(raw)
    table = answers_table(kind, predicted.predictions, predicted.raw)
    document = unlabelled_document(kind, table, schema, rows, model, predictor.score_quantiles)
    return table, document | _left_out(predicted.left_out, predicted.why)


def _evaluate_labelled(
    model: RawTable, schema: Mapping[str, Any], raw: pl.DataFrame, rows: int
) -> tuple[pl.DataFrame, dict[str, Any]]:
    labels = read_labels(schema, raw)
    labelled = np.isfinite(labels.values)
    predicted = model.predict(raw.filter(pl.Series(labelled)))
    values = labels.values[labelled][predicted.readable]
    table = predictions_table(schema, values, predicted.predictions, predicted.raw)
    left_out = len(raw) - len(table)
    return table, evaluation_document(table, schema, rows) | _left_out(left_out, labels.why or predicted.why)


def _left_out(rows: int, why: str) -> dict[str, Any]:
    return {"on": {"left_out": rows, "why": to_json(why)}, "explain": None}
