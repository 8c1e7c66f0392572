"""Intervals hold the truth about as often as they say, and are not certain of what few rows cannot tell."""

import numpy as np

from evaluation.classes import binary
from evaluation.intervals import bootstrap_intervals, share_interval
from evaluation.numbers import regression
from evaluation.resampling import NumberFigures
from tests.pages.evaluations import table_of


def test_the_bootstrap_covers_a_mean_and_an_rmse_about_as_often_as_it_says():
    rng, hits = np.random.default_rng(3), {"mae": 0, "rmse": 0}
    truth = {"mae": (2 / np.pi) ** 0.5, "rmse": 1.0}  # of errors from the standard normal distribution
    for _run in range(200):
        intervals = bootstrap_intervals(NumberFigures(np.zeros(120), rng.normal(size=120)), 120)
        for name in hits:
            low, high = intervals[name]
            hits[name] += low <= truth[name] <= high
    assert all(180 <= hit <= 198 for hit in hits.values()), hits


def test_shares_are_covered_and_a_perfect_one_of_few_rows_is_not_certain():
    rng = np.random.default_rng(5)
    hits = [low <= 0.9 <= high for low, high in (share_interval(int(rng.binomial(60, 0.9)), 60) for _ in range(400))]
    assert 0.92 <= np.mean(hits) <= 0.98
    low, high = share_interval(20, 20)
    assert low < 0.9 and high == 1.0


def test_a_figure_that_never_changes_has_no_interval_and_few_rows_have_none():
    assert bootstrap_intervals(lambda rows: {"f1": 1.0}, 50) == {}
    assert bootstrap_intervals(lambda rows: {"f1": float(rows.mean())}, 29) == {}


def test_the_constant_baseline_of_two_classes_and_of_numbers():
    figures = {f["name"]: f for f in binary(table_of("binary"), ["stays", "leaves"])["metrics"]}
    commonest = (table_of("binary")["label"] == "stays").mean()
    assert figures["auc"]["baseline"] == 0.5 and figures["accuracy"]["baseline"] == commonest
    assert figures["average_precision"]["baseline"] == 1 - commonest
    numbers = {f["name"]: f for f in regression(table_of("regression"))["metrics"]}
    assert abs(numbers["r2"]["baseline"]) < 1e-12
    labels = table_of("regression")["label"].to_numpy()
    assert np.isclose(numbers["rmse"]["baseline"], labels.std())
