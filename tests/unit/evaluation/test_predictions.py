"""The table of predictions keeps names and cells as they are, and takes no answer that nothing can be computed of."""

import math

import numpy as np
import polars as pl
import pytest

from common.problems import Problem
from evaluation.predictions import predictions_table, read_csv, write_csv
from tables.predictions import Prediction, parse_response

NASTY = [
    'size 12" wide', "a,b", "line\nbreak", "carriage\rreturn", "<b>bold</b>", "=1+1", " blanks ", "가" * 200, "NA",
    "1e5", '""', "'",
]  # fmt: skip


def prediction(label: str, classes: list[str]) -> Prediction:
    shares = {name: 0.9 if name == label else 0.1 / (len(classes) - 1) for name in classes}
    return Prediction(label=label, probability=0.9, classes=[*shares.items()])


def test_labels_names_and_cells_come_back_from_the_file_as_they_were():
    raw = {"\0row": list(range(1, len(NASTY) + 1))} | {name: NASTY[at:] + NASTY[:at] for at, name in enumerate(NASTY)}
    labels = np.arange(len(NASTY), dtype=float)
    table = predictions_table({"classes": NASTY}, labels, [prediction(n, NASTY) for n in NASTY], pl.DataFrame(raw))
    assert read_csv(write_csv(table), is_regression=False).equals(table)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e200], ids=str)
def test_answers_that_are_no_usable_numbers_are_refused_in_words(value):
    message = "no usable prediction for 1 test row:"
    numbers = [Prediction(value=1.0), Prediction(value=value)]
    with pytest.raises(Problem, match=message):
        predictions_table({"classes": []}, np.zeros(2), numbers, None)
    with pytest.raises(Problem, match=message):
        predictions_table({"classes": ["a", "b"]}, np.zeros(2), [Prediction("a", score=s.value) for s in numbers], None)
    shares = [Prediction("a", 0.5, classes=[("a", s.value), ("b", 0.5)]) for s in numbers]
    with pytest.raises(Problem, match=message):
        predictions_table({"classes": ["a", "b"]}, np.zeros(2), shares, None)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_an_answer_that_is_no_number_is_no_class_and_no_error(text):
    several = {"algorithm": "xgboost", "classes": ["a", "b", "c"]}
    assert parse_response(several, f'{{"predictions": [{{"score": {text}}}]}}')[0].label is None
    neighbours = {"algorithm": "knn", "classes": ["a", "b"]}
    assert parse_response(neighbours, f'{{"predictions": [{{"predicted_label": {text}}}]}}')[0].label not in ("a", "b")
