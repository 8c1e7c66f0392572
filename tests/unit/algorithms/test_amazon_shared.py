"""What the first-party algorithms share: channels, requests, answers, the model file, refusals, log lines."""

import gzip
import io
import json
import os
import pickle
import re
import threading
import zipfile

import numpy as np
import pytest

from algorithms.amazon import hyperparameter_errors, log, model_file, parameters, request_parsing, response_formats
from algorithms.amazon.channel_data import check_channels, check_width, load_channel
from algorithms.amazon.registries import ACCOUNTS
from algorithms.formats.recordio import Tensor, read_frames, read_record, write_record, write_table
from algorithms.spec import (
    Algorithm,
    ChannelSpec,
    Images,
    Integer,
    InvalidHyperparameters,
    InvalidValue,
    InvocationError,
    UserError,
)

from .tables import Job, as_csv

CSV, RECORDIO = "text/csv", "application/x-recordio-protobuf"
JSON, JSONLINES = "application/json", "application/jsonlines"
TYPES = (CSV, JSON, JSONLINES, RECORDIO)
X = np.array([[1.5, -2, 0], [4, 5.25, 6]], np.float32)
Y = np.array([1, 0], np.float32)

THING = Algorithm(
    name="thing", title="Thing", help="Learns things.", tasks=(), content_types=TYPES, accepts=TYPES, metrics=(),
    hyperparameters=(
        Integer(name="k", help="How many there are.", required=True, low=1),
        parameters.AutoInteger(name="n", help="How many there are.", low=1),
        parameters.AutoContinuous(name="rate", help="How fast it goes.", low=0, default="auto"),
        parameters.boolean("flag", "Whether it is so or not."),
        *parameters.INTERNAL,
    ),
    channels=(ChannelSpec("train", "The rows.", True, (CSV, RECORDIO)), ChannelSpec("test", "More.", False, (CSV,))),
    images=Images("thing", "1", ACCOUNTS), trainer="", predictor="",
    error_messages=hyperparameter_errors.ERROR_MESSAGES,
)  # fmt: skip


def sparse(x, shape=True) -> bytes:
    return b"".join(
        write_record({"values": Tensor(row[row != 0], np.flatnonzero(row), (len(row),) if shape else ())}) for row in x
    )


def bodies() -> dict[str, tuple[str, bytes]]:
    nested = [{"data": {"features": {"values": row}}} for row in X.tolist()]
    keyed = [
        {"data": {"features": {"keys": np.flatnonzero(r).tolist(), "shape": [3], "values": r[r != 0].tolist()}}}
        for r in X
    ]
    lines = "\n".join(json.dumps(item) for item in (keyed[0], {"features": X[1].tolist()}))
    return {
        "csv": (CSV, as_csv(X).encode()),
        "csv with a label": ("text/csv; label_size=1", as_csv(X, Y).encode()),
        "csv, label_size 0": ("text/csv;label_size=0;encoding=utf-8", as_csv(X).encode()),
        "instances": (JSON, json.dumps({"instances": [{"features": row} for row in X.tolist()]}).encode()),
        "long instances": (JSON, json.dumps({"instances": nested}).encode()),
        "sparse instances": (JSON, json.dumps({"instances": keyed}).encode()),
        "bare lists": (JSON, json.dumps({"instances": X.tolist()}).encode()),
        "lines": (JSONLINES, lines.encode()),
        "recordio": (RECORDIO, write_table(X)),
        "recordio with labels": (RECORDIO, write_table(X, Y)),
        "sparse recordio": (RECORDIO, sparse(X)),
        "sparse recordio without a shape": (RECORDIO, sparse(X, shape=False)),
    }


@pytest.mark.parametrize("kind", bodies())
def test_every_request_is_read_alike(kind):
    content_type, body = bodies()[kind]
    np.testing.assert_array_equal(request_parsing.parse_rows(body, content_type, 3, TYPES), X)


@pytest.mark.parametrize(
    ("content_type", "body", "status", "words_"),
    [
        ("text/libsvm", b"1:2", 415, "text/libsvm not supported. Supported content-types are: text/csv"),
        (CSV, b"", 400, "unable to evaluate payload provided: it is empty"),
        (CSV, b"1,2", 400, "its rows have 2 features, and the model takes 3"),
        (CSV, b"1,two,3", 400, "could not convert"),
        (CSV, b"1,,3", 400, "feature 2 of row 1 is missing"),
        ("text/csv;label_size=4", b"1,2,3", 400, "label_size must be 0 or 1"),
        (JSON, b"{", 400, "unable to evaluate payload provided"),
        (JSON, b'{"instances": []}', 400, "expected"),
        (JSON, b'{"instances": [{"features": [1, "2", 3]}]}', 400, "only plain numbers"),
        (JSON, b'{"instances": [{"features": [1, true, 3]}]}', 400, "only plain numbers"),
        (JSON, b'{"instances": [[1,2,3],[1,2]]}', 400, "row 2 has 2 features"),
        (JSON, b'{"instances": [{"data": {"features": {"keys": [3], "values": [1]}}}]}', 400, "names feature 3"),
        (JSON, b'{"instances": [{"data": {"features": {"keys": [0], "values": [1, 2]}}}]}', 400, "1 keys and 2"),
        (JSON, b'{"instances": [{"data": {"features": {"keys": [0], "shape": [9], "values": [1]}}}]}', 400, "has 9"),
        (JSON, b'{"instances": [{"features": [1, 1e99, 3]}]}', 400, "not a finite number"),
        (RECORDIO, b"nonsense", 400, "not RecordIO"),
        (RECORDIO, sparse(np.eye(5, dtype=np.float32)), 400, "have 5 features"),
    ],
)
def test_a_bad_request_is_refused_in_words(content_type, body, status, words_):
    with pytest.raises(InvocationError) as e:
        request_parsing.parse_rows(body, content_type, 3, TYPES)
    assert e.value.status == status and words_ in e.value.message


def test_answers_in_every_content_type():
    messages = [{"score": 0.5, "predicted_label": 1.0}, {"score": 0.25, "predicted_label": 0.0}]
    assert json.loads(response_formats.format_response(messages, JSON)) == {"predictions": messages}
    assert json.loads(response_formats.format_response(messages, JSON, "scores")) == {"scores": messages}
    assert [json.loads(line) for line in response_formats.format_response(messages, JSONLINES).splitlines()] == messages
    assert response_formats.format_response(messages, CSV) == b"0.5,1.0\n0.25,0.0\n"
    records = [read_record(frame) for frame in read_frames(response_formats.format_response(messages, RECORDIO))]
    assert [{name: t.values.tolist() for name, t in r.label.items()} for r in records] == [
        {"score": [0.5], "predicted_label": [1.0]},
        {"score": [0.25], "predicted_label": [0.0]},
    ]
    assert response_formats.format_response([{"score": [0.5, 0.5], "predicted_label": 1.0}], CSV) == b"0.5,0.5,1.0\n"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON), ("*/*", JSON), ("application/*", JSON), ("text/*", CSV), (RECORDIO, RECORDIO),
        ("image/png, Application/JSONLines;q=0.5", JSONLINES), ("application/json; labels=true", JSON),
        ("application/json; verbose=true", JSON + "; verbose=true"),
    ],
)  # fmt: skip
def test_the_answers_type_is_agreed(accept, chosen):
    assert response_formats.response_type(accept, (JSON, JSONLINES, RECORDIO, CSV), verbose=True) == chosen


def test_an_accept_that_is_not_offered_is_refused():
    assert response_formats.response_type("application/json; verbose=true", (JSON,)) == JSON
    with pytest.raises(InvocationError) as e:
        response_formats.response_type(CSV, (JSON, JSONLINES))
    assert e.value.status == 406 and "application/json, application/jsonlines" in e.value.message


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        (CSV, as_csv(X, Y)), ("text/csv;label_size=1", as_csv(X, Y)), (RECORDIO, write_table(X, Y)),
        (None, write_table(X, Y)),
    ],
    ids=["csv", "label_size", "recordio", "no content type"],
)  # fmt: skip
def test_a_channel_is_read(job: Job, content_type, content):
    job.put("train", content, content_type=content_type)
    check_channels(job.context(), THING)
    rows = load_channel(job.context(), "train", THING)
    np.testing.assert_array_equal(rows.features, X)
    np.testing.assert_array_equal(rows.labels, Y)


def test_files_of_a_channel_are_put_together_and_unpacked_if_the_channel_says_so(job: Job):
    for number in range(2):
        job.put("train", gzip.compress(as_csv(X, Y).encode()), f"{number}.csv.gz", compression="Gzip")
    assert len(load_channel(job.context(), "train", THING)) == 4


def test_a_named_pipe_is_read(job: Job):
    job.put("train", "", input_mode="Pipe")
    pipe = job.folder / "data/train_0"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(as_csv(X, Y).encode()))
    writer.start()
    np.testing.assert_array_equal(load_channel(job.context(), "train", THING).features, X)
    writer.join()


def test_csv_without_labels_says_so_by_its_content_type(job: Job):
    job.put("train", as_csv(X), content_type="text/csv;label_size=0")
    rows = load_channel(job.context(), "train", THING, labels=False)
    assert rows.labels is None and rows.width == 3


def test_sparse_records_stay_sparse_or_are_written_out(job: Job):
    x = np.array([[0, 2, 0], [0, 0, 0]], np.float32)
    job.put("train", sparse(x), content_type=RECORDIO)
    rows = load_channel(job.context(), "train", THING, labels=False, sparse=True)
    assert rows.features.nnz == 1 and rows.width == 3
    assert check_width(rows, "train", 7).features.shape == (2, 7)
    np.testing.assert_array_equal(load_channel(job.context(), "train", THING, labels=False).features, x)
    assert load_channel(job.context(), "train", THING, labels=False, min_width=5).features.shape == (2, 5)


@pytest.mark.parametrize(
    ("content", "more", "words_"),
    [
        ("a,b\n1,2\n", {}, "header line"),
        ("1,2\n0,x\n", {}, "Thing does not accept non-numeric value"),
        ("1,2,3\n0,,3\n", {}, "Row 2, feature 1 of channel train is missing"),
        ("1,2\n,3\n", {}, "Row 2 of channel train has no label"),
        ("1\n0\n", {}, "no features are left"),
        ("1,2,3\n1,2\n", {}, "line 2 of file 'part.csv' has 2 columns"),
        ("", {}, "No training data processed"),
        (gzip.compress(b"1,2\n", mtime=0), {}, "packed with gzip"),
        ("1,2\n", {"content_type": "text/csv;label_size=0"}, "has no labels"),
        ("1,2\n", {"content_type": RECORDIO}, "Unable to read data channel 'train'. Requested content-type is 'appl"),
        (write_table(X, Y, "<f8"), {"content_type": RECORDIO}, "Only Float32 tensors"),
    ],
)  # fmt: skip
def test_bad_data_is_refused_with_its_place(job: Job, content, more, words_):
    job.put("train", content, **more)
    with pytest.raises(UserError, match=re.escape(words_)):
        load_channel(job.context(), "train", THING, float32_only=True)


def test_channels_are_refused_in_awss_words(job: Job):
    job.put("train", "1,2\n", content_type="csv")
    with pytest.raises(UserError, match=re.escape("No iterator has been registered for ContentType ('csv', '1.0')")):
        check_channels(job.context(), THING)
    job.channels["training"] = job.channels.pop("train")
    with pytest.raises(UserError, match="Failed to validate input data configuration. 'train' is a required property"):
        check_channels(job.context(), THING)
    job.channels["train"] = job.channels["training"]
    job.channels["train"].content_type = CSV
    with pytest.raises(UserError, match="'training' was unexpected"):
        check_channels(job.context(), THING)


def test_a_width_that_is_not_feature_dim_is_refused(job: Job):
    job.put("train", as_csv(X, Y))
    rows = load_channel(job.context(), "train", THING)
    assert check_width(rows, "train", 3) is rows
    with pytest.raises(UserError, match="feature_dim is 4, but the rows of channel train have 3 features. Set feature"):
        check_width(rows, "train", 4)


def test_hyperparameters_are_refused_in_awss_words():
    with pytest.raises(InvalidHyperparameters) as e:
        THING.parse({"other": "1", "n": "0", "rate": "fast", "flag": "perhaps"})
    messages = [problem.message for problem in e.value.problems]
    assert messages == [
        "No value(s) were specified for 'k' which are required hyperparameter(s)",
        "Additional hyperparameters are not allowed ('other' was unexpected)",
        "The value '0' is not valid for the 'n' hyperparameter which expects auto, or a whole number: 1 or more",
        "The value 'fast' is not valid for the 'rate' hyperparameter which expects auto or a number: 0 or more",
        "The value 'perhaps' is not valid for the 'flag' hyperparameter which accepts one of the following: "
        "'true', 'false'",
    ]


def test_auto_and_python_truths_are_read():
    hyperparameters = {"k": "3", "n": "auto", "rate": "0.5", "flag": "True", "_tuning_objective_metric": "test:mse"}
    values = THING.parse(hyperparameters)
    assert values == {**hyperparameters, "k": 3, "rate": 0.5, "flag": "true"}
    with pytest.raises(InvalidValue):
        parameters.AutoContinuous(name="n", help="").parse("balanced")


def test_log_lines_are_awss(capsys):
    log.quality_metric("validation", "mse_objective", 0.5, epoch=3)
    log.quality_metric("test", "accuracy", 0.97, "score")
    log.test_score("accuracy", 0.97)
    log.progress_metric(3, 15)
    log.configuration(THING, {"k": 3, "rate": 0.1, "_kvstore": "x"}, {"rate": "the steps are exact."})
    out = capsys.readouterr().out.splitlines()
    assert all(re.match(r"\[\d\d/\d\d/\d{4} \d\d:\d\d:\d\d (INFO|WARNING) \d+\] ", line) for line in out)
    messages = [line.partition("] ")[2] for line in out]
    assert messages[:4] == [
        "#quality_metric: host=algo-1, epoch=3, validation mse_objective <loss>=0.5",
        "#quality_metric: host=algo-1, test accuracy <score>=0.97",
        "#test_score (algo-1) : ('accuracy', 0.97)",
        "#progress_metric: host=algo-1, completed 20 % of epochs",
    ]
    assert messages[6:] == [
        "Hyperparameter rate has no effect here: the steps are exact.",
        "Hyperparameter _kvstore has no effect here: it belongs to SageMaker's own machinery.",
    ]


def test_a_model_file_is_read_as_it_was_written(tmp_path):
    model_file.save(tmp_path, "thing", {"k": 3}, {"w": X, "n": np.arange(3)})
    assert [p.name for p in tmp_path.iterdir()] == ["model_algo-1"]
    model = model_file.load(tmp_path, "thing")
    np.testing.assert_array_equal(model.array("w", 2, 3), X)
    assert model.array("n", -1).tolist() == [0, 1, 2] and model.number("k", 1) == 3
    for bad in (lambda: model.array("w", 3, 2), lambda: model.array("v", 1), lambda: model.number("z")):
        with pytest.raises(UserError):
            bad()
    with pytest.raises(UserError, match="not of kmeans"):
        model_file.load(tmp_path, "kmeans")


def _zipped(files: dict[str, bytes], compression=zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _npy(array, cut: int = 0, allow_pickle: bool = False) -> bytes:
    out = io.BytesIO()
    np.lib.format.write_array(out, array, (1, 0), allow_pickle=allow_pickle)
    return out.getvalue()[: -cut or None]


META = b'{"format": 1, "algorithm": "thing"}'


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x12\x01\x00\x00 an MXNet file", pickle.dumps({"a": 1}), _zipped({}), _zipped({"meta.json": b"[]"}),
        _zipped({"meta.json": b"["}), _zipped({"meta.json": b"{}"}), _zipped({"meta.json": META, "w.npy": b"no"}),
        _zipped({"meta.json": META, "w.npy": _npy(X, cut=1)}), _zipped({"meta.json": b"[" * 100_000}),
        _zipped({"meta.json": META, "w.npy": _npy(np.array([{}], object), allow_pickle=True)}),
        _zipped({"meta.json": META, "w.npy": _npy(np.zeros(10_000))}, zipfile.ZIP_DEFLATED),
        _zipped({"meta.json": META, "w.npy": _npy(X)})[:-30],
    ],
    ids=["empty", "mxnet", "pickle", "no meta", "a list", "no json", "no format", "no array", "cut", "deep", "objects",
         "packed", "half"],
)  # fmt: skip
def test_a_hostile_or_broken_model_file_is_refused_in_words(tmp_path, content):
    (tmp_path / "model_algo-1").write_bytes(content)
    with pytest.raises(UserError, match="Unable to load model"):
        model_file.load(tmp_path, "thing")


def test_a_missing_model_file_is_refused(tmp_path):
    with pytest.raises(UserError, match="holds no model file"):
        model_file.load(tmp_path, "thing")
