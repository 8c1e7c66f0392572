"""Rows as CatBoost takes them without pandas: numbers as float32, categories as the text of their code."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.lean import import_catboost

cb = import_catboost()

_MISSING = b"nan"


class Columns:
    """Which of `count` columns are categories.

    Where there are some, the pool has the numbers first and then the categories: so it holds plain arrays, and not an
    object for each cell. `as_they_stand` keeps the order, for models of others.
    """

    def __init__(self, count: int, categories: tuple[int, ...], as_they_stand: bool = False):
        self.categories = np.array(categories, int)
        self.numbers = np.setdiff1d(np.arange(count), self.categories)
        self.as_they_stand = as_they_stand

    def pool(self, features: np.ndarray, label: np.ndarray | None = None) -> Any:
        """A pool of float32 (rows, columns), NaN where a value is missing; columns are called feature_0 and so on."""
        if not len(self.categories):
            return cb.Pool(features, label, feature_names=None if self.as_they_stand else _names(self.numbers))
        codes = self._codes(features)
        if self.as_they_stand:
            cells = np.empty(features.shape, object)
            cells[:, self.numbers] = features[:, self.numbers]
            cells[:, self.categories] = codes
            return cb.Pool(cells, label, cat_features=self.categories.tolist())
        numbers = np.ascontiguousarray(features[:, self.numbers]) if len(self.numbers) else None
        data = cb.FeaturesData(
            num_feature_data=numbers,
            cat_feature_data=codes,
            num_feature_names=_names(self.numbers) if numbers is not None else None,
            cat_feature_names=_names(self.categories),
        )
        return cb.Pool(data, label)

    def _codes(self, features: np.ndarray) -> np.ndarray:
        codes = np.empty((len(features), len(self.categories)), object)
        for to, place in enumerate(self.categories):
            # One text for each code, not one for each row.
            values, where = np.unique(features[:, place], return_inverse=True)
            texts = np.array([_MISSING if np.isnan(v) else b"%d" % int(v) for v in values], object)
            codes[:, to] = texts[where]
        return codes


def _names(places: np.ndarray) -> list[str]:
    return [f"feature_{place}" for place in places]
