"""Predicts test rows with a loaded model, as its endpoint would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from algorithms.predictor import Predictor
from tables.evaluation_rows import EvaluationBatch
from tables.predictions import Prediction, parse_response


def predict_rows(
    predictor: Predictor, schema: Mapping[str, Any], batches: Iterable[EvaluationBatch], content_type: str, accept: str
) -> tuple[np.ndarray, list[Prediction]]:
    """(labels, predictions) of the rows of all batches. Raises InvocationError and ValueError."""
    labels, predicted = [np.empty(0)], []
    for batch in batches:
        body, answered = predictor.invoke(batch.body, content_type, accept)
        parsed = parse_response(schema, body, answered)
        if len(parsed) != len(batch.labels):
            raise ValueError(f"the model answered {len(parsed)} predictions for {len(batch.labels)} rows")
        labels.append(batch.labels)
        predicted += parsed
    return np.concatenate(labels), predicted
