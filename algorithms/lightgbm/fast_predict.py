"""LightGBM's call for single rows, prepared once: 2 to 5 us for a row of 100 trees instead of 18.

`Booster.predict` reads its parameters and prepares its buffers anew for each call. From some rows on that is little.
"""

from __future__ import annotations

import ctypes
import threading
from typing import Any

import numpy as np

from algorithms.library_imports import import_lightgbm

MAX_ROWS = 8  # of a call: as many cost as much one by one as together
_FLOAT32, _PROBABILITIES, _ALL_ROUNDS = 0, 0, -1
_basic = import_lightgbm().basic
_LIB = _basic._LIB


class SingleRowPredict:
    """Predicts a few rows, one by one. Safe to call from several threads."""

    def __init__(self, booster: Any, width: int, outputs: int):
        """`width` is the number of features, `outputs` that of the classes, or 1. Raises LightGBMError."""
        self._booster, self._width, self._outputs = booster, width, outputs  # the booster keeps its handle alive
        self._config, self._lock = ctypes.c_void_p(), threading.Lock()
        self._out, self._length = (ctypes.c_double * outputs)(), ctypes.c_int64()
        if _LIB.LGBM_BoosterPredictForMatSingleRowFastInit(
            booster._handle, _PROBABILITIES, 0, _ALL_ROUNDS, _FLOAT32, width, b"num_threads=1",
            ctypes.byref(self._config),
        ):  # fmt: skip
            raise _basic.LightGBMError("there is no call for single rows of this model")

    def __del__(self) -> None:
        if self._config:
            _LIB.LGBM_FastConfigFree(self._config)

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Return float64 (rows,) or (rows, outputs) for float32 rows (rows, width), C-contiguous.

        Raises LightGBMError.
        """
        if rows.shape[1] != self._width or rows.dtype != np.float32:
            raise _basic.LightGBMError(f"rows have the shape {rows.shape} and {rows.dtype}, not {self._width} float32")
        predictions: list[float] = []
        with self._lock:
            for row in rows:
                status = _LIB.LGBM_BoosterPredictForMatSingleRowFast(
                    self._config, row.tobytes(), ctypes.byref(self._length), self._out
                )
                if status or self._length.value != self._outputs:
                    raise _basic.LightGBMError("a row could not be predicted")
                predictions += self._out
        out = np.array(predictions)
        return out if self._outputs == 1 else out.reshape(len(rows), self._outputs)


def single_row_predict(booster: Any, width: int, outputs: int) -> SingleRowPredict | None:
    """The call for single rows of a model, if it equals the library's other call exactly on sample rows."""
    random = np.random.default_rng(0)
    rows = random.normal(size=(MAX_ROWS, width)).astype(np.float32) * random.choice([1, 100], (MAX_ROWS, 1)).astype(
        "f4"
    )
    rows[0] = 0
    rows[1:3][random.random((2, width)) < 0.5] = np.nan
    try:
        predict = SingleRowPredict(booster, width, outputs)
        predictions = predict(rows)
    except (_basic.LightGBMError, AttributeError):
        return None
    expected = booster.predict(rows, num_threads=1, validate_features=False)
    return predict if np.array_equal(predictions, expected, equal_nan=True) else None
