"""Stratified random holdout of a stream of rows."""

from collections import Counter, defaultdict

import numpy as np

MAX_EXACT = 5_000_000  # rows of one class; above, each row is drawn independently


def held_out_rows(rows: int, share: float) -> int:
    """Rows held out of a class of `rows`: its share, but at least one row is left for training."""
    return max(0, min(round(rows * share), rows - 1))


class StratifiedSplit:
    """Masks for consecutive batches; the same seed and counts hold out the same rows."""

    def __init__(self, counts: dict[int, int], share: float, seed: int):
        """`counts` is {class: rows}; a regression has one class, 0. Each class keeps at least one training row."""
        self.share = share
        self._drawn: dict[int, np.ndarray] = {}
        self._at: defaultdict[int, int] = defaultdict(int)
        self._rng = np.random.default_rng(seed)
        sizes: Counter[int] = Counter()
        for label, rows in sorted(counts.items()):
            if rows <= MAX_EXACT:
                sizes[rows] += 1
                # Seeded by the class's size, not its number: relabelling classes does not change the rows.
                rng = np.random.default_rng([seed, rows, sizes[rows]])
                held_out = np.zeros(rows, dtype=bool)
                held_out[rng.permutation(rows)[: held_out_rows(rows, share)]] = True
                self._drawn[label] = held_out

    def mask(self, classes: np.ndarray) -> np.ndarray:
        """True for each row of the next batch that is held out; `classes` has shape (rows,)."""
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
