"""The real tables of bench.quality, all of them shipped in packages: 60 % to learn from, 20 % to judge on the way, 20 %
that nobody sees before the end. Tables for anomalies learn from usual rows alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from sklearn import datasets

GIVEN = {
    "kmeans": {"k": "10", "epochs": "10"},
    "pca": {"num_components": "10"},
}


@dataclass
class Table:
    """`train`, `validation` and `test` are row numbers; `task` is "" when nothing is predicted."""

    name: str
    task: str
    x: np.ndarray
    y: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    given: dict[str, dict[str, str]] = field(default_factory=lambda: GIVEN)

    @property
    def rows(self) -> int:
        return len(self.x)

    @property
    def width(self) -> int:
        return self.x.shape[1]

    @property
    def classes(self) -> int:
        return len(np.unique(self.y)) if self.task in ("binary", "multiclass") else 0

    def standardised(self) -> Table:
        """Every column with mean 0 and deviation 1 among the training rows."""
        mean, deviation = self.x[self.train].mean(axis=0), self.x[self.train].std(axis=0)
        return replace(self, x=((self.x - mean) / np.where(deviation > 0, deviation, 1)).astype(np.float32))


def _shuffled(name: str, task: str, load: Callable) -> Table:
    x, y = load(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    first, second = int(0.6 * len(x)), int(0.8 * len(x))
    parts = order[:first], order[first:second], order[second:]
    return Table(name, task, x.astype(np.float32), y.astype(np.float32), *parts)


def _tumours_unlike_the_usual() -> Table:
    """Benign tumours are usual: most of them are learned from; the others and all malignant ones are judged."""
    table = _shuffled("breast cancer, benign learned", "", datasets.load_breast_cancer)
    usual, odd = np.flatnonzero(table.y == 1), np.flatnonzero(table.y == 0)
    usual = np.random.default_rng(0).permutation(usual)
    cut = int(0.6 * len(usual))
    table.y = 1 - table.y
    return replace(table, train=usual[:cut], validation=usual[:0], test=np.concatenate([usual[cut:], odd]))


TABLES: dict[str, Callable[[], Table]] = {
    "binary": lambda: _shuffled("breast cancer", "binary", datasets.load_breast_cancer),
    "multiclass": lambda: _shuffled("digits", "multiclass", datasets.load_digits),
    "regression": lambda: _shuffled("diabetes", "regression", datasets.load_diabetes),
    "clusters": lambda: _shuffled("digits", "", datasets.load_digits),
    "components": lambda: _shuffled("digits", "", datasets.load_digits),
    "anomalies": _tumours_unlike_the_usual,
}
