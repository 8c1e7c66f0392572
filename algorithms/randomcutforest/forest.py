"""A random cut forest in arrays: every tree's nodes side by side, so that numpy grows and walks all of them at once.

A tree (Guha et al. 2016, "Robust random cut forest based anomaly detection on streams") cuts its points' bounding box
in a dimension drawn in proportion to the box's width there, at a place drawn uniformly, until all points of a part are
the same. Node numbers count over the whole forest; the first `trees` of them are the roots.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

_AT_ONCE = 1 << 20  # numbers of one block of trees while it grows: 4 MB of float32


@dataclass
class Forest:
    """`axis` is -1 at a leaf; `left` and `right` are node numbers; rows with x[axis] <= cut go left.

    `low` and `high` (nodes, features) are the boxes, `mass` counts the sampled rows of a node, `size` those of a tree.
    """

    trees: int
    size: int
    axis: np.ndarray  # int32
    cut: np.ndarray  # float32
    left: np.ndarray  # int32
    right: np.ndarray  # int32
    mass: np.ndarray  # int32
    low: np.ndarray  # float32
    high: np.ndarray  # float32
    width: np.ndarray = field(init=False)  # float64, the box's widths added up

    def __post_init__(self) -> None:
        self.width = np.subtract(self.high, self.low, dtype=np.float64).sum(axis=1)

    @property
    def features(self) -> int:
        return self.low.shape[1]

    def bare(self) -> dict[str, np.ndarray]:
        """What cannot be worked out again: the cuts, and the leaves' points and masses in the order of the leaves."""
        leaves = self.axis < 0
        return {
            "axis": self.axis, "cut": self.cut, "left": self.left, "right": self.right,
            "mass": self.mass[leaves], "points": self.low[leaves],
        }  # fmt: skip


def rebuilt(
    trees: int, size: int, axis: np.ndarray, cut: np.ndarray, left: np.ndarray, right: np.ndarray, mass: np.ndarray,
    points: np.ndarray,
) -> Forest:  # fmt: skip
    """The forest of `bare()`. Raises ValueError if these arrays are not a forest, so that a walk always ends."""
    axis, left, right, mass = (array.astype(np.int32) for array in (axis, left, right, mass))
    nodes, leaves = len(axis), axis < 0
    if not (len(cut) == len(left) == len(right) == nodes >= trees and len(mass) == len(points) == leaves.sum()):
        raise ValueError("its arrays do not fit together")
    if points.ndim != 2 or not points.shape[1] or (axis >= points.shape[1]).any() or (mass < 1).any():
        raise ValueError("its cuts or masses cannot be")
    inner = np.flatnonzero(~leaves)
    children = np.concatenate([left[inner], right[inner]])
    if not np.array_equal(np.sort(children), np.arange(trees, nodes)) or (np.tile(inner, 2) >= children).any():
        raise ValueError("its nodes are not trees")
    low = np.empty((nodes, points.shape[1]), np.float32)
    weight = np.empty(nodes, np.int32)
    low[leaves], weight[leaves] = points, mass
    high = low.copy()
    levels, here = [], np.arange(trees)
    while len(here := here[axis[here] >= 0]):
        levels.append(here)
        here = np.concatenate([left[here], right[here]])
    for here in reversed(levels):
        one, other = left[here], right[here]
        low[here], high[here] = np.minimum(low[one], low[other]), np.maximum(high[one], high[other])
        weight[here] = weight[one] + weight[other]
    return Forest(trees, size, axis, cut, left, right, weight, low, high)


def grow(samples: np.ndarray, rng: np.random.Generator, grown: Callable[[int], None]) -> Forest:
    """A forest of `samples` (trees, rows a tree, features; float32). `grown(n)` is called when n trees are done."""
    trees, size, features = samples.shape
    block = max(1, _AT_ONCE // (size * features))
    parts = []
    for start in range(0, trees, block):
        parts.append(_grow(samples[start : start + block], rng))
        grown(min(start + block, trees))
    return _joined(parts, trees, size)


def sample(rows: np.ndarray, trees: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Rows for each tree (trees, at most `size`, features): shares of one sample without replacement while there are
    enough rows for that, else a sample without replacement for each tree on its own."""
    size = min(size, len(rows))
    if len(rows) >= trees * size:
        chosen = rng.permutation(len(rows))[: trees * size].reshape(trees, size)
    else:
        chosen = np.stack([rng.permutation(len(rows))[:size] for _ in range(trees)])
    return rows[chosen]


def _grow(samples: np.ndarray, rng: np.random.Generator) -> list[dict[str, np.ndarray]]:
    """The levels of these trees, top first. Child numbers count from the start of the next level."""
    trees, size, features = samples.shape
    points = samples.reshape(trees * size, features)
    starts = np.arange(trees) * size  # where each node's points begin; nodes lie one after the other
    levels = []
    while len(starts):
        ends = np.append(starts[1:], len(points))
        low, high = np.minimum.reduceat(points, starts), np.maximum.reduceat(points, starts)
        width = np.subtract(high, low, dtype=np.float64)
        total = np.cumsum(width, axis=1)
        splits = total[:, -1] > 0
        axis, cut = _cuts(low, high, width, total, rng)
        children = np.cumsum(splits) - 1
        levels.append({
            "axis": np.where(splits, axis, -1).astype(np.int32), "cut": cut,
            "left": np.where(splits, 2 * children, -1).astype(np.int32),
            "right": np.where(splits, 2 * children + 1, -1).astype(np.int32),
            "mass": (ends - starts).astype(np.int32), "low": low, "high": high,
        })  # fmt: skip
        node = np.repeat(np.arange(len(starts)), ends - starts)
        lively = splits[node]
        points, node = points[lively], node[lively]
        side = points[np.arange(len(points)), axis[node]] > cut[node]
        place = 2 * children[node] + side
        order = np.argsort(place, kind="stable")
        points = points[order]
        starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    return levels


def _cuts(
    low: np.ndarray, high: np.ndarray, width: np.ndarray, total: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A dimension and a place for each node, such that both sides get a point wherever the box has a width."""
    nodes = np.arange(len(low))
    drawn = rng.random(len(low)) * total[:, -1]
    axis = np.minimum((total <= drawn[:, None]).sum(axis=1), width.shape[1] - 1)
    # Rounding may pick the narrow neighbour of the dimension that was meant: take the widest then.
    axis = np.where(width[nodes, axis] > 0, axis, width.argmax(axis=1))
    first, last = low[nodes, axis], high[nodes, axis]
    cut = (first + rng.random(len(low)) * width[nodes, axis]).astype(np.float32)
    return axis, np.where(cut >= last, first, np.maximum(cut, first))


def _joined(parts: list[list[dict[str, np.ndarray]]], trees: int, size: int) -> Forest:
    """One forest of all blocks, level beside level, so that the roots come first."""
    columns: dict[str, list[np.ndarray]] = {name: [] for name in parts[0][0]}
    depth = max(len(levels) for levels in parts)
    start = 0
    for number in range(depth):
        here = [levels[number] for levels in parts if len(levels) > number]
        start += sum(len(level["axis"]) for level in here)
        below = start
        for level in here:
            for side in ("left", "right"):
                level[side] = np.where(level["axis"] >= 0, level[side] + below, -1).astype(np.int32)
            below += 2 * int((level["axis"] >= 0).sum())
            for name, values in level.items():
                columns[name].append(values)
    return Forest(trees, size, **{name: np.concatenate(values) for name, values in columns.items()})
