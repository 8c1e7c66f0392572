"""LightGBM's call for single rows answers as its other call does, or is not used."""

import numpy as np
import pytest

from algorithms.library_imports import import_lightgbm
from algorithms.lightgbm.fast_predict import MAX_ROWS, SingleRowPredict, single_row_predict

lgb = import_lightgbm()
WIDTH = 5


def train(classes: int = 2, **settings):
    draw = np.random.default_rng(1)
    x = draw.normal(size=(400, WIDTH)).astype(np.float32)
    x[:, 4] = draw.integers(0, 6, len(x))
    x[draw.random(x.shape) < 0.1] = np.nan
    settings = {"num_threads": 1, "verbosity": -1, "min_data_in_leaf": 5, **settings}
    labels = draw.integers(0, classes, len(x)) + 1.5 * (settings["objective"] == "regression")
    return lgb.train(settings, lgb.Dataset(x, labels, categorical_feature=[4]), 8), x


@pytest.mark.parametrize(
    ("outputs", "settings"),
    [
        (1, {"objective": "binary"}),
        (1, {"objective": "regression", "zero_as_missing": True}),
        (3, {"objective": "multiclass", "num_class": 3, "classes": 3}),
    ],
    ids=["binary", "regression", "multiclass"],
)
def test_each_answer_is_that_of_the_other_call(outputs, settings):
    booster, x = train(**settings)
    predict = single_row_predict(booster, WIDTH, outputs)
    for start in range(0, 200, MAX_ROWS):
        for rows in (x[start : start + MAX_ROWS], x[start : start + 1]):
            np.testing.assert_array_equal(predict(rows), booster.predict(rows, num_threads=1))


def test_one_that_answers_something_else_is_not_used(monkeypatch):
    booster, _ = train(objective="binary")
    assert single_row_predict(booster, WIDTH, 1)
    monkeypatch.setattr(SingleRowPredict, "__call__", lambda self, rows: np.zeros(len(rows)))
    assert single_row_predict(booster, WIDTH, 1) is None


def test_rows_of_another_width_are_refused_before_memory_is_read():
    booster, x = train(objective="binary")
    with pytest.raises(lgb.basic.LightGBMError, match="rows have"):
        SingleRowPredict(booster, WIDTH, 1)(x[:2, :4])
