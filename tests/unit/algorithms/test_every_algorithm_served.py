"""What the model of every algorithm of the catalogue keeps to: its answers to requests, and its artifact."""

import pickle
import re
import subprocess
import sys

import numpy as np
import pytest

from algorithms.formats.recordio import write_table
from algorithms.spec import InvocationError, UserError

from . import every
from .every import ALL, EVERY

REQUESTS = [(a, kind) for a in ALL for kind in a.content_types]


WRONG_WIDTHS = [
    pytest.param(a, kind, columns, id=f"{a.name}-{kind}-{columns} columns")
    for a, kind in REQUESTS
    for columns in (every.FEATURES - 1, every.FEATURES + 1)
    if columns > every.FEATURES or "libsvm" not in kind  # a sparse row may leave columns out
]


@pytest.mark.parametrize(("algorithm", "content_type"), REQUESTS, ids=[f"{a.name}-{kind}" for a, kind in REQUESTS])
def test_every_request_type_is_answered_alike_in_every_answer_type(algorithm, content_type, predictor):
    loaded, (x, _) = predictor(algorithm), every.table("", rows=7)
    plain = "text/csv" if "text/csv" in loaded.content_types else "application/json"
    for accept in loaded.accepts:
        answer, kind = loaded.invoke(every.body(content_type, x), content_type, accept)
        assert kind.partition(";")[0] == accept.partition(";")[0]
        assert every.answer_length(answer, kind) == 7
        assert answer == loaded.invoke(every.body(plain, x), plain, accept)[0]
    assert set(loaded.content_types) == set(algorithm.content_types) and set(loaded.accepts) == set(algorithm.accepts)


@EVERY
def test_rows_of_several_requests_predicted_together_are_answered_as_alone(algorithm, predictor):
    """The engine predicts small requests of one moment in one call."""
    loaded, (x, _) = predictor(algorithm), every.table("", rows=5)
    kind, accept = loaded.content_types[0], loaded.accepts[0]
    chosen = loaded.response_type(accept)
    together = loaded.predict(np.concatenate([loaded.read(every.body(kind, row[None]), kind) for row in x]))
    for row, figures in zip(x, np.split(together, 5), strict=True):
        alone = loaded.invoke(every.body(kind, row[None]), kind, accept)[0]
        # A matrix product of one row and of many may differ in the last digit.
        assert numbers_in(loaded.write(figures, chosen)) == pytest.approx(numbers_in(alone), rel=1e-6, abs=1e-9)


def numbers_in(answer: bytes) -> list[float]:
    return [float(number) for number in re.findall(rb"-?\d+\.?\d*(?:[eE][-+]?\d+)?", answer)]


@EVERY
@pytest.mark.parametrize("cell", [-2.5, float("nan"), float("inf"), 1e300], ids=str)
def test_rows_that_come_from_no_body_are_taken_and_refused_as_in_csv(algorithm, predictor, cell):
    loaded = predictor(algorithm)
    rows = every.table("", rows=3)[0].astype(np.float64)
    rows[1, 1] = cell
    text = "".join(",".join("" if cell != cell else repr(float(cell)) for cell in row) + "\n" for row in rows).encode()

    def outcome(step, *value):
        try:
            return step(*value).tolist()
        except InvocationError as e:
            return e.status, e.message

    expected = outcome(loaded.read, text, "text/csv")
    if "text/csv" not in loaded.content_types:  # taken as the others of its kind take it in CSV
        refusal = "unable to evaluate payload provided: feature 2 of row 2 is missing or not a finite number"
        expected = rows.astype(np.float32).tolist() if cell == -2.5 else (400, refusal)
    assert repr(outcome(loaded.check, rows)) == repr(expected)


@EVERY
def test_a_model_answers_the_same_in_a_process_of_its_own(algorithm, trained, predictor):
    kind, accept = predictor(algorithm).content_types[0], predictor(algorithm).accepts[0]
    body = every.body(kind, every.table("", rows=3)[0])
    code = (
        "import sys, algorithms; from pathlib import Path; "
        f"p = algorithms.get({algorithm.name!r}).load_predictor().load(Path({str(trained(algorithm))!r})); p.probe(); "
        f"sys.stdout.buffer.write(p.invoke({body!r}, {kind!r}, {accept!r})[0])"
    )
    assert subprocess.check_output([sys.executable, "-c", code]) == predictor(algorithm).invoke(body, kind, accept)[0]


GARBAGE = [
    b"", b" \n", b"\x00\xff\xfe", b"{", b"[]", b"{}", b"null", b"1", b'"text"', b'{"instances": []}',
    b'{"instances": [{}]}', b'{"instances": [{"features": "abcd"}]}', b'{"instances": [{"features": [1, 2, 3, "x"]}]}',
    b'{"instances": [{"features": [1, [2], 3, 4]}]}', b'{"instances": [{"data": {"features": {"values": {}}}}]}',
    b'{"instances": [{"data": {"features": {"keys": [9], "shape": [4], "values": [1]}}}]}',
    b'{"instances": [{"features": [true, false, null, {}]}]}', b'{"instances": 5}', b"[" * 5000, b"a,b,c,d",
    b"1,2,3,4\n1,2\n", b"1;2;3;4", b",,,", b"1e999,1,1,1", b"\xef\xbb\xbf1,2,3,4", "١,٢,٣,٤".encode(),
    b"1:2 3:4", b"0 99999999999:1",
    b"0 -1:1", write_table(np.ones((1, 4)))[:-3], write_table(np.ones((1, 4)))[4:], b"\x0a\x23\xd7\xce\xff\xff\xff\x1f",
    b"\x0a\x23\xd7\xce\x02\x00\x00\x00\x0a\x00\x00\x00",
]  # fmt: skip


@EVERY
def test_garbage_is_the_callers_error_and_never_ours(algorithm, predictor):
    loaded = predictor(algorithm)
    for content_type in (*loaded.content_types, None, "application/zip", ";", "text/csv; charset=utf-8"):
        for body in GARBAGE:
            try:
                answer, _ = loaded.invoke(body, content_type, None)
            except InvocationError as e:
                assert 400 <= e.status < 500 or (e.status == 204 and not body.strip()), (
                    content_type,
                    body[:60],
                    e.status,
                )
                assert e.status == 204 or len(e.message) > 10, (content_type, body[:60])
            else:
                assert answer, (content_type, body[:60])
    rows = every.body(loaded.content_types[0], every.table("", rows=1)[0])
    with pytest.raises(InvocationError) as caught:
        loaded.invoke(rows, "application/zip", None)
    assert caught.value.status == 415
    with pytest.raises(InvocationError) as caught:
        loaded.invoke(rows, loaded.content_types[0], "image/png")
    assert caught.value.status == 406


@pytest.mark.parametrize(("algorithm", "content_type", "columns"), WRONG_WIDTHS)
def test_a_row_of_the_wrong_width_is_refused_with_both_widths(algorithm, content_type, columns, predictor):
    with pytest.raises(InvocationError) as caught:
        predictor(algorithm).invoke(every.body(content_type, np.ones((2, columns), np.float32)), content_type, None)
    assert 400 <= caught.value.status < 500
    assert str(columns) in caught.value.message and str(every.FEATURES) in caught.value.message


# The artifact


class _Canary:
    def __reduce__(self):
        return print, ("a pickle was opened",)


@EVERY
def test_a_broken_or_pickled_artifact_is_refused_in_words(algorithm, trained, tmp_path, capfd):
    load = algorithm.load_predictor().load
    names = [path.name for path in trained(algorithm).iterdir() if path.is_file()]
    for content in (b"", pickle.dumps(_Canary()), pickle.dumps(_Canary(), protocol=0), b"no model at all" * 50):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for name in names:
            (folder / name).write_bytes(content)
        with pytest.raises(UserError, match="(?i)unable to load model"):
            load(folder)
    for name in names:
        whole = (trained(algorithm) / name).read_bytes()
        folder = tmp_path / f"half-{name}"
        folder.mkdir()
        (folder / name).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(UserError, match="(?i)unable to load model"):
            load(folder)
    (tmp_path / "empty").mkdir()
    for nothing in ("empty", "not there"):
        with pytest.raises(UserError, match="(?i)unable to load model"):
            load(tmp_path / nothing)
    assert "a pickle was opened" not in capfd.readouterr().out


# The others' files are read by their libraries, which a hostile file may crash: the engine tries each in a process of
# its own first (engine/serving/health_check.py).
OUR_FORMAT = [a for a in ALL if a.name not in ("xgboost", "lightgbm", "catboost")]


@pytest.mark.parametrize("algorithm", OUR_FORMAT, ids=lambda a: a.name)
def test_an_artifact_with_a_wrong_byte_anywhere_is_refused_or_does_no_harm(algorithm, trained, tmp_path):
    draw, refused = np.random.default_rng(0), 0
    (path,) = (path for path in trained(algorithm).iterdir() if path.is_file())
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    for attempt in range(40):
        bad = whole.copy()
        bad[draw.integers(0, len(bad))] ^= 0x55
        folder = tmp_path / str(attempt)
        folder.mkdir()
        (folder / path.name).write_bytes(bad.tobytes())
        try:
            algorithm.load_predictor().load(folder).probe()
        except UserError as e:
            refused += 1
            assert len(str(e)) > 20
    assert refused > 15  # dates and the like in the headers of a small file do not matter
