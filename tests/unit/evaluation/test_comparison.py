"""Comparing models: figures and differences are scikit-learn's, intervals cover what they say, rows are recognized."""

import numpy as np
import polars as pl
import pytest
from sklearn import metrics

from evaluation import comparison
from evaluation.comparison import compare_tables
from evaluation.predictions import DATA
from evaluation.weighted import weighted_figures

ROWS = 240
CLASSES = {"binary": ["stays", "leaves"], "multiclass": ["red", "green", "blue", "gold"], "regression": []}
KINDS = tuple(CLASSES)


def table_of(kind: str, skill: float, seed: int = 0, rows: int = ROWS, noise_seed: int = 1) -> pl.DataFrame:
    """Predictions of a model as good as `skill` of rows drawn by `seed`; scores are coarse, so that some are equal."""
    rng, noise = np.random.default_rng(seed), np.random.default_rng(noise_seed)
    numbers, classes = {"row": np.arange(1, rows + 1)}, CLASSES[kind]
    cells = {DATA + "x": rng.integers(0, 9, rows).astype(str)}
    if kind == "regression":
        label = rng.normal(size=rows) * 50 + 1000
        return pl.DataFrame(numbers | {"label": label, "prediction": label + noise.normal(size=rows) / skill} | cells)
    actual = rng.integers(0, len(classes), rows)
    margin = noise.normal(size=(rows, len(classes)))
    margin[np.arange(rows), actual] += skill
    shares = np.exp(margin) / np.exp(margin).sum(axis=1, keepdims=True)
    if kind == "binary":
        shares = np.column_stack([1 - np.round(shares[:, 1], 2), np.round(shares[:, 1], 2)])
    names = np.array(classes)
    columns = {"label": names[actual], "prediction": names[shares.argmax(axis=1)]}
    columns["score"] = shares[:, 1] if kind == "binary" else shares.max(axis=1)
    return pl.DataFrame(numbers | columns | {f"probability.{n}": shares[:, i] for i, n in enumerate(names)} | cells)


def by_scikit_learn(table: pl.DataFrame, kind: str) -> dict[str, float]:
    actual, predicted = table["label"].to_numpy(), table["prediction"].to_numpy()
    if kind == "regression":
        return {
            "mae": metrics.mean_absolute_error(actual, predicted),
            "rmse": metrics.root_mean_squared_error(actual, predicted),
            "r2": metrics.r2_score(actual, predicted),
            "median_error": metrics.median_absolute_error(actual, predicted),
            "mean_error": float(np.mean(predicted - actual)),
        }
    labels = CLASSES[kind]
    if kind == "binary":
        actual, predicted = actual == labels[1], predicted == labels[1]
        share = table["probability.leaves"].to_numpy()
        return {
            "auc": metrics.roc_auc_score(actual, table["score"].to_numpy()),
            "accuracy": metrics.accuracy_score(actual, predicted),
            "precision": metrics.precision_score(actual, predicted, zero_division=0.0),
            "recall": metrics.recall_score(actual, predicted, zero_division=0.0),
            "f1": metrics.f1_score(actual, predicted, zero_division=0.0),
            "logloss": metrics.log_loss(actual, share, labels=[False, True]),
        }
    at = {name: position for position, name in enumerate(labels)}
    actual, predicted = np.array([at[name] for name in actual]), np.array([at[name] for name in predicted])
    shares, positions = table.select([f"probability.{name}" for name in labels]).to_numpy(), range(len(labels))
    macro = {"labels": positions, "average": "macro", "zero_division": 0.0}
    return {
        "accuracy": metrics.accuracy_score(actual, predicted),
        "f1_macro": metrics.f1_score(actual, predicted, **macro),
        "top2": metrics.top_k_accuracy_score(actual, shares, k=2, labels=positions),
        "mlogloss": metrics.log_loss(actual, shares, labels=positions),
        "balanced_accuracy": metrics.recall_score(actual, predicted, **macro),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_figures_of_drawn_rows_are_those_of_scikit_learn(kind):
    table, rng = table_of(kind, 1.0), np.random.default_rng(3)
    chosen = [np.arange(ROWS), *(rng.integers(0, ROWS, ROWS) for _ in range(4)), rng.integers(0, 7, ROWS)]
    weights = np.array([np.bincount(rows, minlength=ROWS) for rows in chosen], float)
    drawn = weighted_figures(table, CLASSES[kind]).figures(weights)
    for at, rows in enumerate(chosen):
        expected = by_scikit_learn(table[rows.tolist()], kind)
        assert {name: value[at] for name, value in drawn.items()} == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_differences_are_those_of_scikit_learn_of_the_two_tables(kind):
    tables = [table_of(kind, 1.0), table_of(kind, 1.6, noise_seed=2), table_of(kind, 1.2, seed=5, rows=300)]
    compared = compare_tables(tables, CLASSES[kind], base=1)
    values = [by_scikit_learn(table, kind) for table in tables]
    for name, differences in compared["figures"].items():
        assert differences[1] is None
        for at in (0, 2):
            expected = values[at][name] - values[1][name]
            assert differences[at]["value"] == pytest.approx(expected, abs=1e-9)
            assert differences[at]["low"] < expected < differences[at]["high"]
    assert compared["rows"] == [ROWS, ROWS, 300] and compared["same"] == [True, True, False]


def test_the_interval_of_two_models_is_that_of_a_bootstrap_by_scikit_learn():
    tables = [table_of("binary", 1.0), table_of("binary", 1.5, noise_seed=2)]
    rng, areas = np.random.default_rng(11), []
    for _ in range(400):
        rows = rng.integers(0, ROWS, ROWS).tolist()
        areas.append([metrics.roc_auc_score(t["label"][rows] == "leaves", t["score"][rows]) for t in tables])
    drawn = np.diff(areas, axis=1)[:, 0]
    auc = compare_tables(tables, CLASSES["binary"], base=0)["figures"]["auc"][1]
    half = np.quantile(np.abs(drawn - auc["value"]), 0.95)
    assert auc["high"] - auc["value"] == pytest.approx(half, rel=0.15)
    assert auc["value"] - auc["low"] == pytest.approx(half, rel=0.15)


def test_intervals_cover_the_difference_as_often_as_they_say(monkeypatch):
    """Of 200 experiments with a known difference of accuracy, 95 % +- chance; of five models all at once as well."""
    monkeypatch.setattr(comparison, "MAX_DRAWS", 300)
    rng, names, covered, covered_all = np.random.default_rng(5), np.array(CLASSES["binary"]), 0, 0
    chances = [0.75, 0.8, 0.75, 0.7, 0.78]
    for _ in range(200):
        actual, shared = rng.integers(0, 2, 150), rng.random(150)  # what is easy is easy for all
        tables = []
        for chance in chances:
            right = np.where(rng.random(150) < 0.5, shared, rng.random(150)) < chance
            predicted = names[np.where(right, actual, 1 - actual)]
            tables.append(pl.DataFrame({"row": np.arange(1, 151), "label": names[actual], "prediction": predicted}))
        two = compare_tables(tables[:2], CLASSES["binary"], base=0)["figures"]["accuracy"][1]
        covered += two["low"] <= chances[1] - chances[0] <= two["high"]
        five = compare_tables(tables, CLASSES["binary"], base=0)["figures"]["accuracy"]
        truths = zip(five[1:], chances[1:], strict=True)
        covered_all += all(one["low"] <= chance - chances[0] <= one["high"] for one, chance in truths)
    assert 0.90 <= covered / 200 <= 0.99
    assert 0.90 <= covered_all / 200 <= 0.99


def test_pairing_the_rows_makes_the_interval_narrower():
    base, better = table_of("regression", 1.0), table_of("regression", 1.0)
    better = better.with_columns(prediction=(better["label"] + 9 * better["prediction"]) / 10)
    paired = compare_tables([base, better], [], base=0)
    unknown = [table.with_columns(row=pl.lit(0, pl.Int64)) for table in (base, better)]
    unpaired = compare_tables(unknown, [], base=0)
    width = {
        what: (lambda d: d["high"] - d["low"])(each["figures"]["mae"][1])
        for what, each in (("paired", paired), ("unpaired", unpaired))
    }
    assert paired["same"] == [True, True] and unpaired["same"] == [True, False]
    assert width["paired"] < width["unpaired"] / 5
    assert paired["figures"]["mae"][1]["value"] == pytest.approx(unpaired["figures"]["mae"][1]["value"])


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.with_columns(row=t["row"] + 1),
        lambda t: t.with_columns(label=pl.Series(["stays"] * len(t))),
        lambda t: t.with_columns(pl.lit("other").alias(DATA + "x")),
        lambda t: t.head(ROWS - 1),
    ],
    ids=["numbers", "labels", "cells", "fewer"],
)
def test_rows_that_are_not_the_same_are_not_taken_for_the_same(change):
    table = table_of("binary", 1.0)
    assert compare_tables([table, change(table)], CLASSES["binary"], base=0)["same"] == [True, False]


def test_the_order_of_the_rows_does_not_matter():
    base, other = table_of("binary", 1.0), table_of("binary", 1.5, noise_seed=2)
    shuffled = compare_tables([base, other.sample(fraction=1.0, shuffle=True, seed=1)], CLASSES["binary"], base=0)
    assert shuffled == compare_tables([base, other], CLASSES["binary"], base=0)


def test_the_area_of_draws_without_one_of_the_classes_is_left_out():
    table = table_of("binary", 1.0)
    only = (table["label"] == "leaves").to_numpy().astype(float)[None]
    drawn = weighted_figures(table, CLASSES["binary"]).figures(only)
    assert np.isnan(drawn["auc"][0]) and drawn["precision"][0] == 1.0


def test_few_rows_and_equal_predictions_have_a_difference_without_an_interval():
    few = compare_tables([table_of("binary", s, rows=20) for s in (0.5, 2.0)], CLASSES["binary"], base=0)
    assert few["figures"]["auc"][1]["value"] > 0 and few["figures"]["auc"][1]["low"] is None
    equal = compare_tables([table_of("binary", 1.0)] * 2, CLASSES["binary"], base=0)["figures"]["auc"][1]
    assert equal == {"value": 0.0, "low": None, "high": None}
