"""The metrics of XGBoost's container and their directions (docs/containers.md)."""

from algorithms.spec import Metric

MAXIMIZE = (
    "accuracy", "auc", "aucpr", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "map", "ndcg", "precision", "r2",
    "recall", "precision_macro", "precision_micro", "recall_macro", "recall_micro",
)  # fmt: skip
MINIMIZE = (
    "aft-nloglik", "cox-nloglik", "error", "gamma-deviance", "gamma-nloglik", "interval-regression-accuracy", "logloss",
    "mae", "mape", "merror", "mlogloss", "mphe", "mse", "poisson-nloglik", "rmse", "rmsle", "tweedie-nloglik",
)  # fmt: skip
# XGBoost lacks these; the container computes them (algorithms/xgboost/custom_metrics.py).
CUSTOM = (
    "accuracy", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "mse", "precision", "precision_macro",
    "precision_micro", "r2", "recall", "recall_macro", "recall_micro",
)  # fmt: skip


def is_better_higher(metric: str) -> bool:
    """True if higher values of `metric` are better, with any threshold or cut (`ndcg@5`)."""
    return metric.split("@", 1)[0] in MAXIMIZE


def _metric(part: str, name: str) -> Metric:
    # Only the number: the container's `(\S+)` would include the next metric, because `#011` is no blank.
    regex = rf".*\[[0-9]+\].*#011{part}-{name}:([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*"
    return Metric(
        f"{part}:{name}", regex, "max" if name in MAXIMIZE else "min", tunable=part == "validation", each_round=True
    )


METRICS = tuple(_metric(part, name) for part in ("validation", "train") for name in MAXIMIZE + MINIMIZE)
_CLASSES = ("accuracy", "balanced_accuracy", "f1_macro", "precision_macro", "recall_macro")
OBJECTIVES = {
    task: tuple(f"validation:{name}" for name in names)
    for task, names in (
        ("binary", ("auc", "logloss", "error", "aucpr", "accuracy", "balanced_accuracy", "f1", "precision", "recall")),
        ("multiclass", ("mlogloss", "merror", *_CLASSES)),
        ("regression", ("rmse", "mae", "mape", "r2", "mse")),
    )
}
