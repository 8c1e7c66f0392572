"""The figures LightGBM's log shows on held-out rows, and which task each belongs to (AWS: lightgbm-tuning).

AWS's table says to maximise the log losses, which is a slip: less of them is better.
"""

from algorithms.jumpstart.tasks import MetricTasks
from algorithms.spec import Metric

TASKS = MetricTasks(
    name="metric",
    auto={"regression": "rmse", "binary": "binary_logloss", "multiclass": "multi_logloss"},
    regression=("rmse", "l1", "l2", "huber", "fair"),
    binary=("binary_logloss", "binary_error", "auc", "average_precision", "cross_entropy"),
    multiclass=("multi_logloss", "multi_error", "auc_mu"),
)
MAXIMIZE = ("auc", "average_precision", "auc_mu")
NAMES = (*TASKS.regression, *TASKS.binary, *TASKS.multiclass)
METRICS = tuple(Metric(name, rf"{name}: ([0-9\.]+)", "max" if name in MAXIMIZE else "min") for name in NAMES)
