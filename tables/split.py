"""Chooses which rows are held out: at random by a seed, and for classes from each its share."""

from collections import Counter, defaultdict

import numpy as np

MAX_EXACT = 5_000_000  # rows of one class; above, each row is drawn on its own, and chance keeps the share


class StratifiedSplit:
    """Hands out masks batch by batch; the same seed and counts give the same rows."""

    def __init__(self, counts: dict[int, int], share: float, seed: int):
        """`counts` is {class: rows}; a regression has the one class 0. Each class keeps a row to learn from."""
        self.share = share
        self._drawn: dict[int, np.ndarray] = {}
        self._at: defaultdict[int, int] = defaultdict(int)
        self._rng = np.random.default_rng(seed)
        sizes: Counter[int] = Counter()
        for label, rows in sorted(counts.items()):
            if rows <= MAX_EXACT:
                sizes[rows] += 1
                # By its size, not its number: the same rows are held out whatever the classes are called.
                rng = np.random.default_rng([seed, rows, sizes[rows]])
                held_out = np.zeros(rows, dtype=bool)
                held_out[rng.permutation(rows)[: min(round(rows * share), rows - 1)]] = True
                self._drawn[label] = held_out

    def mask(self, classes: np.ndarray) -> np.ndarray:
        """True for each row of the next batch, given its class, that is held out."""
        held_out = np.zeros(len(classes), dtype=bool)
        for label in np.unique(classes):
            positions = np.flatnonzero(classes == label)
            start = self._at[label]
            self._at[label] = start + len(positions)
            drawn = self._drawn.get(int(label))
            held_out[positions] = (
                drawn[start : start + len(positions)]
                if drawn is not None
                else self._rng.random(len(positions)) < self.share
            )
        return held_out
