"""Figures equal scikit-learn's on the same rows, on real tables and with every kind of prediction."""

import json
import warnings

import numpy as np
import polars as pl
import pytest
from palmerpenguins import load_penguins
from sklearn import metrics
from sklearn.calibration import calibration_curve

from evaluation import files
from evaluation.__main__ import _evaluate
from evaluation.predictions import read_csv
from evaluation.process import evaluate_apart
from tests.corpus.clean import tables
from tests.unit.evaluation.trained import train
from tests.unit.tables import real

PENGUINS = load_penguins().to_csv(index=False)
CASES = [
    pytest.param(real.breast_cancer(), "target", "xgboost", id="breast-cancer-xgboost"),
    pytest.param(real.breast_cancer(), "target", "linear-learner", id="breast-cancer-linear-learner"),
    pytest.param(PENGUINS, "sex", "catboost", id="sex-catboost"),
    pytest.param(PENGUINS, "sex", "factorization-machines", id="sex-factorization-machines"),
    pytest.param(PENGUINS, "species", "lightgbm", id="species-lightgbm"),
    pytest.param(real.iris(), "target", "knn", id="iris-knn"),
    pytest.param(PENGUINS, "body_mass_g", "xgboost", id="mass-xgboost"),
    pytest.param(real.diabetes(), "target", "catboost", id="diabetes-catboost"),
]
# With those above, twelve real tables.
MORE = {
    "wine": "lightgbm", "flights: origin": "xgboost", "weather: temperature": "lightgbm", "planes: engine": "catboost",
    "Seattle weather": "xgboost", "cars: consumption": "linear-learner", "barley": "catboost", "stocks": "knn",
}  # fmt: skip


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """(document, table of predictions, schema) of a model trained on a table; the first in a process of its own."""
    done = {}

    def evaluate(csv: str, target: str, name: str):
        key = (hash(csv), target, name)
        if key not in done:
            root = tmp_path_factory.mktemp("evaluation") / "run"
            schema = train(root, csv, name, target=target)
            if not done:
                document = evaluate_apart(root, 2**32, lambda: None)
            else:  # a process takes longer to start than its work
                _evaluate(root)
                document = json.loads((root / files.EVALUATION).read_text())
            table = read_csv((root / files.PREDICTIONS).read_bytes(), not schema["classes"])
            done[key] = document, table, schema
        return done[key]

    return evaluate


def library_figures(table: pl.DataFrame, classes: list[str]) -> dict[str, float]:
    """What scikit-learn says of the downloaded table."""
    if not classes:
        y, p = table["label"].to_numpy(), table["prediction"].to_numpy()
        return {
            "mae": metrics.mean_absolute_error(y, p),
            "rmse": metrics.mean_squared_error(y, p) ** 0.5,
            "r2": metrics.r2_score(y, p),
            "median_error": metrics.median_absolute_error(y, p),
            "mean_error": np.mean(p - y),
        }
    y, p = table["label"].to_list(), table["prediction"].to_list()
    figures = {"accuracy": metrics.accuracy_score(y, p)}
    names = [f"probability.{name}" for name in classes]
    shares = table.select(names).to_numpy() if set(names) <= set(table.columns) else None
    if len(classes) == 2:
        figures |= {
            "precision": metrics.precision_score(y, p, pos_label=classes[1], zero_division=0),
            "recall": metrics.recall_score(y, p, pos_label=classes[1], zero_division=0),
            "f1": metrics.f1_score(y, p, pos_label=classes[1], zero_division=0),
        }
        if "score" in table.columns:
            figures["auc"] = metrics.roc_auc_score(y, table["score"])
            figures["average_precision"] = metrics.average_precision_score(y, table["score"], pos_label=classes[1])
        if shares is not None:
            figures["logloss"] = metrics.log_loss(y, shares, labels=classes)
            figures["brierscore"] = metrics.brier_score_loss(y, table["score"], pos_label=classes[1])
        return figures
    figures["f1_macro"] = metrics.f1_score(y, p, average="macro")
    figures["balanced_accuracy"] = metrics.balanced_accuracy_score(y, p)
    if shares is not None:
        figures["mlogloss"] = metrics.log_loss(y, shares, labels=classes)
        positions = [classes.index(label) for label in y]
        figures["top2"] = metrics.top_k_accuracy_score(positions, shares, k=2, labels=range(len(classes)))
    return figures


@pytest.mark.long
@pytest.mark.parametrize("title", MORE)
def test_figures_of_more_tables_are_those_of_scikit_learn(evaluated, title):
    warnings.filterwarnings("ignore", "The y_prob values do not sum to one")  # of XGBoost's numbers of four bytes
    table = next(table for table in tables() if table.name == title)
    _compare(evaluated, table.body().decode(), table.target, MORE[title])


@pytest.mark.parametrize(("csv", "target", "name"), CASES)
def test_figures_are_those_of_scikit_learn_on_the_downloaded_rows(evaluated, csv, target, name):
    _compare(evaluated, csv, target, name)


def _compare(evaluated, csv: str, target: str, name: str) -> None:
    document, table, schema = evaluated(csv, target, name)
    expected = library_figures(table, schema["classes"])
    figures = {figure["name"]: figure["value"] for figure in document["metrics"]}
    assert set(figures) == set(expected)
    for metric, value in figures.items():
        assert value == pytest.approx(expected[metric], abs=1e-9), metric
    for figure in document["metrics"]:
        if figure["low"] is not None:
            assert figure["low"] <= figure["value"] <= figure["high"], figure
    assert document["rows"] == len(table) == schema["test_rows"] and json.dumps(document, allow_nan=False)


@pytest.mark.parametrize(("csv", "target", "name"), CASES)
def test_the_table_of_predictions_has_the_rows_of_the_persons_table(evaluated, csv, target, name):
    _document, table, _schema = evaluated(csv, target, name)
    original = pl.read_csv(csv.encode(), infer_schema=False)
    rows = original[(table["row"] - 1).to_list()]
    for column in original.columns:
        mine = table[f"data.{column}"].fill_null("")
        assert mine.to_list() == rows[column].fill_null("").to_list(), column
    if table["label"].dtype == pl.String:
        assert table["label"].to_list() == rows[target].to_list()
    else:
        assert table["label"].to_list() == rows[target].cast(pl.Float64).to_list()


def test_curves_and_thresholds_are_those_of_scikit_learn(evaluated):
    document, table, schema = evaluated(*CASES[0].values)
    actual, score = (table["label"] == schema["classes"][1]).to_numpy(), table["score"].to_numpy()
    for threshold, *counts in document["thresholds"]:
        (tn, fp), (fn, tp) = metrics.confusion_matrix(actual, score >= threshold, labels=[False, True])
        assert counts == [tp, fp, fn, tn], threshold
    x, y, _ = metrics.roc_curve(actual, score)
    exact = set(zip(x.tolist(), y.tolist(), strict=True))
    assert all(tuple(point) in exact for point in document["curves"]["roc"])
    assert document["curves"]["roc"][0] == [0, 0] and document["curves"]["roc"][-1] == [1, 1]
    share, mean = calibration_curve(actual, score, n_bins=5, strategy="quantile")
    assert np.allclose(document["curves"]["calibration"], np.column_stack([mean, share]), atol=1e-12)
    assert sum(map(sum, (document["histogram"]["negative"], document["histogram"]["positive"]))) == len(table)


def test_the_matrix_and_the_classes_are_those_of_scikit_learn(evaluated):
    document, table, schema = evaluated(*CASES[4].values)
    y, p = table["label"].to_list(), table["prediction"].to_list()
    expected = metrics.confusion_matrix(y, p, labels=document["matrix"]["classes"])
    assert document["matrix"]["rows"] == expected.tolist()
    report = metrics.classification_report(y, p, labels=schema["classes"], output_dict=True, zero_division=0)
    for entry in document["classes"]:
        assert entry["rows"] == report[entry["name"]]["support"]
        assert entry["f1"] == pytest.approx(report[entry["name"]]["f1-score"], abs=1e-12)
        one = [label == entry["name"] for label in y]
        assert entry["auc"] == pytest.approx(metrics.roc_auc_score(one, table[f"probability.{entry['name']}"]))
