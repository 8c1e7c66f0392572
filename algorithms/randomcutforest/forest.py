"""A random cut forest as arrays of nodes, so that numpy grows and walks all trees at once.

A tree (Guha et al. 2016, "Robust random cut forest based anomaly detection on streams") cuts the bounding box of its
points. The dimension is drawn in proportion to the width of the box, the position uniformly. It ends when all points of
a part are equal. Node numbers are unique in the forest. The first `trees` of them are the roots.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

_BLOCK_SIZE = 1 << 20  # numbers in one block of growing trees: 4 MB of float32


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
    width: np.ndarray = field(init=False)  # float64 (nodes,), the sum of the box's widths

    def __post_init__(self) -> None:
        self.width = np.subtract(self.high, self.low, dtype=np.float64).sum(axis=1)

    @property
    def features(self) -> int:
        """The number of features."""
        return self.low.shape[1]

    @property
    def depth(self) -> int:
        """The number of levels of the deepest tree."""
        depth, level = 0, np.arange(self.trees)
        while len(level):
            inner = level[self.axis[level] >= 0]
            depth, level = depth + 1, np.concatenate([self.left[inner], self.right[inner]])
        return depth

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays that define the forest: the cuts, and the points and masses of the leaves in order."""
        leaves = self.axis < 0
        return {
            "axis": self.axis, "cut": self.cut, "left": self.left, "right": self.right,
            "mass": self.mass[leaves], "points": self.low[leaves],
        }  # fmt: skip


def forest_from_arrays(
    trees: int, size: int, axis: np.ndarray, cut: np.ndarray, left: np.ndarray, right: np.ndarray, mass: np.ndarray,
    points: np.ndarray,
) -> Forest:  # fmt: skip
    """Rebuild a forest from `Forest.arrays()`. Raises ValueError if the arrays are not a forest: a walk must end."""
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
    levels, level = [], np.arange(trees)
    while len(level := level[axis[level] >= 0]):
        levels.append(level)
        level = np.concatenate([left[level], right[level]])
    for level in reversed(levels):
        left_child, right_child = left[level], right[level]
        low[level], high[level] = (
            np.minimum(low[left_child], low[right_child]),
            np.maximum(high[left_child], high[right_child]),
        )
        weight[level] = weight[left_child] + weight[right_child]
    return Forest(trees, size, axis, cut, left, right, weight, low, high)


def grow_forest(samples: np.ndarray, rng: np.random.Generator, on_progress: Callable[[int], None]) -> Forest:
    """Grow a forest from `samples`, float32 (trees, rows per tree, features). Calls `on_progress(n)` after n trees."""
    trees, size, features = samples.shape
    block = max(1, _BLOCK_SIZE // (size * features))
    parts = []
    for start in range(0, trees, block):
        parts.append(_grow_trees(samples[start : start + block], rng))
        on_progress(min(start + block, trees))
    return _join_blocks(parts, trees, size)


def sample_rows(rows: np.ndarray, trees: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Draw rows for each tree: (trees, at most `size`, features).

    The trees share one sample without replacement if there are enough rows. Otherwise each tree gets its own sample
    without replacement.
    """
    size = min(size, len(rows))
    if len(rows) >= trees * size:
        indices = rng.permutation(len(rows))[: trees * size].reshape(trees, size)
    else:
        indices = np.stack([rng.permutation(len(rows))[:size] for _ in range(trees)])
    return rows[indices]


def _grow_trees(samples: np.ndarray, rng: np.random.Generator) -> list[dict[str, np.ndarray]]:
    """Return the levels of these trees, top first. Child numbers are relative to the next level."""
    trees, size, features = samples.shape
    points = samples.reshape(trees * size, features)
    starts = np.arange(trees) * size  # the first point of each node; the points of a node are contiguous
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
        is_split = splits[node]
        points, node = points[is_split], node[is_split]
        side = points[np.arange(len(points)), axis[node]] > cut[node]
        child = 2 * children[node] + side
        order = np.argsort(child, kind="stable")
        points = points[order]
        starts = np.flatnonzero(np.diff(child[order], prepend=-1))
    return levels


def _cuts(
    low: np.ndarray, high: np.ndarray, width: np.ndarray, total: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a dimension and a position for each node. Both sides get a point if the box has a width."""
    nodes = np.arange(len(low))
    drawn = rng.random(len(low)) * total[:, -1]
    axis = np.minimum((total <= drawn[:, None]).sum(axis=1), width.shape[1] - 1)
    # Rounding may select a dimension of width 0. Take the widest then.
    axis = np.where(width[nodes, axis] > 0, axis, width.argmax(axis=1))
    first, last = low[nodes, axis], high[nodes, axis]
    cut = (first + rng.random(len(low)) * width[nodes, axis]).astype(np.float32)
    return axis, np.where(cut >= last, first, np.maximum(cut, first))


def _join_blocks(parts: list[list[dict[str, np.ndarray]]], trees: int, size: int) -> Forest:
    """Join all blocks into one forest, level by level, so that the roots come first."""
    columns: dict[str, list[np.ndarray]] = {name: [] for name in parts[0][0]}
    depth = max(len(levels) for levels in parts)
    start = 0
    for number in range(depth):
        blocks = [levels[number] for levels in parts if len(levels) > number]
        start += sum(len(level["axis"]) for level in blocks)
        below = start
        for level in blocks:
            for side in ("left", "right"):
                level[side] = np.where(level["axis"] >= 0, level[side] + below, -1).astype(np.int32)
            below += 2 * int((level["axis"] >= 0).sum())
            for name, values in level.items():
                columns[name].append(values)
    return Forest(trees, size, **{name: np.concatenate(values) for name, values in columns.items()})
