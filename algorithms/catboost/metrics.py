"""The figures CatBoost can be judged by, and which task each belongs to (AWS: catboost-hyperparameters, -tuning).

AWS reads every one of them with the same pattern, `bestTest = ([0-9\\.]+)`, and a person picks the name. All of an
algorithm's definitions are read here, so ours read the line with the name, which AWS's script writes at the end.
"""

from algorithms.jumpstart.tasks import MetricTasks
from algorithms.spec import Metric

TASKS = MetricTasks(
    name="eval_metric",
    auto={"regression": "RMSE", "binary": "AUC", "multiclass": "MultiClass"},
    regression=("RMSE", "MAE", "MedianAbsoluteError", "R2", "MAPE", "SMAPE"),
    binary=(
        "Logloss", "CrossEntropy", "Precision", "Recall", "F1", "BalancedAccuracy", "BalancedErrorRate", "PRAUC",
        "BrierScore", "NormalizedGini",
    ),
    multiclass=("MultiClass",),
    classes=("AUC", "Accuracy", "TotalF1", "Kappa", "WKappa", "MCC", "HingeLoss", "ZeroOneLoss"),
)  # fmt: skip
MAXIMIZE = (
    "R2", "Precision", "Recall", "F1", "BalancedAccuracy", "PRAUC", "NormalizedGini", "AUC", "Accuracy", "TotalF1",
    "Kappa", "WKappa", "MCC",
)  # fmt: skip
NAMES = (*TASKS.regression, *TASKS.binary, *TASKS.multiclass, *TASKS.classes)
METRICS = tuple(Metric(n, rf"^INFO:root:{n}: (-?[0-9\.]+)", "max" if n in MAXIMIZE else "min") for n in NAMES)
