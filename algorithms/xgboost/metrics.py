"""The figures XGBoost's container logs, and which way each is better (docs/containers.md)."""

from algorithms.spec import Metric

MAXIMIZE = (
    "accuracy", "auc", "aucpr", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "map", "ndcg", "precision", "r2",
    "recall", "precision_macro", "precision_micro", "recall_macro", "recall_micro",
)  # fmt: skip
MINIMIZE = (
    "aft-nloglik", "cox-nloglik", "error", "gamma-deviance", "gamma-nloglik", "interval-regression-accuracy", "logloss",
    "mae", "mape", "merror", "mlogloss", "mphe", "mse", "poisson-nloglik", "rmse", "rmsle", "tweedie-nloglik",
)  # fmt: skip
# Not XGBoost's own: the container works these out itself (algorithms/xgboost/scores.py).
CUSTOM = (
    "accuracy", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "mse", "precision", "precision_macro",
    "precision_micro", "r2", "recall", "recall_macro", "recall_micro",
)  # fmt: skip


def is_better_higher(metric: str) -> bool:
    """Is more of `metric` better? A threshold or cut (`ndcg@5`) does not change that."""
    return metric.split("@", 1)[0] in MAXIMIZE


def _metric(part: str, name: str) -> Metric:
    # The number alone: the container's own `(\S+)` runs on into the next figure, because `#011` is no blank.
    regex = rf".*\[[0-9]+\].*#011{part}-{name}:([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*"
    return Metric(f"{part}:{name}", regex, "max" if name in MAXIMIZE else "min", tunable=part == "validation")


METRICS = tuple(_metric(part, name) for part in ("validation", "train") for name in MAXIMIZE + MINIMIZE)
