"""Drift of a column: figures equal to SciPy's, and the verdict on values that moved."""

import numpy as np
import pytest
from scipy import stats

from tables.drift import CHANGED, FLOOR, column_drift, ks, psi

TRAINING, NOW = [40, 30, 20, 10, 0], [10, 20, 30, 30, 10]


def test_psi_is_the_sum_of_both_relative_entropies_of_scipy():
    shares = [np.maximum(np.array(counts) / sum(counts), FLOOR) for counts in (TRAINING, NOW)]
    expected, actual = (share / share.sum() for share in shares)
    reference = stats.entropy(actual, expected) + stats.entropy(expected, actual)
    assert psi(TRAINING, NOW) == pytest.approx(reference, abs=1e-12)
    assert psi(TRAINING, [2 * count for count in TRAINING]) == pytest.approx(0)


def test_ks_is_that_of_scipy_on_values_in_the_same_bins():
    samples = [np.repeat(range(5), counts) for counts in (TRAINING, NOW)]
    assert ks(TRAINING, NOW) == pytest.approx(stats.ks_2samp(*samples).statistic, abs=1e-12)


def test_numbers_have_the_bins_of_training_and_one_on_each_side():
    values = np.random.default_rng(3).uniform(20, 80, 1000)
    hist = np.histogram(values, np.linspace(20, 80, 11))[0].tolist()
    summary = {"rows": 1000, "missing": 0, "min": 20.0, "max": 80.0, "hist": hist}
    same = column_drift("age", summary, [str(value) for value in values])
    assert same.now == same.training and same.psi == pytest.approx(0) and same.verdict == "same"
    older = column_drift("age", summary, [str(value + 30) for value in values] + ["", "NA"])
    assert older.psi >= CHANGED and older.verdict == "changed"
    assert older.now[-1] == 2 and older.now[-2] == sum(values + 30 > 80) and older.now[0] == 0


def test_a_column_of_one_number_and_numbers_as_people_write_them():
    summary = {"rows": 5, "missing": 0, "min": 1.5, "max": 1.5, "hist": [5]}
    assert column_drift("fee", summary, ["1,5"] * 3, "comma").now == [0, 3, 0, 0]
    # 1.234 is no thousand where it comes as a number of JSON; what is no number is missing to the model, too.
    assert column_drift("fee", summary, [1.234, 1.5, "1.234", "?"], "comma").now == [1, 1, 1, 1]
    widest = {"rows": 5, "missing": 0, "min": -1.7e308, "max": 1.7e308, "hist": [5, 0]}
    assert column_drift("fee", widest, ["-1", "1e308"]).now == [0, 1, 1, 0, 0]


def test_categories_that_training_did_not_have_are_one_bin():
    summary = {"rows": 10, "missing": 1, "values": {"a": 6, "b": 3}}
    drift = column_drift("plan", summary, ["a", "c", "d", " b ", ""])
    assert (drift.labels, drift.now, drift.training) == (["a", "b", "...", ""], [1, 1, 2, 1], [6, 3, 0, 1])
    yes_or_no = {"rows": 10, "missing": 0, "values": {"Yes": 6, "No": 4}}
    assert column_drift("member", yes_or_no, ["true", "yes", "No", "maybe"]).now == [2, 1, 1, 0]
    assert column_drift("text", {"rows": 10, "missing": 0}, ["a"]) is None
