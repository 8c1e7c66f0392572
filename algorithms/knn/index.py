"""The faiss index over the rows that are kept: built from arrays, never read from a faiss file.

faiss' own reader trusts its input: sizes in a file become allocations and memory accesses, so a made-up file can crash
or worse. The rows are kept as plain arrays instead, with what the index learned of them (its cells, its codes), so that
loading adds rows but learns nothing anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import faiss as _faiss
import numpy as np

from algorithms.contract import UserError
from algorithms.knn.hyperparameters import COSINE, FLAT, IVF, IVFPQ, L2

faiss: Any = _faiss  # its types are made by SWIG and say little that is true
BITS = 8
LEAST_PROBED = 8  # cells that are looked into


class Index:
    """Nearest rows by a metric. `vectors` float32 (rows, dimensions); `learned` is what an earlier index learned."""

    def __init__(self, vectors: np.ndarray, kind: str, metric: str, cells: int, pieces: int,
                 learned: Mapping[str, np.ndarray] | None = None):  # fmt: skip
        self.metric, self.kind = metric, kind
        self._pad = -vectors.shape[1] % pieces if kind == IVFPQ else 0
        data = self._ready(vectors)
        width = data.shape[1]
        measure = faiss.METRIC_L2 if metric == L2 else faiss.METRIC_INNER_PRODUCT
        flat = faiss.IndexFlat(width, measure)
        self._index: Any = flat
        self._parameters: Any = None
        self.cells = cells
        if kind != FLAT:
            self._quantizer = flat  # faiss keeps a bare pointer to it
            if learned is not None:
                flat.add(np.ascontiguousarray(learned["cells"], np.float32))
            if kind == IVF:
                self._index = faiss.IndexIVFFlat(flat, width, cells, measure)
            else:
                self._index = faiss.IndexIVFPQ(flat, width, cells, pieces, BITS)
                self._index.pq.cp.min_points_per_centroid = 1
            self._index.cp.min_points_per_centroid = 1  # faiss would print its doubts, not refuse
            self._index.cp.seed = 1
            if learned is None:
                self._index.train(data)
            elif kind == IVFPQ:
                faiss.copy_array_to_vector(
                    np.ascontiguousarray(learned["codes"], np.float32).ravel(), self._index.pq.centroids
                )
            self._index.is_trained = True
            probed = min(cells, max(LEAST_PROBED, 2 * round(cells**0.5)))
            self._parameters = faiss.SearchParametersIVF(nprobe=probed)
            self._everywhere = faiss.SearchParametersIVF(nprobe=cells)
        self._index.add(data)

    def learned(self) -> dict[str, np.ndarray]:
        """What must be kept beside the vectors so that the same index can be made again."""
        if self.kind == FLAT:
            return {}
        found = {"cells": self._quantizer.reconstruct_n(0, self.cells)}
        if self.kind == IVFPQ:
            found["codes"] = faiss.vector_to_array(self._index.pq.centroids).copy()
        return found

    def search(self, rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """(distances, places) of the `k` nearest, nearest first, both (rows, k)."""
        data = self._ready(rows)
        distances, places = self._index.search(data, k, params=self._parameters)
        short = np.flatnonzero((places < 0).any(axis=1))
        if len(short):  # the cells looked into hold fewer than k rows
            distances[short], places[short] = self._index.search(data[short], k, params=self._everywhere)
        return (1 - distances if self.metric == COSINE else distances), places

    def _ready(self, rows: np.ndarray) -> np.ndarray:
        if self._pad:
            rows = np.pad(rows, ((0, 0), (0, self._pad)))
        if self.metric == COSINE:
            length = np.sqrt((rows.astype(np.float64) ** 2).sum(axis=1, keepdims=True))
            rows = rows / np.where(length > 0, length, 1)
        return np.ascontiguousarray(rows, np.float32)


def shapes(kind: str, cells: int, pieces: int, width: int) -> dict[str, tuple[int, ...]]:
    """The arrays `learned()` gives, and the shape each must have."""
    padded = width + (-width % pieces if kind == IVFPQ else 0)
    if kind == FLAT:
        return {}
    found: dict[str, tuple[int, ...]] = {"cells": (cells, padded)}
    if kind == IVFPQ:
        found["codes"] = ((1 << BITS) * padded,)
    return found


def cells_of(values: Mapping[str, Any], rows: int) -> int:
    """How many cells an index of so many rows has. Raises UserError if that is more than rows."""
    asked = values.get("faiss_index_ivf_nlists", "auto")
    cells = max(1, int(rows**0.5)) if asked == "auto" else int(asked)
    if cells > rows:
        raise UserError(
            f"faiss_index_ivf_nlists is {cells}, but {rows} rows are kept. Use {rows} at most, or leave it at auto."
        )
    return cells


def use_threads(count: int) -> None:
    """How many threads faiss takes for a search, in this whole process."""
    faiss.omp_set_num_threads(max(1, count))
