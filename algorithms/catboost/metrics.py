r"""The metrics of CatBoost and the task of each (AWS: catboost-hyperparameters, -tuning).

AWS has one pattern for all of them, `bestTest = ([0-9\.]+)`, and the user selects the name. Here every definition is
applied to the log, so each has a pattern for the line with its name, which AWS's script writes at the end.
"""

from algorithms.jumpstart.tasks import MetricTasks
from algorithms.spec import Metric

TASKS = MetricTasks(
    name="eval_metric",
    auto={"regression": "RMSE", "binary": "AUC", "multiclass": "MultiClass"},
    proper={"binary": "Logloss"},
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
