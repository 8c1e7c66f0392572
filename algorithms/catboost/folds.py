"""CatBoost's own cross-validation of all rows of a job."""

from __future__ import annotations

from typing import Any

from algorithms.catboost.metrics import MAXIMIZE
from algorithms.catboost.pool import cb
from algorithms.fold_score import FoldScore
from algorithms.folds import best_score, split_folds


def score_folds(params: dict[str, Any], pool: Any, is_classification: bool) -> FoldScore:
    """Return how many trees are best for the rows of `pool`. Raises CatBoostError."""
    metric = params["eval_metric"]
    # It takes the classes from the labels, and refuses to be given them besides.
    once = {n: v for n, v in params.items() if n not in ("early_stopping_rounds", "class_names")}
    history = cb.cv(
        pool, once, folds=split_folds(pool.get_label(), is_classification), as_pandas=False, logging_level="Silent",
        early_stopping_rounds=params["early_stopping_rounds"],
    )  # fmt: skip
    means, deviations = (history[f"test-{metric}-{figure}"] for figure in ("mean", "std"))
    return best_score(metric, means, deviations, metric in MAXIMIZE, is_sample=True)
