"""Computes anomaly scores: how much simpler the trees of a forest are without a row.

Source: AWS's public random-cut-forest library. If the row were inserted, a random cut would separate it from all points
of a node with the probability that the cut falls into the part that the row adds to the node's box. The row would then
be a leaf at that depth, with the score 1 / (depth + 1). The expected value over all depths is multiplied by
log2(mass + 1), so that a score of about 1 is normal for any sample size.
"""

from __future__ import annotations

import numpy as np

from algorithms.randomcutforest.forest import Forest

_BLOCK_SIZE = 1 << 20  # numbers of one block (rows x trees x features)


def scores(forest: Forest, rows: np.ndarray) -> np.ndarray:
    """Return the anomaly scores, float64 (rows,), of float32 (rows, features)."""
    block = max(1, _BLOCK_SIZE // (forest.trees * forest.features))
    parts = [_scores(forest, rows[start : start + block]) for start in range(0, len(rows), block)]
    return np.concatenate(parts) if parts else np.empty(0)


def _scores(forest: Forest, rows: np.ndarray) -> np.ndarray:
    trees = forest.trees
    score = np.zeros(len(rows) * trees)  # a walker is a row in one tree; the walkers of a row are contiguous
    walker = np.arange(len(score))
    row = np.repeat(np.arange(len(rows)), trees)
    node = np.tile(np.arange(trees), len(rows))
    reach_probability = np.ones(
        len(score)
    )  # the probability that no cut above has parted the row from this node's points
    depth = 0
    while len(walker):
        x = rows.take(row, axis=0)
        clipped = np.clip(x, forest.low.take(node, axis=0), forest.high.take(node, axis=0))
        added = np.abs(np.subtract(x, clipped, dtype=np.float64)).sum(axis=1)
        axis = forest.axis[node]
        leaf = axis < 0
        _add_leaf_scores(forest, score, walker[leaf], node[leaf], reach_probability[leaf], added[leaf], depth)
        inner = ~leaf
        walker, row, node, reach_probability = walker[inner], row[inner], node[inner], reach_probability[inner]
        axis, added = axis[inner], added[inner]
        cut_probability = added / (added + forest.width[node])
        score[walker] += reach_probability * cut_probability / (depth + 1)
        reach_probability = reach_probability * (1 - cut_probability)
        goes_left = rows[row, axis] <= forest.cut[node]
        node = np.where(goes_left, forest.left[node], forest.right[node])
        depth += 1
    return score.reshape(len(rows), trees).mean(axis=1) * np.log2(forest.size + 1)


def _add_leaf_scores(
    forest: Forest, score: np.ndarray, walker: np.ndarray, node: np.ndarray, reach_probability: np.ndarray,
    added: np.ndarray, depth: int,
) -> None:  # fmt: skip
    """Add the last share of walkers that end at a leaf. A duplicate of its points scores less."""
    mass = forest.mass[node].astype(np.float64)
    duplicate_score = (1 - mass / (2 * forest.size)) / (depth + np.log2(mass + 1))
    score[walker] += reach_probability * np.where(added == 0, duplicate_score, 1 / (depth + 1))
