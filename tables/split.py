"""Chooses which rows are held out: at random by a seed, and for classes from each its share."""

from collections import Counter, defaultdict

import numpy as np

MOST_EXACT = 5_000_000  # rows of one class; above, each row is drawn on its own, and chance keeps the share


def held_out(rows: int, share: float) -> int:
    """Rows held out of a class of `rows`: its share, but one row is left to learn from."""
    return max(0, min(round(rows * share), rows - 1))


class Split:
    """Hands out masks batch by batch; the same seed and counts give the same rows."""

    def __init__(self, counts: dict[int, int], share: float, seed: int):
        """`counts` is {class: rows}; a regression has the one class 0. Each class keeps a row to learn from."""
        self.share = share
        self._drawn: dict[int, np.ndarray] = {}
        self._at: defaultdict[int, int] = defaultdict(int)
        self._rng = np.random.default_rng(seed)
        sizes: Counter[int] = Counter()
        for label, rows in sorted(counts.items()):
            if rows <= MOST_EXACT:
                sizes[rows] += 1
                # By its size, not its number: the same rows are held out whatever the classes are called.
                own = np.random.default_rng([seed, rows, sizes[rows]])
                held = np.zeros(rows, dtype=bool)
                held[own.permutation(rows)[: held_out(rows, share)]] = True
                self._drawn[label] = held

    def mask(self, classes: np.ndarray) -> np.ndarray:
        """True for each row of the next batch, given its class, that is held out."""
        held = np.zeros(len(classes), dtype=bool)
        for label in np.unique(classes):
            places = np.flatnonzero(classes == label)
            start = self._at[label]
            self._at[label] = start + len(places)
            drawn = self._drawn.get(int(label))
            held[places] = (
                drawn[start : start + len(places)] if drawn is not None else self._rng.random(len(places)) < self.share
            )
        return held
