"""Rows of which most numbers are 0, as the operand of the products that training takes."""

from __future__ import annotations

from typing import Any

import numpy as np

MIN_DENSE_SHARE = 0.2  # of rows in which a feature is named, from which it is stored in every row


class SparseRows:
    """Rows with some features in a dense array, (rows, d), and the others in a CSR matrix, (rows, s).

    Products take and give the features in this order; `order` has the position of each among the features of the job.
    """

    def __init__(self, dense: np.ndarray, sparse: Any, order: np.ndarray):
        self.dense, self.sparse, self.order = dense, sparse, order

    @classmethod
    def split(cls, features: Any, is_dense: np.ndarray) -> SparseRows:
        """Split a CSR matrix; `is_dense` is true for each feature that becomes a dense column."""
        order = np.concatenate([np.flatnonzero(is_dense), np.flatnonzero(~is_dense)])
        columns = features.tocsc()
        dense = columns[:, np.flatnonzero(is_dense)].toarray()
        return cls(dense, columns[:, np.flatnonzero(~is_dense)].tocsr(), order)

    def joined(self, other: SparseRows) -> SparseRows:
        """Return these rows and those of `other`, split the same way, behind them."""
        from scipy.sparse import vstack

        sparse = vstack([self.sparse, other.sparse], format="csr")
        return SparseRows(np.concatenate([self.dense, other.dense]), sparse, self.order)

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, features)."""
        return len(self.dense), self.dense.shape[1] + self.sparse.shape[1]

    def __len__(self) -> int:
        return len(self.dense)

    def __getitem__(self, rows: Any) -> SparseRows:
        return SparseRows(self.dense[rows], self.sparse[rows], self.order)

    def __matmul__(self, weights: np.ndarray) -> np.ndarray:
        """Return the outputs for `weights` (features, columns): float32 (rows, columns)."""
        width = self.dense.shape[1]
        return self.dense @ weights[:width] + self.sparse @ weights[width:]

    def transposed_product(self, slope: np.ndarray) -> np.ndarray:
        """Return the transposed rows times `slope` (rows, columns): float32 (features, columns)."""
        return np.concatenate([self.dense.T @ slope, self.sparse.T @ slope])


def dense_features(features: Any) -> np.ndarray:
    """True for each feature of a CSR matrix that is named in many of its rows."""
    return features.getnnz(axis=0) >= MIN_DENSE_SHARE * features.shape[0]
