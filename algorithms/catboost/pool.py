"""Builds CatBoost pools without pandas: numbers as float32, categories as the text of their code."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.library_imports import import_catboost

cb = import_catboost()

_MISSING = b"nan"


class Columns:
    """The numeric and categorical columns of `count` columns.

    With categories, the pool has the numeric columns first. So it holds plain arrays instead of one object per cell.
    `keep_order` keeps the order of the columns, for models trained elsewhere.
    """

    def __init__(self, count: int, categories: tuple[int, ...], keep_order: bool = False):
        self.categories = np.array(categories, int)
        self.numbers = np.setdiff1d(np.arange(count), self.categories)
        self.keep_order = keep_order

    @property
    def order(self) -> np.ndarray:
        """The index in a row of each column of a pool."""
        order = np.concatenate([self.numbers, self.categories])
        return np.sort(order) if self.keep_order else order

    def pool(self, features: np.ndarray, label: np.ndarray | None = None) -> Any:
        """Return a pool of float32 (rows, columns), missing values as NaN. Columns are named feature_0 and so on."""
        if not len(self.categories):
            return cb.Pool(features, label, feature_names=None if self.keep_order else _names(self.numbers))
        codes = self._codes(features)
        if self.keep_order:
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
        for position, column in enumerate(self.categories):
            # One text per code, not per row.
            values, inverse = np.unique(features[:, column], return_inverse=True)
            texts = np.array([_MISSING if np.isnan(v) else b"%d" % int(v) for v in values], object)
            codes[:, position] = texts[inverse]
        return codes


def _names(columns: np.ndarray) -> list[str]:
    return [f"feature_{column}" for column in columns]
