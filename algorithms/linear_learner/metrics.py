"""The metrics of Linear Learner (developer guide, linear-learner-tuning; patterns from tuning jobs)."""

from algorithms.amazon.metrics import PROGRESS, epoch_metric, loss_metric, score_metric

_SCORES = {
    "binary_classification_accuracy": "", "binary_f_beta": r"binary_f_\S+", "precision": "", "recall": "",
    "roc_auc_score": "", "multiclass_accuracy": "", "multiclass_top_k_accuracy": r"multiclass_top_k_accuracy_\S+",
    "dcg": "", "macro_f_beta": r"macro_f_\S+", "macro_precision": "", "macro_recall": "",
}  # fmt: skip
_LOSSES = ("mse", "rmse", "absolute_loss")

METRICS = (
    epoch_metric("validation:objective_loss", "validation", r"\S+_objective", tunable=True),
    epoch_metric("train:objective_loss", "train", r"\S+_objective"),
    loss_metric("validation", "objective_loss:final", r"\S+_objective", tunable=False),
    loss_metric("train", "objective_loss:final", r"\S+_objective", tunable=False),
    loss_metric("test", "objective_loss", r"\S+_objective"),
    *(
        score_metric(part, name, pattern)
        for part in ("validation", "test", "train")
        for name, pattern in _SCORES.items()
    ),
    *(loss_metric(part, name) for part in ("validation", "test", "train") for name in _LOSSES),
    *PROGRESS,
)
OBJECTIVES = {
    task: tuple(f"validation:{name}" for name in ("objective_loss", *names))
    for task, names in (
        ("binary", ("binary_classification_accuracy", "roc_auc_score", "binary_f_beta", "precision", "recall")),
        ("multiclass", ("multiclass_accuracy", "macro_f_beta", "macro_precision", "macro_recall")),
        ("regression", ("rmse", "mse", "absolute_loss")),
    )
}
