"""Principal components from batches of rows: exact from the sums of products, or from a random sketch of the rows.

Both follow AWS's developer guide, "How PCA Works". Components are kept as AWS keeps them: a column each, the weakest
first and the strongest last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

_TURNS = 3  # passes after the sketch
PASSES = 1 + _TURNS
Batches = Callable[[], Iterable[np.ndarray]]  # a pass over the rows, from the start, in blocks of (rows, features)


@dataclass
class Components:
    """`mean` (features), `v` (features, components), `s` the singular values; `explained` is their share of all."""

    mean: np.ndarray
    v: np.ndarray
    s: np.ndarray
    explained: float

    def project(self, rows: np.ndarray) -> np.ndarray:
        """(rows, components), float64, the strongest component last."""
        return (rows.astype(np.float64) - self.mean) @ self.v


@dataclass
class Sums:
    """What a pass over the rows has gathered, of rows less `shift`, which spares the digits of the products."""

    shift: np.ndarray
    count: int = 0
    square: float = 0.0

    def __post_init__(self) -> None:
        self.total = np.zeros_like(self.shift)

    def add(self, rows: np.ndarray) -> np.ndarray:
        """The rows, shifted, after counting them in."""
        rows = rows.astype(np.float64) - self.shift
        self.count += len(rows)
        self.total = self.total + rows.sum(axis=0)
        self.square += float(np.einsum("ij,ij->", rows, rows))
        return rows


def regular(batches: Batches, components: int, subtract_mean: bool) -> Components:
    """Exact: one pass, and features x features numbers in memory."""
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
    return _made(sums, subtract_mean, values[-components:], vectors[:, -components:], float(np.trace(products)))


def randomized(
    batches: Batches, components: int, extra: int, subtract_mean: bool, rng: np.random.Generator
) -> Components:
    """Approximate: four passes, and (components + extra) x features numbers in memory.

    The first multiplies each batch by a matrix of random signs and adds the results up (AWS's B, h and s); the rows of
    that sketch span about the directions of the strongest components. Each further pass turns the span towards them
    (subspace iteration), and the last finds the components exactly within it. AWS stops after the first pass, which is
    rougher: on rows without a few strong directions it can miss most of what there is.
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
    turned = (sketch - np.outer(signs_sum, center)).T
    span = turned
    for _ in range(_TURNS):
        span = np.linalg.qr(turned)[0]
        turned = np.zeros_like(span)
        for rows in batches():
            centered = rows.astype(np.float64) - (sums.shift + center)
            turned += centered.T @ (centered @ span)
    spread = sums.square - sums.count * float(center @ center)
    values, vectors = np.linalg.eigh(span.T @ turned)
    return _made(sums, subtract_mean, values[-components:], span @ vectors[:, -components:], spread)


def _shift(rows: np.ndarray, subtract_mean: bool) -> np.ndarray:
    return rows.mean(axis=0, dtype=np.float64) if subtract_mean else np.zeros(rows.shape[1])


def _made(sums: Sums, subtract_mean: bool, values: np.ndarray, vectors: np.ndarray, spread: float) -> Components:
    mean = sums.shift + sums.total / sums.count if subtract_mean else np.zeros(len(vectors))
    # A component's sign is anyone's choice; its largest entry is positive here, so that a model can be compared.
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])]
    values = np.maximum(values, 0)
    explained = float(values.sum() / spread) if spread > 0 else 1.0
    return Components(mean, vectors * np.where(largest < 0, -1.0, 1.0), np.sqrt(values), min(explained, 1.0))
