"""The metrics that LightGBM logs for held-out rows, and the task of each (AWS: lightgbm-tuning).

AWS's table says to maximise the log losses. That is an error: lower is better.
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
METRICS = tuple(
    Metric(name, rf"{name}: ([0-9\.]+)", "max" if name in MAXIMIZE else "min", each_round=True) for name in NAMES
)
