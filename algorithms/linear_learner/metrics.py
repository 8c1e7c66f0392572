"""The figures Linear Learner logs (developer guide, linear-learner-tuning; patterns as tuning jobs show them)."""

from algorithms.amazon.metrics import PROGRESS, each_epoch, loss, score

_SCORES = {
    "binary_classification_accuracy": "", "binary_f_beta": r"binary_f_\S+", "precision": "", "recall": "",
    "roc_auc_score": "", "multiclass_accuracy": "", "multiclass_top_k_accuracy": r"multiclass_top_k_accuracy_\S+",
    "dcg": "", "macro_f_beta": r"macro_f_\S+", "macro_precision": "", "macro_recall": "",
}  # fmt: skip
_LOSSES = ("mse", "rmse", "absolute_loss")

METRICS = (
    each_epoch("validation:objective_loss", "validation", r"\S+_objective", tunable=True),
    each_epoch("train:objective_loss", "train", r"\S+_objective"),
    loss("validation", "objective_loss:final", r"\S+_objective", tunable=False),
    loss("train", "objective_loss:final", r"\S+_objective", tunable=False),
    loss("test", "objective_loss", r"\S+_objective"),
    *(score(part, name, pattern) for part in ("validation", "test", "train") for name, pattern in _SCORES.items()),
    *(loss(part, name) for part in ("validation", "test", "train") for name in _LOSSES),
    *PROGRESS,
)
