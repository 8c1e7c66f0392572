"""Figures of models without a label are scikit-learn's on the same rows, and odd tables do not crash them."""

import json

import numpy as np
import polars as pl
import pytest
from scipy import stats
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from common.problems import Problem
from evaluation import files
from evaluation.__main__ import _evaluate
from evaluation.anomalies import anomalies
from evaluation.answers import answers_table
from evaluation.clusters import clusters
from evaluation.components import components
from evaluation.encoded_sample import EncodedSample, encoded_sample
from evaluation.raw_table import RawTable
from tables.predictions import Prediction
from tables.raw_rows import ROW_NUMBER
from tests.unit.evaluation.trained import train_unlabelled

RNG = np.random.default_rng(3)
ROWS = np.vstack([RNG.normal(center, 1.0, (60, 3)) for center in (0, 4, 8)])
SCHEMA = {
    "algorithm": "", "classes": [], "features": ["a", "b", "c"],
    "columns": [{"name": n, "kind": "number", "role": "feature", "encoding": "number", "features": [n]} for n in "abc"],
}  # fmt: skip


def table_of(rows: np.ndarray, **answers) -> pl.DataFrame:
    """A table of predictions for encoded rows that are the table's own."""
    cells = {f"data.{name}": [repr(value) for value in rows[:, at].tolist()] for at, name in enumerate("abc")}
    return pl.DataFrame({"row": np.arange(1, len(rows) + 1)} | answers | cells)


def sample_of(rows: np.ndarray) -> EncodedSample:
    return EncodedSample(rows, np.arange(len(rows)))


def figures(document: dict) -> dict[str, dict]:
    return {figure["name"]: figure for figure in document["metrics"]}


class Model:
    """A predictor for encoded rows: `predict` is a function of them, `answer` reads one of its rows."""

    def __init__(self, predict):
        self._predict = predict

    def check(self, rows):
        return rows

    def predict(self, rows):
        return self._predict(rows)

    def response_type(self, accept):
        return "application/json"

    def write(self, predictions, accept):
        return json.dumps({"projections": [{"projection": row} for row in predictions.tolist()]}).encode()


def test_figures_of_groups_are_scikit_learns_on_the_same_rows():
    model = KMeans(3, n_init=2, random_state=0).fit(ROWS)
    near = model.transform(ROWS).min(axis=1)
    document = clusters(table_of(ROWS, cluster=model.labels_, distance=near), SCHEMA, sample_of(ROWS))
    result = figures(document)
    for name, function in (
        ("silhouette", metrics.silhouette_score), ("davies_bouldin", metrics.davies_bouldin_score),
        ("calinski_harabasz", metrics.calinski_harabasz_score),
    ):  # fmt: skip
        assert result[name]["value"] == pytest.approx(function(ROWS, model.labels_), rel=1e-9)
    assert result["mean_distance"]["value"] == pytest.approx(near.mean(), rel=1e-9)
    assert result["silhouette"]["low"] < result["silhouette"]["value"] < result["silhouette"]["high"]
    assert result["silhouette"]["baseline"] < 0.05 and result["mean_distance"]["baseline"] > 2 * near.mean()
    each = metrics.silhouette_samples(ROWS, model.labels_)
    for group in document["groups"]:
        assert group["silhouette"] == pytest.approx(each[model.labels_ == group["name"]].mean(), rel=1e-9)
        inside = ROWS[model.labels_ == group["name"], 0]
        effect = (inside.mean() - ROWS[:, 0].mean()) / ROWS[:, 0].std()
        trait = next((t for t in group["traits"] if t["column"] == "a"), None)
        assert trait is None and abs(effect) < 0.2 or trait["effect"] == pytest.approx(effect, rel=1e-9)
    assert max(document["counts"], key=lambda pair: pair[1])[0] == 3
    assert sum(document["map"]["shares"]) == pytest.approx(PCA(2).fit(ROWS).explained_variance_ratio_.sum(), rel=1e-9)


def test_figures_of_components_are_scikit_learns_on_the_same_rows():
    pca = PCA(2).fit(ROWS)
    projected = pca.transform(ROWS)
    model = RawTable(Model(pca.transform), SCHEMA, "")
    answers = {"component.1": projected[:, 1], "component.2": projected[:, 0]}
    document = components(table_of(ROWS, **answers), SCHEMA, sample_of(ROWS), RawTable(
        Model(lambda rows: pca.transform(rows)[:, ::-1]), SCHEMA, ""
    ))  # fmt: skip
    result, ratios = figures(document), pca.explained_variance_ratio_
    assert [component["share"] for component in document["components"]] == pytest.approx(ratios.tolist(), rel=1e-9)
    assert [component["answer"] for component in document["components"]] == [2, 1]
    assert result["kept_variance"]["value"] == pytest.approx(ratios.sum(), rel=1e-9)
    missed = ((ROWS - pca.inverse_transform(projected)) ** 2).sum(axis=1)
    spread = ((ROWS - ROWS.mean(axis=0)) ** 2).sum()
    assert result["lost_variance"]["value"] == pytest.approx(missed.sum() / spread, rel=1e-9)
    assert document["worst"]["rows"][0]["value"] == pytest.approx(np.sqrt(missed.max()), rel=1e-9)
    assert document["worst"]["rows"][0]["row"] == missed.argmax() + 1
    weights = {weight["feature"]: weight["weight"] for weight in document["components"][0]["weights"]}
    assert [weights[name] for name in "abc"] == pytest.approx(pca.components_[0].tolist(), rel=1e-9)
    assert result["first_two"]["baseline"] == pytest.approx(2 / 3) and model.outputs(ROWS[:2])[0].projection


def test_answers_that_are_no_weighted_sums_have_no_weights_and_say_so():
    model = RawTable(Model(lambda rows: rows[:, :2] ** 2), SCHEMA, "")
    squares = ROWS[:, :2] ** 2
    answers = {"component.1": squares[:, 0], "component.2": squares[:, 1]}
    document = components(table_of(ROWS, **answers), SCHEMA, sample_of(ROWS), model)
    assert not document["is_affine"] and "kept_variance" not in figures(document)


def test_flagged_rows_pass_the_training_cut_and_name_their_unusual_columns():
    rows = ROWS.copy()
    rows[7, 1] = 90.0
    score = np.full(len(rows), 0.9)
    score[[7, 20]] = 2.0, 1.5
    document = anomalies(table_of(rows, score=score), SCHEMA, {"0.9": 1.0, "0.99": 1.2})
    share = figures(document)["flagged_share"]
    assert (document["cut"], document["flagged"]) == (1.2, 2) and share["value"] == 2 / len(rows)
    assert share["baseline"] == pytest.approx(0.01) and share["low"] < share["value"] < share["high"]
    first = document["worst"]["rows"][0]
    away = (90 - np.median(rows[:, 1])) / (stats.iqr(rows[:, 1]) / 1.349)
    assert (first["row"], first["reasons"][0]["column"]) == (8, "b")
    assert first["reasons"][0]["away"] == pytest.approx(away, rel=1e-9)
    assert [row["flagged"] for row in document["worst"]["rows"]] == [True, True]
    assert sum(document["histogram"]["counts"]) == len(rows) and document["order"]["marked"] == [
        [8.0, 2.0],
        [21.0, 1.5],
    ]
    unknown = anomalies(table_of(rows, score=score), SCHEMA, {})
    assert not unknown["is_of_training"] and figures(unknown)["flagged_share"]["baseline"] is None


@pytest.mark.parametrize(
    ("rows", "group"),
    [(ROWS[:1], [0]), (ROWS[:20], [4] * 20), (np.ones((20, 3)), [0, 1] * 10), (ROWS[:2], [0, 1])],
    ids=["one row", "one group", "equal rows", "a group each"],
)
def test_odd_tables_have_figures_that_are_numbers_or_none(rows, group):
    group, size = np.array(group), len(rows)
    documents = [
        clusters(table_of(rows, cluster=group, distance=np.zeros(size)), SCHEMA, sample_of(rows)),
        anomalies(table_of(rows, score=np.zeros(size)), SCHEMA, {}),
        components(
            table_of(rows, **{"component.1": rows[:, 0]}), SCHEMA, sample_of(rows),
            RawTable(Model(lambda part: part[:, :1]), SCHEMA, ""),
        ),
    ]  # fmt: skip
    json.dumps(documents, allow_nan=False)


def test_one_flagged_row_of_few_is_not_more_than_chance():
    document = anomalies(table_of(ROWS[:10], score=np.array([2.0] + [0.9] * 9)), SCHEMA, {"0.99": 1.0})
    assert document["flagged"] == 1 and figures(document)["flagged_share"]["low"] < 0.01


def test_predictions_that_are_no_numbers_are_refused():
    raw = pl.DataFrame({ROW_NUMBER: [1, 2], "a": ["1", "2"]})
    for kind, bad in (
        ("anomalies", Prediction(score=float("nan"))), ("clusters", Prediction(cluster=0, distance=float("inf"))),
        ("components", Prediction(projection=[float("nan")])),
    ):  # fmt: skip
        with pytest.raises(Problem, match="no usable prediction for 2 test rows"):
            answers_table(kind, [bad, bad], raw)
    for kind in ("anomalies", "clusters", "components"):
        with pytest.raises(ValueError, match="a row has no"):
            answers_table(kind, [Prediction(value=1.0)] * 2, raw)


def test_rows_that_cannot_be_read_are_left_out_and_the_first_is_named():
    raw = pl.DataFrame({ROW_NUMBER: [3, 4, 5], "a": ["1", "many", "2"], "b": ["1"] * 3, "c": ["1"] * 3})
    predicted = RawTable(Model(lambda rows: rows), SCHEMA, "").predict(raw)
    assert (predicted.left_out, predicted.raw[ROW_NUMBER].to_list()) == (1, [3, 5])
    assert predicted.why.startswith("row 4: ") and len(predicted.predictions) == 2
    with pytest.raises(Problem, match="No row can be read as the model takes it. The first: row 4"):
        RawTable(Model(lambda rows: rows), SCHEMA, "").predict(raw[1:2])


def test_distances_of_a_wide_table_are_computed_of_fewer_rows(monkeypatch):
    model, table = RawTable(Model(lambda rows: rows), SCHEMA, ""), table_of(ROWS)
    assert len(encoded_sample(model, table).rows) == len(ROWS)
    monkeypatch.setattr("evaluation.encoded_sample.NUMBERS", 3 * 40)
    sample = encoded_sample(model, table)
    assert sample.rows.tolist() == ROWS[sample.at].tolist() and len(sample.rows) == 40
    monkeypatch.setattr("evaluation.encoded_sample.NUMBERS", 3)
    assert len(encoded_sample(model, table).rows) == 20


def test_gaps_are_filled_by_the_mean_and_ten_thousand_columns_fit():
    wide = [f"c{at}" for at in range(10_000)]
    column = {"kind": "number", "role": "feature", "encoding": "number"}
    schema = SCHEMA | {"features": wide, "columns": [column | {"name": n, "features": [n]} for n in wide]}
    cells = np.array([["1", "3", ""]]).repeat(10_000, axis=0)
    table = pl.DataFrame({f"data.{name}": cells[at] for at, name in enumerate(wide)})
    model = RawTable(Model(lambda rows: rows[:, :2]), schema, "")
    sample = encoded_sample(model, table)
    assert sample.rows.shape == (3, 10_000) and sample.rows[2, 0] == 2.0
    assert model.rows_at_once == 100


@pytest.mark.parametrize(
    ("name", "hyperparameters", "kind"),
    [("kmeans", {"k": "3"}, "clusters"), ("randomcutforest", {}, "anomalies"), ("pca", {}, "components")],
    ids=["kmeans", "randomcutforest", "pca"],
)
def test_a_trained_model_is_evaluated_on_rows_of_its_table(tmp_path, name, hyperparameters, kind):
    lines = [f"{at % 3 * 10 + at % 7 / 10},{['low', 'mid', 'high'][at % 3]},{at % 5}" for at in range(150)]
    root = tmp_path / "run"
    train_unlabelled(root, "\n".join(["size,level,noise", *lines]), name, hyperparameters)
    _evaluate(root)
    document = json.loads((root / files.EVALUATION).read_text())
    assert (document["kind"], document["rows"], document["test_rows"]) == (kind, 150, 150)
    assert document["on"] == {"is_whole": True, "left_out": 0, "why": ""} and document["explain"] is None
    header, first = (root / files.PREDICTIONS).read_text().splitlines()[:2]
    assert header.endswith("data.size,data.level,data.noise") and first.endswith("0.0,low,0")
    if kind == "clusters":
        assert figures(document)["silhouette"]["value"] > 0.3
        assert {trait["column"] for trait in document["groups"][0]["traits"]} >= {"level"}
    if kind == "anomalies":
        assert document["is_of_training"]
