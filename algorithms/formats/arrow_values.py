"""Copies Arrow's numbers into NumPy arrays by their buffers.

Arrow's own `to_numpy` imports pandas where that is installed, which takes 0.2 s of a processor: more than a small job.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa


def copy_numbers(values: pa.Array, out: np.ndarray) -> None:
    """Write integers, floats or booleans into the float array `out` of the same length, nulls as NaN."""
    validity, data = values.buffers()
    if pa.types.is_boolean(values.type):
        out[:] = _bits(data, values)
    else:
        kind = np.dtype(values.type.to_pandas_dtype())
        out[:] = np.frombuffer(data, kind, len(values), values.offset * kind.itemsize) if data else 0
    if values.null_count:
        out[~_bits(validity, values)] = np.nan


def _bits(buffer: pa.Buffer, values: pa.Array) -> np.ndarray:
    """Return the bits of `buffer` that belong to `values`, as booleans."""
    bits = np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little")
    return bits[values.offset : values.offset + len(values)].astype(bool)
