"""Metrics of test rows against definitions worked out by hand or by simulation."""

import numpy as np
import pytest

from tables.evaluation import evaluate
from tables.predictions import Prediction

BINARY = {"classes": ["no", "yes"]}
NUMBER = {"classes": []}


def shares(values) -> list[Prediction]:
    return [
        Prediction(label="yes" if value >= 0.5 else "no", classes=[("yes", value), ("no", 1 - value)])
        for value in values
    ]


def figures(*args) -> dict:
    return {figure.name: figure for figure in evaluate(*args)}


def test_accuracy_auc_and_log_loss_of_two_classes():
    measured = figures(BINARY, np.array([0.0, 0, 1, 1]), shares([0.1, 0.6, 0.6, 0.9]))
    assert measured["accuracy"].value == 0.75
    assert measured["auc"].value == (4 - 0.5) / 4  # one tie of four pairs
    expected = -np.log([0.9, 0.4, 0.6, 0.9]).mean()
    assert measured["logloss"].value == pytest.approx(expected)
    assert measured["logloss"].low is None  # four rows are too few for a normal approximation


def test_perfect_figures_of_few_rows_are_not_certain():
    measured = figures(BINARY, np.array([0.0, 1] * 5), shares([0.1, 0.9] * 5))
    assert measured["accuracy"].value == measured["auc"].value == 1.0
    assert 0.6 < measured["accuracy"].low < 0.75 and measured["accuracy"].high == pytest.approx(1.0)
    assert 0.5 < measured["auc"].low < 0.95 and measured["auc"].high == pytest.approx(1.0)


def test_rows_of_one_class_have_no_auc():
    assert set(figures(BINARY, np.zeros(3), shares([0.1, 0.2, 0.7]))) == {"accuracy", "logloss"}


def test_classes_without_probabilities_have_accuracy_alone_and_margins_an_auc():
    labels = np.array([0.0, 1, 2])
    measured = figures({"classes": ["a", "b", "c"]}, labels, [Prediction(label=name) for name in "aba"])
    assert {name: figure.value for name, figure in measured.items()} == {"accuracy": pytest.approx(2 / 3)}
    margins = [Prediction(label="no", score=-2.0), Prediction(label="yes", score=1.5)]
    assert figures(BINARY, np.array([0.0, 1]), margins)["auc"].value == 1.0


def test_errors_of_numbers():
    labels = np.array([1.0, 2, 3, 4])
    measured = figures(NUMBER, labels, [Prediction(value=value) for value in (1.0, 2, 3, 8)])
    assert measured["rmse"].value == 2.0 and measured["mae"].value == 1.0
    assert measured["r2"].value == pytest.approx(1 - 16 / 5)
    assert set(figures(NUMBER, np.ones(3), [Prediction(value=1.0)] * 3)) == {"rmse", "mae"}


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(5)
    held = dict.fromkeys(("rmse", "mae", "r2", "accuracy", "auc"), 0)
    truth = {"rmse": 1.0, "mae": np.sqrt(2 / np.pi), "r2": 0.5, "accuracy": 0.8413447, "auc": 0.9213504}
    runs = 300
    for _run in range(runs):
        signal = rng.normal(size=150)
        values = signal + rng.normal(size=150)
        classes = rng.integers(0, 2, 150)
        scores = rng.normal(size=150) + 2 * classes - 1  # the density's own best boundary is 0
        measured = figures(NUMBER, values, [Prediction(value=float(value)) for value in signal])
        measured |= figures(BINARY, classes.astype(float), shares(1 / (1 + np.exp(-scores))))
        for name, value in truth.items():
            held[name] += measured[name].low <= value <= measured[name].high
    assert all(0.90 <= count / runs <= 0.99 for count in held.values()), held


@pytest.mark.parametrize("predictions", [[], [Prediction(label="maybe")], [Prediction(value=1.0)]])
def test_rows_without_a_prediction_are_refused(predictions):
    with pytest.raises(ValueError):
        evaluate(BINARY, np.zeros(1), predictions)
