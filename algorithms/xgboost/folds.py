"""XGBoost's own cross-validation of all rows of a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.fold_score import FoldScore
from algorithms.folds import best_score, split_folds
from algorithms.library_imports import import_xgboost
from algorithms.stop_signal import StopSignal
from algorithms.xgboost.callbacks import StopCallback
from algorithms.xgboost.custom_metrics import custom_metric
from algorithms.xgboost.metrics import CUSTOM, is_better_higher

xgb = import_xgboost()


def is_judged_by_rows(params: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """True if rows can be dealt into folds one by one, and if they stop the training by a metric that is named."""
    grouped = str(params.get("objective", "")).startswith(("rank:", "survival:"))
    stops = values.get("early_stopping_rounds") and values.get("eval_metric")
    return bool(stops) and not grouped and params.get("booster", "gbtree") == "gbtree"


def is_classification(params: Mapping[str, Any]) -> bool:
    """True if the labels are classes."""
    return str(params.get("objective", "")).startswith(("binary:", "multi:"))


def score_folds(params: dict[str, Any], values: Mapping[str, Any], matrix: Any, stop: StopSignal) -> FoldScore:
    """Return how many rounds are best for the rows of the DMatrix `matrix`. Raises XGBoostError."""
    names = list(values["eval_metric"])
    custom = [name for name in names if name in CUSTOM]
    metric = names[-1]
    history = xgb.cv(
        {**params, "eval_metric": [name for name in names if name not in CUSTOM]},
        matrix, values["num_round"], folds=split_folds(matrix.get_label(), is_classification(params)),
        custom_metric=custom_metric(custom, params.get("objective", "reg:squarederror")) if custom else None,
        callbacks=[
            StopCallback(stop),
            xgb.callback.EarlyStopping(
                rounds=values["early_stopping_rounds"], data_name="test", metric_name=metric,
                maximize=is_better_higher(metric),
            ),
        ],
        as_pandas=False,
    )  # fmt: skip
    means, deviations = (history[f"test-{metric}-{figure}"] for figure in ("mean", "std"))
    return best_score(metric, means, deviations, bool(is_better_higher(metric)))
