"""Web-scale k-means: mini-batch updates of many centers; and Lloyd's algorithm, for weighted centers or for rows.

Sources: Sculley 2010, "Web-scale k-means clustering"; Arthur and Vassilvitskii 2007 for k-means++. Steps, weights and
names follow AWS's developer guide, "How K-Means Clustering Works".
"""

from __future__ import annotations

import numpy as np

_BLOCK_SIZE = 1 << 22  # distances of one block: 32 MB
_BLOCK_ROWS = 1 << 14  # rows that are summed at a time


class WebScaleKMeans:
    """`count` centers, float64 (count, features), updated by mini-batches of rows.

    The weight of a center is the sum of the weights of its rows. A row's weight halves after every `half_life` rows
    (0: never).
    """

    def __init__(self, first: np.ndarray, count: int, method: str, half_life: int, rng: np.random.Generator):
        self.origin = first.mean(axis=0, dtype=np.float64)  # distances are relative to it, for precision
        self._centers = init_centers(first - self.origin, np.ones(len(first)), count, method, rng)
        self.weight = np.zeros(len(self._centers))
        self._half_life = half_life

    @property
    def centers(self) -> np.ndarray:
        """The centers in the coordinates of the rows, float64 (count, features)."""
        return self._centers + self.origin

    def update(self, rows: np.ndarray) -> float:
        """Update the centers with one batch.

        Returns the sum of the rows' squared distances to the centers before the update.
        """
        rows = rows - self.origin
        nearest, squared = closest_centers(rows, self._centers)
        if self._half_life:
            self.weight *= 0.5 ** (len(rows) / self._half_life)
        added = np.bincount(nearest, minlength=len(self._centers)).astype(np.float64)
        sums = np.zeros_like(self._centers)
        np.add.at(sums, nearest, rows)
        moved = added > 0
        self.weight[moved] += added[moved]
        share = (added[moved] / self.weight[moved])[:, None]
        self._centers[moved] += share * (sums[moved] / added[moved, None] - self._centers[moved])
        return float(squared.sum())


def closest_centers(rows: np.ndarray, centers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (index of the closest center, squared distance to it), both (rows,). Computes in float64."""
    number = np.empty(len(rows), np.int64)
    squared = np.empty(len(rows))
    norms = np.einsum("ij,ij->i", centers, centers)
    block = max(1, _BLOCK_SIZE // len(centers))
    for at in range(0, len(rows), block):
        part = rows[at : at + block].astype(np.float64, copy=False)
        distance = norms - 2 * (part @ centers.T)  # without the row's norm, which does not change the order
        best = distance.argmin(axis=1)
        number[at : at + block] = best
        difference = part - centers[best]
        squared[at : at + block] = np.einsum("ij,ij->i", difference, difference)
    return number, squared


def init_centers(
    rows: np.ndarray, weight: np.ndarray, count: int, method: str, rng: np.random.Generator
) -> np.ndarray:  # fmt: skip
    """Draw at most `count` distinct rows as initial centers, uniformly ("random") or by "kmeans++".

    `weight` (rows,) scales the probability of each row.
    """
    rows = rows.astype(np.float64)
    if method == "random":
        order = rng.choice(len(rows), size=len(rows), replace=False, p=weight / weight.sum())
        _, first = np.unique(rows[order], axis=0, return_index=True)
        return rows[order[np.sort(first)[:count]]]
    indices = [int(rng.choice(len(rows), p=weight / weight.sum()))]
    squared = _squared_distances(rows, rows[indices[0]])
    draws = 2 + int(np.log(count))  # the best of so many is the next center, as Arthur and Vassilvitskii recommend
    while len(indices) < count:
        odds = squared * weight
        total = odds.sum()
        if total <= 0:
            break  # every row is a center already
        drawn = rng.choice(len(rows), size=draws, p=odds / total)
        left = [np.minimum(squared, _squared_distances(rows, rows[index])) for index in drawn]
        best = int(np.argmin([part @ weight for part in left]))
        indices.append(int(drawn[best]))
        squared = left[best]
    return rows[indices]


def lloyd(
    rows: np.ndarray, weight: np.ndarray, centers: np.ndarray, max_iter: int, tolerance: float
) -> tuple[np.ndarray, float]:
    """Run Lloyd's algorithm on weighted rows. Returns (centers, weighted sum of squared distances).

    It begins with `centers`, and ends after `max_iter` rounds, when the sum falls by at most the share `tolerance`, or
    when every row keeps its center. A center without rows moves to the row with the largest weighted distance. The
    rows should be around 0, for precision.
    """
    centers, previous_loss, previous = centers.copy(), np.inf, np.empty(0)
    norms = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    for _ in range(max_iter):
        nearest, squared, sums, mass = _assign(rows, norms, weight, centers)
        loss = float(squared @ weight)
        nonempty = mass > 0
        centers[nonempty] = sums[nonempty] / mass[nonempty, None]
        empty = np.flatnonzero(~nonempty)
        if len(empty):
            centers[empty] = rows[np.argsort(-squared * weight)[: len(empty)]]
        elif previous_loss - loss <= tolerance * previous_loss or np.array_equal(nearest, previous):
            break
        previous_loss, previous = loss, nearest
    _, squared = closest_centers(rows, centers)
    return centers, float(squared @ weight)


def _assign(
    rows: np.ndarray, norms: np.ndarray, weight: np.ndarray, centers: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return (index of the closest center, squared distance), both (rows,), and the weighted sum and mass of each."""
    nearest, squared = np.empty(len(rows), np.int64), np.empty(len(rows))
    sums, mass = np.zeros_like(centers), np.zeros(len(centers))
    center_norms = np.einsum("ij,ij->i", centers, centers)
    for at in range(0, len(rows), _BLOCK_ROWS):
        block = slice(at, at + _BLOCK_ROWS)
        part = rows[block].astype(np.float64, copy=False)
        distance = center_norms - 2 * (part @ centers.T)
        best = distance.argmin(axis=1)
        each = np.arange(len(part))
        nearest[block] = best
        squared[block] = np.maximum(distance[each, best] + norms[block], 0)
        share = np.zeros_like(distance)
        share[each, best] = weight[block]
        sums += share.T @ part
        mass += share.sum(axis=0)
    return nearest, squared, sums, mass


def _squared_distances(rows: np.ndarray, center: np.ndarray) -> np.ndarray:
    difference = rows - center
    return np.einsum("ij,ij->i", difference, difference)
