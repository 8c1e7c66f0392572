"""The anomaly score of rows: how much simpler a forest's trees would be without them.

As AWS's public random-cut-forest library describes it. Were the row inserted, a random cut would part it from all of a
node's points with the probability that the cut falls into what the row adds to the node's box. It would then hang at
that depth, and the score is 1 / (depth + 1). The expected value over all depths is multiplied by log2(mass + 1), so
that a score of about 1 is usual whatever the size of the sample.
"""

from __future__ import annotations

import numpy as np

from algorithms.randomcutforest.forest import Forest

_AT_ONCE = 1 << 20  # numbers of one block (rows x trees x features)


def scores(forest: Forest, rows: np.ndarray) -> np.ndarray:
    """The anomaly score of each row (float32, shape (rows, features)): float64, higher is stranger."""
    block = max(1, _AT_ONCE // (forest.trees * forest.features))
    parts = [_scores(forest, rows[start : start + block]) for start in range(0, len(rows), block)]
    return np.concatenate(parts) if parts else np.empty(0)


def _scores(forest: Forest, rows: np.ndarray) -> np.ndarray:
    trees = forest.trees
    score = np.zeros(len(rows) * trees)  # a row's place in a tree is one walker; walkers of a row lie together
    walker = np.arange(len(score))
    row = np.repeat(np.arange(len(rows)), trees)
    node = np.tile(np.arange(trees), len(rows))
    together = np.ones(len(score))  # the probability that no cut above has parted the row from this node's points
    depth = 0
    while len(walker):
        x = rows.take(row, axis=0)
        clipped = np.clip(x, forest.low.take(node, axis=0), forest.high.take(node, axis=0))
        added = np.abs(np.subtract(x, clipped, dtype=np.float64)).sum(axis=1)
        axis = forest.axis[node]
        leaf = axis < 0
        _at_leaves(forest, score, walker[leaf], node[leaf], together[leaf], added[leaf], depth)
        inner = ~leaf
        walker, row, node, together = walker[inner], row[inner], node[inner], together[inner]
        axis, added = axis[inner], added[inner]
        parted = added / (added + forest.width[node])
        score[walker] += together * parted / (depth + 1)
        together = together * (1 - parted)
        goes_left = rows[row, axis] <= forest.cut[node]
        node = np.where(goes_left, forest.left[node], forest.right[node])
        depth += 1
    return score.reshape(len(rows), trees).mean(axis=1) * np.log2(forest.size + 1)


def _at_leaves(
    forest: Forest, score: np.ndarray, walker: np.ndarray, node: np.ndarray, together: np.ndarray,
    added: np.ndarray, depth: int,
) -> None:  # fmt: skip
    """The last share of the walkers that end here: a row the tree knows counts less the more often it is there."""
    mass = forest.mass[node].astype(np.float64)
    seen = (1 - mass / (2 * forest.size)) / (depth + np.log2(mass + 1))
    score[walker] += together * np.where(added == 0, seen, 1 / (depth + 1))
