"""Principal components from batches of rows: exact from sums of products, or approximate from a random sketch.

Both follow AWS's developer guide, "How PCA Works". As on AWS, each component is a column, in ascending order of
singular values. Fewer rows than columns have the same components by the products of rows, which are fewer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

_SUBSPACE_ITERATIONS = 3  # passes over the rows after the sketch
PASSES = 1 + _SUBSPACE_ITERATIONS
Batches = Callable[[], Iterable[np.ndarray]]  # a pass over the rows, from the start, in blocks of (rows, features)


@dataclass
class Components:
    """`mean` (features,), `v` (features, components), `s` (components,) the singular values.

    `explained` is the explained share of the variance.
    """

    mean: np.ndarray
    v: np.ndarray
    s: np.ndarray
    explained: float

    def project(self, rows: np.ndarray) -> np.ndarray:
        """Project rows onto the components: float64 (rows, components), the strongest component last."""
        return (rows.astype(np.float64) - self.mean) @ self.v


@dataclass
class Sums:
    """Sums over rows minus `shift`, which keeps the products precise."""

    shift: np.ndarray
    count: int = 0
    square: float = 0.0

    def __post_init__(self) -> None:
        self.total = np.zeros_like(self.shift)

    def add(self, rows: np.ndarray) -> np.ndarray:
        """Add rows to the sums. Returns the shifted rows."""
        rows = rows.astype(np.float64) - self.shift
        self.count += len(rows)
        self.total = self.total + rows.sum(axis=0)
        self.square += float(np.einsum("ij,ij->", rows, rows))
        return rows


def regular(batches: Batches, components: int, subtract_mean: bool) -> Components:
    """Compute exact components in one pass, with features x features numbers in memory."""
    sums: Sums | None = None
    products: np.ndarray = np.zeros(0)
    for rows in batches():
        if sums is None:
            sums = Sums(_shift(rows, subtract_mean))
            products = np.zeros((rows.shape[1], rows.shape[1]))
        shifted = sums.add(rows)
        products += shifted.T @ shifted
    assert sums is not None, "there is at least one row"
    if subtract_mean:
        products -= np.outer(sums.total, sums.total) / sums.count
    values, vectors = np.linalg.eigh(products)
    return _build(sums, subtract_mean, values[-components:], vectors[:, -components:], float(np.trace(products)))


def few_rows(batches: Batches, components: int, subtract_mean: bool) -> Components:
    """Compute exact components in one pass, with rows x features and rows x rows numbers in memory.

    `components` must not exceed the rows. The products of the columns have the eigenvalues of those of the rows.
    """
    rows = np.concatenate([part.astype(np.float64) for part in batches()])
    sums = Sums(_shift(rows, subtract_mean))
    shifted = sums.add(rows)
    if subtract_mean:
        shifted = shifted - sums.total / sums.count
    values, vectors = np.linalg.eigh(shifted @ shifted.T)
    # Strongest first: QR then makes an orthonormal basis, also of directions in which the rows do not differ.
    span = np.linalg.qr(shifted.T @ vectors[:, : -components - 1 : -1])[0][:, ::-1]
    return _build(sums, subtract_mean, values[-components:], span, float(np.einsum("ij,ij->", shifted, shifted)))


def randomized(
    batches: Batches, components: int, extra: int, subtract_mean: bool, rng: np.random.Generator
) -> Components:
    """Compute approximate components in four passes, with (components + extra) x features numbers in memory.

    The first pass multiplies each batch by a matrix of random signs and sums the results (AWS's B, h and s). The rows
    of that sketch approximately span the strongest components. Each further pass improves the span (subspace
    iteration), and the last computes the components within it. AWS stops after the first pass. That is less accurate:
    on rows without a few dominant directions it can miss most of the variance.
    """
    sums: Sums | None = None
    sketch: np.ndarray = np.zeros(0)
    signs_sum: np.ndarray = np.zeros(0)
    for rows in batches():
        if sums is None:
            sums = Sums(_shift(rows, subtract_mean))
            size = min(components + extra, rows.shape[1])
            sketch, signs_sum = np.zeros((size, rows.shape[1])), np.zeros(size)
        shifted = sums.add(rows)
        signs = rng.integers(0, 2, (len(sketch), len(rows))) * 2.0 - 1
        sketch += signs @ shifted
        signs_sum += signs.sum(axis=1)
    assert sums is not None, "there is at least one row"
    center = sums.total / sums.count if subtract_mean else np.zeros(sketch.shape[1])
    product = (sketch - np.outer(signs_sum, center)).T
    span = product
    for _ in range(_SUBSPACE_ITERATIONS):
        span = np.linalg.qr(product)[0]
        product = np.zeros_like(span)
        for rows in batches():
            centered = rows.astype(np.float64) - (sums.shift + center)
            product += centered.T @ (centered @ span)
    spread = sums.square - sums.count * float(center @ center)
    values, vectors = np.linalg.eigh(span.T @ product)
    return _build(sums, subtract_mean, values[-components:], span @ vectors[:, -components:], spread)


def _shift(rows: np.ndarray, subtract_mean: bool) -> np.ndarray:
    return rows.mean(axis=0, dtype=np.float64) if subtract_mean else np.zeros(rows.shape[1])


def _build(sums: Sums, subtract_mean: bool, values: np.ndarray, vectors: np.ndarray, spread: float) -> Components:
    mean = sums.shift + sums.total / sums.count if subtract_mean else np.zeros(len(vectors))
    # A component's sign is arbitrary. Its largest entry is positive here, so that models can be compared.
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])]
    values = np.maximum(values, 0)
    explained = float(values.sum() / spread) if spread > 0 else 1.0
    return Components(mean, vectors * np.where(largest < 0, -1.0, 1.0), np.sqrt(values), min(explained, 1.0))
