"""A response that is written in pieces is the response that is written at once."""

import numpy as np
import pytest

from algorithms.amazon.response_formats import CSV, JSON, JSONLINES, RECORDIO, format_response, join_responses
from tables.predictions import join_labelled, label_response

SCHEMA = {"classes": ["no", "yes"], "task": "binary", "algorithm": "xgboost"}


@pytest.mark.parametrize("accept", [JSON, f"{JSON}; verbose=true", JSONLINES, CSV, RECORDIO])
@pytest.mark.parametrize("step", [1, 3, 100])
def test_the_response_of_a_first_party_algorithm(accept, step):
    records = [{"score": [0.1 * row, 2.5], "predicted_label": row} for row in range(7)]
    parts = [format_response(records[at : at + step], accept, "scores") for at in range(0, len(records), step)]
    assert join_responses(parts, accept, "scores") == format_response(records, accept, "scores")


@pytest.mark.parametrize("step", [1, 3, 100])
def test_the_response_with_labels(step):
    scores = np.linspace(0, 1, 7)
    bodies = [b"".join(b"%r\n" % score for score in scores[at : at + step].tolist()) for at in range(0, 7, step)]
    parts = [label_response(SCHEMA, body, "text/csv") for body in bodies]
    assert join_labelled(parts) == label_response(SCHEMA, b"".join(bodies), "text/csv")
    assert join_labelled(parts).count(b'"label"') == 7
