"""The functions that answer a request: a script's own, and the frameworks' defaults."""

import io
import json
from types import SimpleNamespace

import numpy as np
import pytest
from script_toolkit import encoders
from script_toolkit.handlers import Handlers, RequestError

NPY, NPZ, CSV, JSON = "application/x-npy", "application/x-npz", "text/csv", "application/json"
ROWS = np.array([[1.0, 2], [3, 4]])


def npy(array, **more) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, **more)
    return stream.getvalue()


def npz(array) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, array)
    return stream.getvalue()


def sums(**functions) -> Handlers:
    """A script whose model sums each row."""
    model = SimpleNamespace(predict=lambda rows: np.asarray(rows).sum(axis=1))
    handlers = Handlers(SimpleNamespace(model_fn=lambda folder: model, **functions), "sklearn", {})
    handlers.load("/opt/ml/model")
    return handlers


@pytest.mark.parametrize(
    ("content_type", "body"),
    [(NPY, npy(ROWS)), (NPZ, npz(ROWS)), (CSV, b"1,2\n3,4\n"), (JSON, b"[[1, 2], [3, 4]]")],
)
def test_scikit_learns_defaults_read_and_write_each_format(content_type, body):
    handlers = sums()
    assert handlers.answer(body, {"content-type": content_type, "accept": CSV}) == (b"3.0\n7.0\n", CSV)
    assert json.loads(handlers.answer(body, {"content-type": content_type})[0]) == [3, 7]
    answer, accept = handlers.answer(body, {"content-type": content_type, "accept": NPY})
    assert accept == NPY and np.load(io.BytesIO(answer)).tolist() == [3, 7]
    answer, accept = handlers.answer(body, {"content-type": content_type, "accept": f"image/png, {NPZ};q=0.5"})
    assert accept == NPZ and np.load(io.BytesIO(answer))["arr_0"].tolist() == [3, 7]


def test_an_array_of_pickled_objects_is_refused_and_runs_nothing():
    class Harmful:
        def __reduce__(self):
            return pytest.fail, ("it was unpickled",)

    body = npy(np.array([Harmful()], dtype=object), allow_pickle=True)
    with pytest.raises(RequestError) as refused:
        sums().answer(body, {"content-type": NPY})
    assert refused.value.status == 415


def test_what_nobody_reads_is_415_and_what_nobody_writes_406():
    for headers, status in (({"content-type": "image/png"}, 415), ({"content-type": CSV, "accept": "image/png"}, 406)):
        with pytest.raises(RequestError, match="is not supported by this framework") as refused:
            sums().answer(b"1,2\n3,4\n", headers)
        assert refused.value.status == status


def test_the_scripts_own_functions_come_first_and_may_take_the_context():
    def input_fn(body, content_type):
        assert isinstance(body, str)
        return [[len(body)]]

    def output_fn(prediction, accept, context):
        return f"{prediction[0]} {context.get_request_header(0, 'X-Note')}", "text/plain"

    answer = sums(input_fn=input_fn, output_fn=output_fn).answer(b"abc", {"content-type": CSV, "x-note": "hello"})
    assert answer == (b"3 hello", "text/plain")


def test_a_parameter_with_a_default_is_not_the_context():
    handlers = sums(predict_fn=lambda data, model, threshold=5: [int(threshold)])
    assert handlers.answer(b"1,2\n3,4\n", {"content-type": CSV})[0] == b"[5]"


def test_transform_fn_takes_the_place_of_the_other_three_and_not_beside_them():
    def transform_fn(model, body, content_type, accept):
        return body[::-1], "application/octet-stream"

    assert sums(transform_fn=transform_fn).answer(b"abc", {"content-type": "x/y"})[0] == b"cba"
    with pytest.raises(ValueError, match="Cannot use transform_fn implementation with input_fn"):
        sums(transform_fn=transform_fn, input_fn=encoders.decode)


@pytest.mark.parametrize(
    ("result", "body"),
    [({"Output": 1}, b'{"Output": 1}'), ([1, 2], b"[1, 2]"), ({"p": np.array([0.5])}, b'{"p": [0.5]}')],
    ids=["object", "list", "array inside"],
)
def test_an_object_or_a_list_is_answered_as_json_as_flask_does(result, body):
    handlers = sums(output_fn=lambda prediction, accept: result)
    assert handlers.answer(b"[[1, 2]]", {"content-type": "application/json", "accept": "text/csv"}) == (
        body,
        "application/json",
    )


def test_a_script_without_model_fn_says_what_is_missing():
    with pytest.raises(NotImplementedError, match="Please provide a model_fn implementation"):
        Handlers(SimpleNamespace(), "sklearn", {}).load("/opt/ml/model")


def test_xgboosts_matrix_has_a_row_a_line():
    assert encoders.matrix("1,2\n", CSV).num_row() == 1
    assert (encoders.matrix("1\n2\n3\n", CSV).num_row(), encoders.matrix("1\n2\n3\n", CSV).num_col()) == (3, 1)
    sparse = encoders.matrix(b"1 0:5 3:2\n0 1:4\n", "text/libsvm")
    assert (sparse.num_row(), sparse.num_col()) == (2, 4)


def test_a_script_of_awss_examples_uses_its_own_package():
    from sagemaker_containers.beta.framework import encoders as theirs
    from sagemaker_containers.beta.framework import transformer, worker

    def input_fn(body, content_type):
        return theirs.decode(body, content_type)

    def output_fn(prediction, accept):
        return worker.Response(theirs.encode(prediction, accept), mimetype=accept)

    handlers = sums(input_fn=input_fn, output_fn=output_fn)
    assert handlers.answer(b"1,2\n3,4\n", {"content-type": CSV, "accept": CSV}) == (b"3.0\n7.0\n", CSV)
    with pytest.raises(RequestError) as refused:
        handlers.answer(b"x", {"content-type": "image/png"})
    assert refused.value.status == 415
    with pytest.raises(AttributeError, match="transformer.Transformer is not offered here"):
        transformer.Transformer()


def test_a_training_script_of_awss_examples_reads_its_channel(tmp_path):
    from sagemaker_containers import entry_point
    from sagemaker_xgboost_container import data_utils, distributed, encoder

    (tmp_path / "libsvm").mkdir()
    (tmp_path / "libsvm/a").write_text("1 1:5 2:2\n")
    (tmp_path / "libsvm/b").write_text("0 1:4\n")
    matrix = data_utils.get_dmatrix(str(tmp_path / "libsvm"), "libsvm")
    assert (matrix.get_label().tolist(), matrix.num_col()) == ([1, 0], 3)
    (tmp_path / "t.csv").write_text("1,9,2\n0,8,3\n")
    matrix = data_utils.get_dmatrix(str(tmp_path / "t.csv"), "text/csv", csv_weights=1)
    assert (matrix.get_weight().tolist(), matrix.num_col()) == ([9, 8], 1)
    assert data_utils.get_dmatrix(str(tmp_path / "none"), "csv") is None
    with pytest.raises(ValueError, match="image/png is not an accepted ContentType"):
        data_utils.get_dmatrix(str(tmp_path / "t.csv"), "image/png")
    assert encoder.libsvm_to_dmatrix("6 1:3 2:0.5").num_col() == 3
    assert encoder.csv_to_dmatrix(b"1,2,3\n").num_col() == 3
    entry_point._wait_hostname_resolution()
    trained: list[dict] = []

    def train(**value):
        trained.append(value)

    distributed.rabit_run(train, {"rounds": 3}, True, ["algo-1"], "algo-1", update_rabit_args=True)
    assert trained == [{"rounds": 3, "is_master": True}]
    with pytest.raises(ValueError, match="one host here"):
        distributed.rabit_run(train, {}, True, ["algo-1", "algo-2"], "algo-1")
