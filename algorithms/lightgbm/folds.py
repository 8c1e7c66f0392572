"""LightGBM's own cross-validation of all rows of a job."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.fold_score import FoldScore
from algorithms.folds import best_score, split_folds
from algorithms.library_imports import import_lightgbm
from algorithms.lightgbm.metrics import METRICS

lgb = import_lightgbm()


def score_folds(
    params: dict[str, Any], data: Any, labels: np.ndarray, is_classification: bool, rounds: int, stopping_rounds: int,
    stop_callback: Any,
) -> FoldScore:  # fmt: skip
    """Return how many of at most `rounds` rounds are best for the dataset `data`. Raises LightGBMError."""
    history = lgb.cv(
        params, data, rounds, folds=split_folds(labels, is_classification),
        callbacks=[lgb.early_stopping(stopping_rounds, verbose=False), stop_callback],
    )  # fmt: skip
    name = next(key for key in history if key.endswith("-mean"))
    metric = name.removeprefix("valid ").removesuffix("-mean")
    maximize = any(m.goal == "max" for m in METRICS if m.name == metric)
    return best_score(metric, history[name], history[f"valid {metric}-stdv"], maximize)
