"""Checks the nodes of all trees of a model at once, so that every walk through them ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algorithms.model_proof import InvalidModel, Unproven

MAX_DEPTH = 1_000  # levels of a tree
MAX_CONTRIBUTION_STEPS = 1_000_000_000  # of a row: about a minute, as long as an answer may take


@dataclass(frozen=True)
class Forest:
    """Trees as arrays, one after another. A child counts within its tree; a negative child ends the walk.

    `starts` holds the offset of each tree and, last, the number of nodes. The first node of a tree is its root.
    """

    left: np.ndarray  # int64
    right: np.ndarray  # int64
    starts: np.ndarray  # int64 (trees + 1,)

    def check(self) -> tuple[np.ndarray, int]:
        """Return whether each node is reached from its root, and the sum of the depths of the trees.

        A walk ends, because each node is the child of at most one node, and a root of none. Raises InvalidModel, and
        Unproven for a tree that is too deep.
        """
        counts = np.diff(self.starts)
        offsets, limits = np.repeat(self.starts[:-1], counts), np.repeat(counts, counts)
        for children in (self.left, self.right):
            self.refuse(
                (children == 0) | (children >= limits),
                children,
                "has the child {}; a child is another node of its tree, not the root",
            )
        children = np.concatenate([self.left + offsets, self.right + offsets])
        children = children[np.concatenate([self.left, self.right]) >= 0]
        times = np.bincount(children, minlength=len(self.left))
        self.refuse(times > 1, times, "is the child of {} nodes; a node has one parent")
        return self._walk(offsets)

    def _walk(self, offsets: np.ndarray) -> tuple[np.ndarray, int]:
        is_reached = np.zeros(len(self.left), bool)
        tree_of = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        level, steps = self.starts[:-1][np.diff(self.starts) > 0], 0
        contribution_steps = 0  # TreeSHAP takes the square of its depth for each leaf
        for depth in range(1, MAX_DEPTH + 1):
            is_reached[level] = True
            steps += int(np.count_nonzero(np.diff(tree_of[level]))) + 1 if len(level) else 0
            both = np.stack([self.left[level], self.right[level]], axis=1)
            contribution_steps += int(np.count_nonzero(both < 0)) * depth**2
            if contribution_steps > MAX_CONTRIBUTION_STEPS:
                raise Unproven("the contributions of a row take more than a minute")
            level = (both + offsets[level][:, None])[both >= 0]  # in the order of the trees
            if not len(level):
                return is_reached, steps
        raise Unproven(f"a tree has more than {MAX_DEPTH} levels")

    def refuse(self, is_wrong: np.ndarray, values: np.ndarray, text: str) -> None:
        """Raise InvalidModel for the first node where `is_wrong`: its place, and `text` with its value."""
        if is_wrong.any():
            node = int(np.argmax(is_wrong))
            raise InvalidModel(f"{self.describe(node)} {text.format(values[node])}")

    def describe(self, node: int) -> str:
        """Return the words for the node at an index of the arrays."""
        tree = int(np.searchsorted(self.starts, node, side="right")) - 1
        return f"node {node - int(self.starts[tree])} of tree {tree}"
