"""Many rows by name are encoded in pieces, between which other threads get the interpreter."""

import numpy as np

from tables import RowEncoder, column_encoders
from tests.unit.engine.serving.test_serving_by_name import SCHEMA


def test_no_single_call_gets_the_encodings_of_all_cells(monkeypatch):
    sizes, array = [], np.array

    def record(values, *more):
        if not isinstance(values[0], float):
            sizes.append(len(values))
        return array(values, *more)

    monkeypatch.setattr(column_encoders.np, "array", record)
    encoder = RowEncoder(SCHEMA)
    rows = encoder.read_csv(b"age,plan\n" + b"40,b\n50,a\n,a\n" * 4_000)
    assert len(sizes) > 2 and max(sizes) < 5_000
    few = encoder.read_csv(b"age,plan\n40,b\n50,a\n,a\n")
    assert np.array_equal(rows, np.tile(few, (4_000, 1)), equal_nan=True)
