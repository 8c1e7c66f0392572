"""Web-scale k-means: many centers follow the rows batch by batch, then Lloyd's method makes k of them.

Sources: Sculley 2010, "Web-scale k-means clustering"; Arthur and Vassilvitskii 2007 for k-means++; the steps, weights
and names are those of AWS's developer guide, "How K-Means Clustering Works".
"""

from __future__ import annotations

import numpy as np

_AT_ONCE = 1 << 22  # distances of one block: 32 MB


class WebScale:
    """`count` centers (count, features), float64, that move towards the rows they are closest to.

    A center weighs what it has been given, and a row's weight halves after every `half_life` rows (0: never).
    """

    def __init__(self, first: np.ndarray, count: int, method: str, half_life: int, rng: np.random.Generator):
        self.origin = first.mean(axis=0, dtype=np.float64)  # distances are taken from here: digits are not wasted
        self._centers = start(first - self.origin, np.ones(len(first)), count, method, rng)
        self.weight = np.zeros(len(self._centers))
        self._half_life = half_life

    @property
    def centers(self) -> np.ndarray:
        return self._centers + self.origin

    def update(self, rows: np.ndarray) -> float:
        """Move the centers for one batch; the sum of the rows' squared distances to where the centers were."""
        rows = rows - self.origin
        nearest, squared = closest(rows, self._centers)
        if self._half_life:
            self.weight *= 0.5 ** (len(rows) / self._half_life)
        added = np.bincount(nearest, minlength=len(self._centers)).astype(np.float64)
        sums = np.zeros_like(self._centers)
        np.add.at(sums, nearest, rows)
        hit = added > 0
        self.weight[hit] += added[hit]
        share = (added[hit] / self.weight[hit])[:, None]
        self._centers[hit] += share * (sums[hit] / added[hit, None] - self._centers[hit])
        return float(squared.sum())


def closest(rows: np.ndarray, centers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(number of the closest center, squared distance to it) of each row; both float64 inside."""
    number = np.empty(len(rows), np.int64)
    squared = np.empty(len(rows))
    norms = np.einsum("ij,ij->i", centers, centers)
    block = max(1, _AT_ONCE // len(centers))
    for at in range(0, len(rows), block):
        part = rows[at : at + block].astype(np.float64, copy=False)
        distance = norms - 2 * (part @ centers.T)  # short of the row's own norm, which does not change the order
        best = distance.argmin(axis=1)
        number[at : at + block] = best
        apart = part - centers[best]
        squared[at : at + block] = np.einsum("ij,ij->i", apart, apart)
    return number, squared


def start(
    rows: np.ndarray, weight: np.ndarray, count: int, method: str, rng: np.random.Generator
) -> np.ndarray:  # fmt: skip
    """At most `count` different rows to start from, drawn evenly ("random") or far from one another ("kmeans++")."""
    rows = rows.astype(np.float64)
    if method == "random":
        order = rng.choice(len(rows), size=len(rows), replace=False, p=weight / weight.sum())
        _, first = np.unique(rows[order], axis=0, return_index=True)
        return rows[order[np.sort(first)[:count]]]
    chosen = [int(rng.choice(len(rows), p=weight / weight.sum()))]
    squared = _to(rows, rows[chosen[0]])
    while len(chosen) < count:
        odds = squared * weight
        total = odds.sum()
        if total <= 0:
            break  # every row is a center already
        chosen.append(int(rng.choice(len(rows), p=odds / total)))
        np.minimum(squared, _to(rows, rows[chosen[-1]]), out=squared)
    return rows[chosen]


def lloyd(
    rows: np.ndarray, weight: np.ndarray, k: int, method: str, most: int, tolerance: float, rng: np.random.Generator
) -> tuple[np.ndarray, float]:
    """(centers, weighted sum of squared distances): Lloyd's method on weighted rows, at most `most` rounds.

    It ends when the sum falls by less than `tolerance` of itself. A center that loses all rows moves to the row that
    is worst off.
    """
    centers = start(rows, weight, k, method, rng)
    before = np.inf
    for _ in range(most):
        nearest, squared = closest(rows, centers)
        loss = float(squared @ weight)
        mass = np.bincount(nearest, weight, minlength=len(centers))
        sums = np.zeros_like(centers)
        np.add.at(sums, nearest, rows * weight[:, None])
        full = mass > 0
        centers[full] = sums[full] / mass[full, None]
        lost = np.flatnonzero(~full)
        if len(lost):
            centers[lost] = rows[np.argsort(-squared * weight)[: len(lost)]]
        elif before - loss <= tolerance * before:
            break
        before = loss
    _, squared = closest(rows, centers)
    return centers, float(squared @ weight)


def _to(rows: np.ndarray, center: np.ndarray) -> np.ndarray:
    apart = rows - center
    return np.einsum("ij,ij->i", apart, apart)
