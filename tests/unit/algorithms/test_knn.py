"""k-NN: scikit-learn's answers exactly where the search is exact, AWS's formats and log, refusals in words."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

import algorithms
from algorithms.amazon import model_file
from algorithms.formats.recordio import read_frames, read_record, write_table
from algorithms.knn import projection, vote
from algorithms.spec import Facts, InvalidHyperparameters, UserError
from engine.serving.model_schema import ModelSchema

from .amazon_jobs import RECORDIO, ask, figures, load, put, settled, trained
from .tables import Job, Table, as_csv

KNN = "knn"
ALGORITHM = algorithms.get(KNN)


@pytest.fixture(scope="session")
def digits() -> Table:
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    return Table(x[order].astype(np.float32), y[order].astype(np.float32))


def labels(predictor, x) -> np.ndarray:
    return np.array([answer["predicted_label"] for answer in ask(predictor, x)])


def accuracy(predictor, table: Table) -> float:
    return float((labels(predictor, table.x[table.held]) == table.y[table.held]).mean())


def test_an_exact_search_finds_scikit_learns_neighbours(job, digits):
    predictor = trained(KNN, put(job, digits, "test"), **settled(KNN, digits, "multiclass", k=5))
    x, y = digits.x[~digits.held], digits.y[~digits.held]
    distances, positions = KNeighborsClassifier(5).fit(x, y).kneighbors(digits.x[digits.held])
    predictions = predictor.predict(digits.x[digits.held])
    np.testing.assert_allclose(predictions[:, 1:6], distances**2, rtol=1e-4)
    assert (predictions[:, 6:] == y[positions]).mean() > 0.999  # equally far rows may come in another order


def test_numbers_are_the_neighbours_mean(job, diabetes):
    predictor = trained(KNN, put(job, diabetes, "test"), **settled(KNN, diabetes, "regression", k=7))
    theirs = KNeighborsRegressor(7).fit(diabetes.x[~diabetes.held], diabetes.y[~diabetes.held])
    np.testing.assert_allclose(
        labels(predictor, diabetes.x[diabetes.held]), theirs.predict(diabetes.x[diabetes.held]), rtol=0.02
    )


@pytest.mark.parametrize(
    ("floor", "value"),
    [
        (0.97, {}), (0.97, {"index_metric": "COSINE"}), (0.97, {"index_type": "faiss.IVFFlat"}),
        (0.97, {"index_type": "faiss.IVFFlat", "index_metric": "COSINE"}),
        (0.95, {"index_type": "faiss.IVFPQ", "faiss_index_pq_m": 12}),  # 64 features are padded to 72
        (0.94, {"dimension_reduction_type": "sign", "dimension_reduction_target": 32}),
        (0.94, {"dimension_reduction_type": "fjlt", "dimension_reduction_target": 32}),
        (0.90, {"dimension_reduction_type": "sign", "dimension_reduction_target": 30, "index_type": "faiss.IVFPQ",
                "faiss_index_pq_m": 8}),
        (0.92, {"sample_size": 400}), (0.90, {"index_type": "faiss.IVFFlat", "faiss_index_ivf_nlists": 300}),
    ],
    ids=["flat", "cosine", "ivf", "ivf cosine", "ivfpq", "sign", "fjlt", "sign ivfpq", "sample", "many cells"],
)  # fmt: skip
def test_every_index_reduction_and_metric_learns_and_loads_to_the_same_answers(job, digits, floor, value, capfd):
    predictor = trained(KNN, put(job, digits, "test"), **settled(KNN, digits, "multiclass", **value))
    metrics = figures(KNN, capfd.readouterr().out)
    assert accuracy(predictor, digits) >= floor
    assert metrics["test:accuracy"] == [pytest.approx(accuracy(predictor, digits), abs=0.002)]
    assert predictor.n_features == 64
    again = load(KNN, job.model_dir).predict(digits.x[:200])
    np.testing.assert_array_equal(again, predictor.predict(digits.x[:200]))


def test_the_inner_product_is_another_metric(job, iris):
    predictor = trained(KNN, put(job, iris, "test"), **settled(KNN, iris, "multiclass", index_metric="INNER_PRODUCT"))
    x = iris.x[~iris.held]
    best = np.sort(x @ iris.x[0])[::-1][:10]
    np.testing.assert_allclose(predictor.predict(iris.x[:1])[0, 1:11], best, rtol=1e-5)


def test_projections_keep_distances():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(30, 500))
    for kind in ("sign", "fjlt"):
        folded = x @ projection.projection_matrix(kind, 500, 200, rng)
        real = ((x[:, None] - x[None]) ** 2).sum(2)[np.triu_indices(30, 1)]
        remaining = ((folded[:, None] - folded[None]) ** 2).sum(2)[np.triu_indices(30, 1)]
        assert abs(np.mean(remaining / real) - 1) < 0.05 and np.std(remaining / real) < 0.2
    whole = projection.hadamard(np.arange(8), np.arange(8))
    np.testing.assert_array_equal(whole @ whole.T, 8 * np.eye(8))


def test_the_nearest_decides_between_equally_common_labels():
    near = np.array([[2, 1, 1, 2], [5, 4, 4, 4], [3, 7, 7, 3]], float)
    assert vote.majority_label(near).tolist() == [2, 4, 3]
    rng = np.random.default_rng(0)
    many = rng.integers(0, 5, (200, 9))
    counts = np.array([[(row == c).sum() for c in range(5)] for row in many])
    assert all(counts[i, c] == counts[i].max() for i, c in enumerate(vote.majority_label(many)))


@pytest.fixture(scope="module")
def served(make_job, iris):
    return trained(KNN, put(make_job("served"), iris, "test"), **settled(KNN, iris, "multiclass", k=3)), iris.x[:4]


def _parsed(answer: bytes, kind: str) -> list[dict]:
    if kind == "application/json":
        return json.loads(answer)["predictions"]
    if kind == "application/jsonlines":
        return [json.loads(line) for line in answer.splitlines()]
    records = [read_record(frame).label for frame in read_frames(answer)]
    return [{n: t.values.tolist() if n != "predicted_label" else t.values[0] for n, t in r.items()} for r in records]


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("accept", ALGORITHM.accepts)
@pytest.mark.parametrize("content_type", ALGORITHM.content_types)
def test_every_content_type_in_and_out(served, content_type, accept, verbose):
    predictor, x = served
    body = {
        "text/csv": as_csv(x).encode(), "application/json": json.dumps({"instances": x.tolist()}).encode(),
        "application/jsonlines": "\n".join(json.dumps({"features": row}) for row in x.tolist()).encode(),
        RECORDIO: write_table(x),
    }[content_type]  # fmt: skip
    answer, _ = predictor.invoke(body, content_type, accept + ("; verbose=true" if verbose else ""))
    message = _parsed(answer, accept)
    assert [one["predicted_label"] for one in message] == labels(predictor, x).tolist()
    assert all(set(one) == {"predicted_label", *(("distances", "labels") if verbose else ())} for one in message)
    if verbose:
        assert all(len(one["labels"]) == 3 and one["distances"] == sorted(one["distances"]) for one in message)


def test_a_model_loads_and_answers_in_a_fresh_process(job, digits):
    settings = settled(KNN, digits, "multiclass", index_type="faiss.IVFPQ", faiss_index_pq_m=16)
    predictor = trained(KNN, put(job, digits, "test"), **settings)
    predictor.probe()
    code = (
        "import sys, pathlib, algorithms; p = algorithms.get('knn').load_predictor().load(pathlib.Path(sys.argv[1])); "
        "print(p.invoke(sys.argv[2].encode(), 'text/csv', None)[0].decode())"
    )
    row = as_csv(digits.x[:1]).strip()
    output = subprocess.check_output([sys.executable, "-c", code, str(job.model_dir), row], text=True)
    assert json.loads(output)["predictions"] == ask(predictor, digits.x[:1])


@pytest.mark.parametrize("content_type", ["text/csv", RECORDIO])
def test_fifty_rows_are_enough(job, iris, content_type):
    few = Table(iris.x[:75], iris.y[:75])
    predictor = trained(KNN, put(job, few, "", content_type), **settled(KNN, few, "multiclass"))
    assert accuracy(predictor, few) >= 0.8


def test_a_stopped_job_ends_well_and_leaves_no_half_model(job):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20_000, 64)).astype(np.float32), rng.integers(0, 2, 20_000)
    put(job, Table(x, y), "test", RECORDIO)
    code = (
        "import sys; from pathlib import Path; from tests.unit.algorithms.amazon_jobs import context\n"
        "from tests.unit.algorithms.tables import Job; import algorithms; from algorithms.spec import Channel\n"
        "job = Job(Path(sys.argv[1]))\n"
        "for name in ('train', 'test'):\n"
        f"    job.channels[name] = Channel(name, job.folder / 'data' / name, {RECORDIO!r})\n"
        "print('begun', flush=True)\n"
        "algorithms.get('knn').load_trainer()(context(job, k=500, sample_size=20000, feature_dim=64,\n"
        "    predictor_type='classifier'))\n"
    )
    command = [sys.executable, "-c", code, str(job.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            if "rows of 64 features are kept" in line:
                process.send_signal(signal.SIGTERM)
                began = time.monotonic()
        assert process.wait(60) == 0 and time.monotonic() - began < 20
    assert not (job.model_dir / "model_algo-1").exists()


@pytest.mark.parametrize(
    ("rows", "value", "words"),
    [
        ("0,1\n1,3\n", {"k": 3, "sample_size": 5}, "k is 3, but there are 2 rows"),
        ("0.5,1\n1,3\n", {}, "must be whole numbers. Row 1 of channel train has the label 0.5"),
        ("0,1\n1,3\n", {"feature_dim": 2}, "feature_dim is 2, but the rows of channel train have 1"),
        ("0,1\n1,3\n", {"index_type": "faiss.IVFFlat", "faiss_index_ivf_nlists": 3}, "but 2 rows are kept"),
        ("0,1\n1,3\n", {"index_type": "faiss.IVFPQ", "faiss_index_pq_m": 1, "sample_size": 300}, "needs 256 rows"),
    ],
)  # fmt: skip
def test_bad_data_is_refused(job: Job, rows, value, words):
    job.put("train", rows)
    with pytest.raises(UserError, match=words):
        trained(KNN, job, **{"predictor_type": "classifier", "k": 1, "sample_size": 2, "feature_dim": 1, **value})


SETTINGS = {"predictor_type": "classifier", "k": 1, "sample_size": 300, "feature_dim": 8}


@pytest.mark.parametrize(
    ("argument", "name", "words"),
    [
        ({"k": 301}, "k", "sample_size keeps 300"),
        ({"dimension_reduction_type": "sign"}, "dimension_reduction_target", "No value(s) were specified for"),
        ({"dimension_reduction_type": "sign", "dimension_reduction_target": 8}, "dimension_reduction_target", "less"),
        ({"index_type": "faiss.IVFPQ"}, "faiss_index_pq_m", "No value(s) were specified for 'faiss_index_pq_m'"),
        ({"index_type": "faiss.IVFPQ", "faiss_index_pq_m": 5}, "faiss_index_pq_m", "accepts one of the following: '1'"),
        ({"index_type": "faiss.IVFPQ", "faiss_index_pq_m": 4, "index_metric": "COSINE"}, "index_metric", "not supp"),
        ({"index_type": "faiss.IVFPQ", "faiss_index_pq_m": 4, "sample_size": 255}, "sample_size", "needs 256 rows"),
    ],
)  # fmt: skip
def test_hyperparameters_are_checked_together(argument, name, words):
    with pytest.raises(InvalidHyperparameters) as e:
        ALGORITHM.parse({key: str(value) for key, value in {**SETTINGS, **argument}.items()})
    assert words in dict(e.value.problems)[name]


def test_what_is_left_open_is_settled_and_what_is_given_stays():
    assert ALGORITHM.settle({}, Facts("binary", 2, 1000, 7)) == {
        "predictor_type": "classifier", "feature_dim": "7", "sample_size": "1000", "k": "10",
    }  # fmt: skip
    assert ALGORITHM.settle({"k": "3"}, Facts("regression", 0, 4, 7))["k"] == "3"
    assert ALGORITHM.settle({}, Facts("regression", 0, 4, 7))["k"] == "4"
    assert ALGORITHM.settle({"sample_size": "6"}, Facts("regression", 0, 400, 7))["k"] == "6"
    assert ALGORITHM.task_of({"predictor_type": "regressor"}, "binary") == "regression"
    assert ALGORITHM.task_of({"predictor_type": "classifier"}, "regression") == "multiclass"
    facts = Facts("binary", 2, 1000, 7, True)
    values = ALGORITHM.parse(ALGORITHM.settle({}, facts))
    assert 0 < ALGORITHM.seconds(values, facts) < 10 and ALGORITHM.memory(values, facts) > 1e8


def test_what_has_no_effect_is_said_in_the_log(job, iris, capsys):
    trained(KNN, put(job, iris, ""), **settled(KNN, iris, "multiclass", mini_batch_size=100))
    assert "Hyperparameter mini_batch_size has no effect here" in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [
        {"k": 10**9}, {"cells": 0}, {"cells": 10**9}, {"pieces": 10**9}, {"index_type": "faiss.Other"}, {"k": None},
        {"index_metric": "Manhattan"},
    ],
    ids=str,
)  # fmt: skip
def test_a_model_file_that_does_not_fit_together_is_refused(job, iris, change):
    settings = settled(KNN, iris, "multiclass", index_type="faiss.IVFFlat")
    trained(KNN, put(job, iris, ""), **settings)
    model = model_file.load(job.model_dir, KNN)
    model_file.save(job.model_dir, KNN, {**model.meta, **change}, model.arrays)
    with pytest.raises(UserError, match="Unable to load model"):
        load(KNN, job.model_dir)
    model_file.save(job.model_dir, KNN, model.meta, {**model.arrays, "cells": model.arrays["cells"][:, :1]})
    with pytest.raises(UserError, match="has the shape"):
        load(KNN, job.model_dir)


def test_answers_with_labels_have_the_share_of_each_class_among_the_neighbours(job):
    x = np.array([[0], [1], [2], [3], [10]], np.float32)
    job.put("train", as_csv(x, np.array([0, 1, 1, 2, 0], np.float32)), content_type="text/csv")
    predictor = trained("knn", job, predictor_type="classifier", feature_dim=1, k=4, sample_size=5)
    column = {"name": "x", "type": "int", "role": "feature", "kind": "number", "encoding": "number", "features": ["x"]}
    schema = {
        "version": 2,
        "algorithm": "knn",
        "columns": [column],
        "features": ["x"],
        "classes": ["low", "mid", "top"],
    }
    accept = algorithms.get("knn").accept_header
    answer = predictor.write(predictor.predict(x[1:2]), predictor.response_type(accept))
    with_labels = ModelSchema(schema, predictor, accept)
    body, _kind = with_labels.label_response(answer, accept)
    (document,) = json.loads(body)["predictions"]
    assert (document["label"], document["probability"]) == ("mid", 0.5)
    assert document["probabilities"] == {"mid": 0.5, "low": 0.25, "top": 0.25}
    assert with_labels.accept("application/json; labels=true; verbose=true") == "application/json; verbose=true"
