"""Numbers are written as Python and orjson write them, whatever their number and size."""

import json

import numpy as np
import orjson
import pytest

from algorithms.formats import number_text

CLOSE_TO_LIMITS = [1e-4, 9.999e-5, -1e-5, 1e-300, 5e-324, 1e15, 9999999999999998.0, 1e16, -1.5e22, 1e300, 0.0, -0.0]


def arrays():
    draw = np.random.default_rng(0)
    for columns in (0, 1, 2, 7):
        for rows in (1, 3, 40, 3_000):
            shape = (rows, columns) if columns else (rows,)
            values = draw.normal(size=shape) * 10.0 ** draw.integers(-25, 25, shape)
            is_special = draw.random(shape) < 0.2
            values[is_special] = draw.choice(CLOSE_TO_LIMITS, is_special.sum())
            yield values
            with np.errstate(over="ignore"):
                yield values.astype(np.float32)
            values = values.copy()
            values[draw.random(shape) < 0.2] = np.nan
            values[draw.random(shape) < 0.2] = -np.inf
            yield values


def test_csv_has_the_repr_of_each_number():
    for values in arrays():
        rows = values.tolist()
        lines = [",".join(map(repr, row)) if isinstance(row, list) else repr(row) for row in rows]
        assert number_text.csv_lines(values) == "".join(f"{line}\n" for line in lines).encode()


def test_json_is_that_of_orjson():
    for values in arrays():
        assert number_text.json_list(values, b"[", after=b"]") == orjson.dumps(values.tolist())
        lines = number_text.json_list(values, b'{"a":', b'}\n{"a":', b"}\n")
        assert lines == b"".join(orjson.dumps({"a": row}) + b"\n" for row in values.tolist())


@pytest.mark.parametrize("shape", [(100_000,), (20, 10_000), (3, 50_000)])
def test_no_call_has_many_numbers_at_once(shape, monkeypatch):
    """While one is under way, no other request gets the interpreter."""
    sizes, dumps = [], orjson.dumps
    monkeypatch.setattr(
        orjson, "dumps", lambda piece, **options: (sizes.append(piece.size), dumps(piece, **options))[1]
    )
    values = np.random.default_rng(0).random(shape)
    assert np.array_equal(json.loads(number_text.json_list(values, b"[", after=b"]")), values)
    assert max(sizes) <= max(10_000, values[0].size)
