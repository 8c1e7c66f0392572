"""Completes hyperparameters: the objective from the task, the number of classes from the data."""

from collections.abc import Mapping

from algorithms.class_weights import positive_weight
from algorithms.contract import Facts

NUM_ROUND = "100"
# Early stopping watches the last metric. Only a proper score of the probabilities goes on improving while the order of
# the rows, or the most probable class, stays the same: `merror` stops after round 1 where one class is frequent.
_BY_TASK = {
    "binary": {"objective": "binary:logistic", "eval_metric": "auc,logloss"},
    "multiclass": {"objective": "multi:softprob", "eval_metric": "merror,mlogloss"},
    "regression": {"objective": "reg:squarederror", "eval_metric": "rmse"},
}


def task_of(hyperparameters: Mapping[str, str], suggested: str) -> str:
    """Return the task of the objective, else the suggested one."""
    kind = hyperparameters.get("objective", "").partition(":")[0]
    if kind in ("binary", "multi"):
        return {"binary": "binary", "multi": "multiclass"}[kind]
    return "regression" if kind else suggested


def objective_of(hyperparameters: Mapping[str, str], task: str) -> str:
    """Return the objective among the hyperparameters, else the one for the task, "" if there is none."""
    return hyperparameters.get("objective") or _BY_TASK.get(task, {}).get("objective", "")


def settle(hyperparameters: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """Return the hyperparameters with defaults for the data. Keeps the user's values."""
    result = dict(hyperparameters)
    result.setdefault("num_round", NUM_ROUND)
    if "objective" not in hyperparameters:
        defaults = _BY_TASK[facts.task]
        result["objective"] = defaults["objective"]
    else:
        # The user's objective keeps XGBoost's own metric, except that AUC is logged before log loss.
        defaults = _BY_TASK["binary"] if hyperparameters["objective"] == "binary:logistic" else {}
    if "eval_metric" in defaults:
        result.setdefault("eval_metric", defaults["eval_metric"])
    if result["objective"].startswith("multi:") and facts.classes >= 2:
        result.setdefault("num_class", str(facts.classes))
    if facts.weighted:
        result["csv_weights"] = "1"
    if len(facts.class_counts) == 2 and result["objective"].startswith("binary:"):
        result.setdefault("scale_pos_weight", positive_weight(facts.class_counts))
    if facts.monotone:
        result["monotone_constraints"] = str(facts.monotone).replace(" ", "")
        result.setdefault("tree_method", "hist")  # the container wants it said; it is XGBoost's own choice anyway
    return result
