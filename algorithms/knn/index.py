"""The faiss index of the sampled rows, built from arrays and never read from a faiss file.

faiss trusts the sizes in its files, so a crafted file can crash the process or corrupt memory. The model file holds the
rows and the trained parts of the index (cells, codes) as plain arrays instead. Loading adds the rows without training.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import faiss as _faiss
import numpy as np

from algorithms.contract import UserError
from algorithms.knn.hyperparameters import COSINE, FLAT, IVF, IVFPQ, L2

faiss: Any = _faiss  # SWIG's type stubs are wrong
BITS = 8
MIN_PROBES = 8  # the smallest number of cells to search


class Index:
    """A search index over `vectors`, float32 (rows, dimensions).

    `learned` is the result of `learned()` of an earlier index, to skip training.
    """

    def __init__(self, vectors: np.ndarray, kind: str, metric: str, cells: int, pieces: int,
                 learned: Mapping[str, np.ndarray] | None = None):  # fmt: skip
        self.metric, self.kind = metric, kind
        self._pad = -vectors.shape[1] % pieces if kind == IVFPQ else 0
        data = self._prepare(vectors)
        width = data.shape[1]
        measure = faiss.METRIC_L2 if metric == L2 else faiss.METRIC_INNER_PRODUCT
        flat = faiss.IndexFlat(width, measure)
        self._index: Any = flat
        self._parameters: Any = None
        self._all_cells: Any = None
        self.cells = cells
        if kind != FLAT:
            self._quantizer = flat  # faiss holds a pointer, not a reference
            if learned is not None:
                flat.add(np.ascontiguousarray(learned["cells"], np.float32))
            if kind == IVF:
                self._index = faiss.IndexIVFFlat(flat, width, cells, measure)
            else:
                self._index = faiss.IndexIVFPQ(flat, width, cells, pieces, BITS)
                self._index.pq.cp.min_points_per_centroid = 1
            self._index.cp.min_points_per_centroid = 1  # faiss would only print a warning
            self._index.cp.seed = 1
            if learned is None:
                self._index.train(data)
            elif kind == IVFPQ:
                faiss.copy_array_to_vector(
                    np.ascontiguousarray(learned["codes"], np.float32).ravel(), self._index.pq.centroids
                )
            self._index.is_trained = True
            nprobe = min(cells, max(MIN_PROBES, 2 * round(cells**0.5)))
            self._parameters = faiss.SearchParametersIVF(nprobe=nprobe)
            self._all_cells = faiss.SearchParametersIVF(nprobe=cells)
        self._index.add(data)

    def learned(self) -> dict[str, np.ndarray]:
        """Return the trained arrays, from which and the vectors the same index can be rebuilt."""
        if self.kind == FLAT:
            return {}
        arrays = {"cells": self._quantizer.reconstruct_n(0, self.cells)}
        if self.kind == IVFPQ:
            arrays["codes"] = faiss.vector_to_array(self._index.pq.centroids).copy()
        return arrays

    def search(self, rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (distances, row indices) of the `k` nearest vectors, nearest first, both (rows, k).

        An index is negative where a distance is not finite.
        """
        data = self._prepare(rows)
        distances, indices = self._index.search(data, k, params=self._parameters)
        incomplete = np.flatnonzero((indices < 0).any(axis=1))
        if len(incomplete) and self._all_cells is not None:  # the searched cells hold fewer than k rows
            distances[incomplete], indices[incomplete] = self._index.search(data[incomplete], k, params=self._all_cells)
        return (1 - distances if self.metric == COSINE else distances), indices

    def _prepare(self, rows: np.ndarray) -> np.ndarray:
        if self._pad:
            rows = np.pad(rows, ((0, 0), (0, self._pad)))
        if self.metric == COSINE:
            length = np.sqrt((rows.astype(np.float64) ** 2).sum(axis=1, keepdims=True))
            rows = rows / np.where(length > 0, length, 1)
        return np.ascontiguousarray(rows, np.float32)


def array_shapes(kind: str, cells: int, pieces: int, width: int) -> dict[str, tuple[int, ...]]:
    """Return the names and shapes of the arrays of `Index.learned()`."""
    padded = width + (-width % pieces if kind == IVFPQ else 0)
    if kind == FLAT:
        return {}
    arrays: dict[str, tuple[int, ...]] = {"cells": (cells, padded)}
    if kind == IVFPQ:
        arrays["codes"] = ((1 << BITS) * padded,)
    return arrays


def num_cells(values: Mapping[str, Any], rows: int) -> int:
    """Return the number of cells of an index of `rows` rows. Raises UserError if it is larger than `rows`."""
    nlists = values.get("faiss_index_ivf_nlists", "auto")
    cells = max(1, int(rows**0.5)) if nlists == "auto" else int(nlists)
    if cells > rows:
        raise UserError(
            f"faiss_index_ivf_nlists is {cells}, but {rows} rows are kept. Use {rows} at most, or leave it at auto."
        )
    return cells


def use_threads(count: int) -> None:
    """Set the number of threads of faiss for the whole process."""
    faiss.omp_set_num_threads(max(1, count))
