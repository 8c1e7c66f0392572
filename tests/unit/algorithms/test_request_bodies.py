"""The bodies of requests, read as rows."""

import json

import numpy as np
import orjson
import pytest

from algorithms.formats import number_rows, request_bodies


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"1,2.5,-3e2", [[1, 2.5, -300]]),
        (b"1,2\n3,4\n", [[1, 2], [3, 4]]),
        (b"1,2\r\n3,4\r\n", [[1, 2], [3, 4]]),
        (b"+1,.5\n1.,007", [[1, 0.5], [1, 7]]),
        (b"1, 2", [[1, 2]]),
        (b"1;2;3\n4;5;6", [[1, 2, 3], [4, 5, 6]]),
        ("\ufeff1,2".encode(), [[1, 2]]),
    ],
)
def test_csv_bodies(body, rows):
    assert request_bodies.csv_rows(body, len(rows[0])).tolist() == rows


LARGE = 200_000  # bytes, which are parsed in pieces


@pytest.mark.parametrize("line", [b"1.5,2,3e2", b"+1,.5,", b"7"], ids=["plain", "unusual", "one column"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_a_large_csv_body_is_the_rows_of_its_lines(line, end):
    count = LARGE // len(line)
    width = line.count(b",") + 1
    rows = request_bodies.csv_rows((line + end) * count, width)
    one = request_bodies.csv_rows(line, width)
    assert rows.shape == (count, width) and np.array_equal(rows, np.repeat(one, count, axis=0), equal_nan=True)


def test_the_fault_in_a_large_body_has_its_line():
    lines = [b"1,2"] * 50_000
    for fault, text in ((b"1", "line 40001 has 1 columns, the first line has 2"), (b"1,x", "could not convert")):
        lines[40_000] = fault
        with pytest.raises(ValueError, match=text):
            request_bodies.csv_rows(b"\n".join(lines), 2)
    rows = [[1, 2]] * 50_000
    rows[40_000] = [1]
    for document in (rows, {"instances": rows}):
        with pytest.raises(ValueError, match="instance 40001 has 1 features, the first has 2"):
            request_bodies.json_rows(json.dumps(document).encode())


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"instances": rows}], ids=["list", "instances"])
def test_a_large_json_body_is_its_rows(wrap):
    rows = [[index, None, index / 2] for index in range(20_000)]
    parsed = request_bodies.json_rows(json.dumps(wrap(rows)).encode())
    assert np.array_equal(parsed, np.array(rows, np.float32), equal_nan=True)
    assert request_bodies.json_rows(json.dumps(wrap([rows[0]] * 4)).encode()).shape == (4, 3)


@pytest.mark.parametrize(
    ("parse", "body"),
    [
        (lambda body: request_bodies.csv_rows(body, 1), b"1\n" * 1_000_000),
        (lambda body: request_bodies.csv_rows(body, 1), b"+1\n" * 1_000_000),
        (request_bodies.json_rows, b"[" + b"[1]," * 1_500_000 + b"[1]]"),
    ],
    ids=["csv", "unusual csv", "json"],
)
def test_a_large_body_does_not_hold_the_interpreter(monkeypatch, parse, body):
    """Six megabytes held it for a second at once, and the gateway was taken for hung on a busy machine.

    Only a call into C holds it for long: no single one gets more than a small part of the body.
    """
    sizes = []

    def record(function):
        def call(data, *arguments):
            sizes.append(len(data) if isinstance(data, bytes) else sum(map(len, data)))
            return function(data, *arguments)

        return call

    monkeypatch.setattr(number_rows, "_libraries", None)  # which give it up
    monkeypatch.setattr(orjson, "loads", record(orjson.loads))
    monkeypatch.setattr(np, "array", record(np.array))
    parse(body)
    assert max(sizes) < 300_000


def test_an_empty_cell_of_a_csv_body_is_missing():
    assert np.isnan(request_bodies.csv_rows(b"1,,3", 3)[0, 1])


@pytest.mark.parametrize("body", [b"1,2\n3", b"1,true", b"a,b", b"1,[2]", b"\xff\xfe", b'1,"2"', b"1_0,2"])
def test_csv_bodies_that_are_not_numbers_are_refused(body):
    with pytest.raises(ValueError):  # noqa: PT011
        request_bodies.csv_rows(body, 2)


@pytest.mark.parametrize(
    "body",
    [
        b'{"instances": [[1, 2], [3, null]]}',
        b'{"instances": [{"features": [1, 2]}, {"features": [3, null]}]}',
        b'{"instances": [{"data": {"features": {"values": [1, 2]}}}, {"data": {"features": {"values": [3, null]}}}]}',
        b"[[1, 2], [3, null]]",
    ],
)
def test_json_bodies(body):
    assert np.array_equal(request_bodies.json_rows(body), np.array([[1, 2], [3, np.nan]], "f4"), equal_nan=True)
    assert request_bodies.json_rows(b'{"features": [1, 2]}').tolist() == [[1, 2]]


@pytest.mark.parametrize(
    "body",
    [
        b"{}", b"[]", b'{"instances": []}', b'{"instances": [["1", "2"]]}', b'{"instances": [[1, true]]}',
        b"7", b"nonsense",
        b'{"instances": [[1, 2], [3]]}', b'{"instances": [[[1], [2]]]}', b'[["1"]]', b'{"features": ["1"]}',
    ],
)  # fmt: skip
def test_json_bodies_that_are_not_rows_of_numbers_are_refused(body):
    with pytest.raises((ValueError, TypeError)):
        request_bodies.json_rows(body)


def test_jsonlines_bodies():
    rows = request_bodies.jsonlines_rows(b'{"features": [1, 2]}\n{"features": [3, 4]}\n\n')
    assert rows.tolist() == [[1, 2], [3, 4]]


def test_libsvm_bodies_start_at_nought_whatever_they_start_at():
    nan = np.nan
    for body in (b"1 0:5 2:7\n0 1:6", b"0:5 2:7\n1:6", b"1:5 3:7\n2:6"):
        rows, named = request_bodies.libsvm_rows(body, 3)
        assert np.array_equal(rows, np.array([[5, nan, 7], [nan, 6, nan]], "f4"), equal_nan=True) and named == 3
    rows, named = request_bodies.libsvm_rows(b"1:5 3:7", 4, shift=False)
    assert np.array_equal(rows, np.array([[nan, 5, nan, 7]], "f4"), equal_nan=True) and named == 4


def test_a_libsvm_body_cannot_fill_the_memory():
    with pytest.raises(ValueError, match="too many"):
        request_bodies.libsvm_rows(b"0:1\n" * 1000, 1_000_000)
    assert request_bodies.libsvm_rows(b"0:1 4000000000:1", 3)[1] == 4_000_000_001
