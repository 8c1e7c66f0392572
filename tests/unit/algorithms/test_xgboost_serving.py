"""Serving XGBoost: the answers are the booster's own, and refusals are the container's."""

import json
import resource
import threading

import numpy as np
import pytest
import xgboost as xgb

import algorithms
from algorithms.formats.recordio import Tensor, read_frames, read_record, write_record, write_table
from algorithms.spec import InvocationError
from algorithms.xgboost import tree_walker
from algorithms.xgboost.fast_predict import DirectPredict, fastest_predict

from .tables import Job, as_csv, as_libsvm

ACCEPTS = "['application/json', 'application/jsonlines', 'application/x-recordio-protobuf', 'text/csv']"


class Served:
    """A model, the booster it really is, rows to ask about and what the booster says."""

    def __init__(self, job: Job, table, **settings):
        path = job.put_table(table).train(num_round=20, **settings)
        self.job, self.x = job, table.x
        self.predictor = job.predictor()
        self.booster = xgb.Booster(model_file=str(path))
        self.expected = self.booster.predict(xgb.DMatrix(table.x))

    def ask(self, body, content_type="text/csv", accept="text/csv") -> bytes:
        return self.predictor.invoke(body if isinstance(body, bytes) else body.encode(), content_type, accept)[0]


@pytest.fixture(scope="module")
def binary(make_job, breast_cancer):
    return Served(make_job("binary"), breast_cancer, objective="binary:logistic")


@pytest.fixture(scope="module")
def classes(make_job, iris):
    return Served(make_job("classes"), iris, objective="multi:softprob", num_class=3)


@pytest.fixture(scope="module")
def values(make_job, diabetes):
    return Served(make_job("values"), diabetes, objective="reg:squarederror")


def numbers(body: bytes, accept: str) -> np.ndarray:
    if accept == "text/csv":
        return np.array([[float(v) for v in line.split(",")] for line in body.decode().split("\n")[:-1]])
    if accept == "application/json":
        return np.array([np.atleast_1d(p["score"]) for p in json.loads(body)["predictions"]])
    if accept == "application/jsonlines":
        return np.array([np.atleast_1d(json.loads(line)["score"]) for line in body.splitlines()])
    return np.array([read_record(frame).label["score"].values for frame in read_frames(body)])


def bodies(x) -> dict[str, bytes]:
    rows = [[None if np.isnan(v) else float(v) for v in row] for row in x]
    keys = np.arange(x.shape[1])
    sparse = [write_record({"values": Tensor(r[~np.isnan(r)], keys[~np.isnan(r)], (x.shape[1],))}) for r in x]
    return {
        "text/csv": as_csv(x).encode(),
        "text/csv; charset=utf-8": as_csv(x).replace("\n", "\r\n").encode(),
        "application/json": json.dumps({"instances": rows}).encode(),
        "application/json; long": json.dumps({"instances": [{"features": row} for row in rows]}).encode(),
        "application/jsonlines": "\n".join(json.dumps({"features": row}) for row in rows).encode(),
        "text/libsvm": as_libsvm(x).encode(),
        "text/x-libsvm": as_libsvm(x, np.ones(len(x)), first=1).encode(),
        "application/x-recordio-protobuf": write_table(x),
        "application/x-recordio-protobuf; sparse": b"".join(sparse),
    }


@pytest.mark.parametrize("accept", algorithms.get("xgboost").accepts)
@pytest.mark.parametrize("which", ["binary", "classes", "values"])
def test_every_answer_on_every_row_is_the_boosters(request, which, accept):
    served = request.getfixturevalue(which)
    x = served.x.copy()
    x[np.random.default_rng(0).random(x.shape) < 0.05] = np.nan
    x[:, 0] = x[:, -1] = 1.5  # so that the widest and the first index are always there, in libsvm too
    expected = served.booster.predict(xgb.DMatrix(x))
    for content_type, body in bodies(x).items():
        got = numbers(served.ask(body, content_type, accept), accept)
        assert len(got) == len(x), content_type
        assert np.abs(got - expected.reshape(got.shape)).max() <= 1e-6, content_type


def test_answers_are_written_as_the_container_writes_them(binary, classes):
    first = as_csv(binary.x[:2])
    one, two = (repr(float(v)) for v in binary.expected[:2])
    assert binary.ask(first) == f"{one}\n{two}\n".encode()
    assert binary.ask(first, accept="application/json") == (
        f'{{"predictions": [{{"score": {one}}}, {{"score": {two}}}]}}'.encode()
    )
    assert binary.ask(first, accept="application/jsonlines") == f'{{"score": {one}}}\n{{"score": {two}}}\n'.encode()
    row = as_csv(classes.x[:1])
    a, b, c = classes.expected[0].tolist()
    assert classes.ask(row) == f"{a!r},{b!r},{c!r}\n".encode()
    assert json.loads(classes.ask(row, accept="application/json")) == {"predictions": [{"score": [a, b, c]}]}


def test_rows_one_by_one_are_answered_as_all_at_once(binary):
    for i in range(0, 60):
        assert float(binary.ask(as_csv(binary.x[i : i + 1]))) == float(binary.expected[i])


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (None, "text/csv"), ("", "text/csv"), ("*/*", "text/csv"), ("text/*", "text/csv"),
        ("application/*", "application/json"), ("Application/JSON", "application/json"),
        ("application/json; verbose=true", "application/json"),
        ("image/png, application/jsonlines;q=0.5", "application/jsonlines"),
        ("*/*;q=0.1", "text/csv"), ("application/json;q=0.1, text/csv", "application/json"),
    ],
)  # fmt: skip
def test_the_answers_type_is_agreed_on(binary, accept, answered):
    assert binary.predictor.invoke(as_csv(binary.x[:1]).encode(), "text/csv", accept)[1] == answered


def test_the_default_answer_type_can_be_set(binary):
    predictor = binary.job.predictor(SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT="application/json")
    assert predictor.invoke(as_csv(binary.x[:1]).encode(), "text/csv", "*/*")[1] == "application/json"


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status", "text"),
    [
        (b"", "text/csv", None, 204, ""),
        (
            b"1,2",
            "text/csv",
            None,
            400,
            "Unable to evaluate payload provided: Feature size of csv inference data 2 "
            "is not consistent with feature size of trained model 30",
        ),
        (
            b"5",
            "application/json",
            None,
            415,
            "Loading json data failed with Exception, please ensure data is in json format:",
        ),
        (
            b"a,b",
            "text/csv",
            None,
            415,
            "Loading csv data failed with Exception, please ensure data is in csv format:\n ",
        ),
        (b"1,2\n3", "text/csv", None, 415, "Loading csv data failed with Exception"),
        (
            b"0:1 31:1",
            "text/libsvm",
            None,
            400,
            "Unable to evaluate payload provided: Feature size of libsvm inference data "
            "32 "
            "is larger than feature size of trained model 30",
        ),
        (
            b"0:x",
            "text/libsvm",
            None,
            415,
            "Loading libsvm data failed with Exception, please ensure data is in libsvm format:",
        ),
        (
            b"junk",
            "application/x-recordio-protobuf",
            None,
            415,
            "Loading recordio-protobuf data failed with Exception, please ensure data is in recordio-protobuf format:",
        ),
        (
            b"1",
            "image/png",
            None,
            415,
            "image/png is not an accepted ContentType: csv, libsvm, parquet, recordio-protobuf, "
            "text/csv, text/libsvm, text/x-libsvm, application/x-parquet, application/x-recordio-protobuf, "
            "application/json, application/jsonlines.",
        ),
        (b"1", "application/x-parquet", None, 415, "Content-type application/x-parquet is not supported."),
        (
            b"1",
            "text/csv;label_size=0",
            None,
            415,
            "text/csv;label_size=0 is not an accepted csv ContentType. Optional "
            "parameter label_size must be equal to 1",
        ),
        (
            b"GOOD",
            "text/csv",
            "image/png",
            406,
            f"Accept type image/png is not supported. Please use supported accept types: {ACCEPTS}.",
        ),
        (b"1,2,3", None, None, 415, "Loading libsvm data failed with Exception"),
        (b"1e39" + b",1" * 29, "text/csv", None, 415, "Loading csv data failed with Exception"),
        (b"inf" + b",1" * 29, "text/csv", None, 415, "Loading csv data failed with Exception"),
    ],
)
def test_a_request_that_cannot_be_answered(binary, body, content_type, accept, status, text):
    body = as_csv(binary.x[:1]).encode() if body == b"GOOD" else body
    with pytest.raises(InvocationError) as caught:
        binary.predictor.invoke(body, content_type, accept)
    assert caught.value.status == status
    assert caught.value.message.startswith(text)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("text/csv", b"a" * 10**6), ("application/json", b'{"instances": [["' + b"A" * 10**6 + b'"]]}')],
    ids=["csv", "json"],
)
def test_an_error_repeats_little_of_the_body(binary, content_type, body):
    """Errors are lines of the endpoint's log: a thousand of six megabytes filled the gateway and the database."""
    with pytest.raises(InvocationError) as refused:
        binary.predictor.read(body, content_type)
    assert len(refused.value.message) == len(str(refused.value)) == 2003


def test_a_model_of_one_column_takes_lines_of_one_number(job):
    x = np.arange(40, dtype="f4").reshape(-1, 1)
    job.put("train", as_csv(x, x[:, 0] * 2))
    path = job.train(objective="reg:squarederror")
    for body in (b"7", b"7\n8.5\n", b"0.5\n0.25", b""):
        if body:
            got, _ = job.predictor().invoke(body, "text/csv", None)
            rows = np.array(body.split(), float).reshape(-1, 1)
            expected = xgb.Booster(model_file=str(path)).predict(xgb.DMatrix(rows))
            assert np.array(got.split(), float) == pytest.approx(expected, abs=1e-6)


def test_libsvm_indices_mean_to_the_model_what_they_meant_in_training(job, iris):
    job.put("train", as_libsvm(iris.x, iris.y, first=1), content_type="libsvm")
    path = job.train(objective="multi:softmax", num_class=3)
    predictor = job.predictor()
    assert predictor.n_features == 5  # as on AWS: the empty column 0 stays
    got, _ = predictor.invoke(as_libsvm(iris.x, first=1).encode(), "text/libsvm", None)
    wide = np.column_stack([np.full(len(iris.y), np.nan), iris.x])
    assert np.array_equal(np.array(got.split(), float), xgb.Booster(model_file=str(path)).predict(xgb.DMatrix(wide)))


def test_selected_content(binary, classes, values):
    keys = "predicted_label, labels,probability,probabilities,raw_score,raw_scores,predicted_score"
    chosen = binary.job.predictor(SAGEMAKER_INFERENCE_OUTPUT=keys)
    row, p = as_csv(binary.x[:1]).encode(), float(binary.expected[0])
    body, _ = chosen.invoke(row, "text/csv", "application/json")
    (answer,) = json.loads(body)["predictions"]
    assert np.isnan(answer.pop("predicted_score"))
    assert answer == {
        "predicted_label": int(p > 0.5), "labels": [0, 1], "probability": p, "probabilities": [1 - p, p],
        "raw_score": p,
        "raw_scores": [1 - p, p],
    }  # fmt: skip
    chosen = classes.job.predictor(SAGEMAKER_INFERENCE_OUTPUT="predicted_label,probabilities")
    body, _ = chosen.invoke(as_csv(classes.x[:2]).encode(), "text/csv", "text/csv")
    rows = [p.tolist() for p in classes.expected[:2]]
    assert body.decode() == "\n".join(f'{int(np.argmax(p))},"{p}"' for p in rows)
    lines, _ = chosen.invoke(as_csv(classes.x[:2]).encode(), "text/csv", "application/jsonlines")
    assert [json.loads(line)["probabilities"] for line in lines.splitlines()] == rows
    records, _ = chosen.invoke(as_csv(classes.x[:1]).encode(), "text/csv", "application/x-recordio-protobuf")
    (record,) = map(read_record, read_frames(records))
    assert record.label["probabilities"].values.tolist() == rows[0]
    score, _ = values.job.predictor(SAGEMAKER_INFERENCE_OUTPUT="predicted_score").invoke(
        as_csv(values.x[:1]).encode(), "text/csv", "application/json"
    )
    assert json.loads(score) == {"predictions": [{"predicted_score": float(values.expected[0])}]}


def test_selected_content_of_an_objective_that_has_none(job, breast_cancer):
    job.put_table(breast_cancer).train(objective="rank:pairwise")
    with pytest.raises(InvocationError) as caught:
        job.predictor(SAGEMAKER_INFERENCE_OUTPUT="predicted_label").invoke(
            as_csv(breast_cancer.x[:1]).encode(), "text/csv", None
        )
    assert (caught.value.status, caught.value.message) == (
        500, "Objective `rank:pairwise` unsupported for selectable inference predictions."
    )  # fmt: skip


def test_batch_transform_writes_python_lists(classes, binary):
    body, _ = classes.job.predictor(SAGEMAKER_BATCH="true").invoke(as_csv(classes.x[:2]).encode(), "text/csv", None)
    assert body.decode() == "".join(f"{p.tolist()}\n" for p in classes.expected[:2])


def test_an_ensemble_votes_on_classes_and_can_be_turned_off(job, iris):
    job.put_table(iris).train(objective="multi:softmax", num_class=3, _kfold=3)
    matrix = xgb.DMatrix(iris.x)
    parts = np.array([xgb.Booster(model_file=str(p)).predict(matrix) for p in sorted(job.model_dir.iterdir())])
    votes = np.array([np.bincount(column.astype(int), minlength=3).argmax() for column in parts.T])
    body = as_csv(iris.x).encode()
    assert np.array_equal(np.array(job.predictor().invoke(body, "text/csv", None)[0].split(), float), votes)
    alone = job.predictor(SAGEMAKER_INFERENCE_ENSEMBLE="false").invoke(body, "text/csv", None)[0]
    assert np.array_equal(np.array(alone.split(), float), parts[0])


def sparse(column: int, width: int = 0) -> bytes:
    return write_record({"values": Tensor(np.ones(1, np.float32), np.array([column]), (width,) if width else ())})


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"0 10000000:1", "text/libsvm"),
        (b"0 " + b"9" * 5000 + b":1", "text/libsvm"),
        (sparse(2**40), "application/x-recordio-protobuf"),
        (sparse(1, 2**62), "application/x-recordio-protobuf"),
        (b"," * 5_000_000, "text/csv"),
        (b",,\n" + b",\n" * 2_000_000, "text/csv"),
        (b"," * 2_000_000 + b"\n" * 2_000_000, "text/csv"),
        (b"[" * 5_000_000, "application/json"),
    ],
)
def test_a_body_wider_than_the_model_is_refused_in_little_memory(binary, body, content_type):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InvocationError) as refused:
        binary.predictor.read(body, content_type)
    assert refused.value.status in (400, 415)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # KB


def test_many_threads_get_their_own_answers(binary):
    wrong, bodies_ = [], [as_csv(binary.x[i : i + 1]).encode() for i in range(100)]

    def ask(start):
        for i in range(start, 100, 7):
            for _ in range(20):
                if float(binary.ask(bodies_[i])) != float(binary.expected[i]):
                    wrong.append(i)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_trees_are_asked_directly_and_what_cannot_be_is_not(binary, job, breast_cancer, monkeypatch):
    monkeypatch.setattr(tree_walker, "_hasty", None)  # as without a compiler
    assert isinstance(fastest_predict(binary.booster, 30), DirectPredict)
    job.put_table(breast_cancer).train(objective="binary:logistic", booster="gblinear")
    assert not isinstance(job.predictor().predict_functions[0], DirectPredict)
    monkeypatch.setattr(DirectPredict, "__call__", lambda self, rows: np.zeros(len(rows), np.float32))
    assert not isinstance(fastest_predict(binary.booster, 30), DirectPredict)  # its samples were wrong


def test_the_predictor_says_what_it_is(binary):
    predictor = binary.predictor
    assert predictor.n_features == 30 and predictor.feature_names is None
    assert "application/json" in predictor.content_types and "text/csv" in predictor.accepts
    predictor.probe()
