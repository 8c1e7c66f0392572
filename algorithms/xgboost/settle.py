"""Settles the hyperparameters a person left open: the objective from the task, the number of classes from the data."""

from collections.abc import Mapping

from algorithms.contract import Facts

NUM_ROUND = "100"
_BY_TASK = {
    "binary": {"objective": "binary:logistic", "eval_metric": "auc"},
    "multiclass": {"objective": "multi:softprob", "eval_metric": "mlogloss,merror"},
    "regression": {"objective": "reg:squarederror", "eval_metric": "rmse"},
}


def task_of(given: Mapping[str, str], suggested: str) -> str:
    """The task the hyperparameters ask for by their objective, else the suggested one; '' when neither tells."""
    kind = given.get("objective", "").partition(":")[0]
    if kind in ("binary", "multi"):
        return {"binary": "binary", "multi": "multiclass"}[kind]
    return "regression" if kind else suggested


def settle(given: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """`given` completed for the data; what the person set stays as it is."""
    settled = dict(given)
    settled.setdefault("num_round", NUM_ROUND)
    if "objective" not in given:
        suited = _BY_TASK[facts.task]
        settled["objective"] = suited["objective"]
    else:
        # Their objective, so XGBoost's own metric for it; only log loss gives way to one that is kinder to read.
        suited = _BY_TASK["binary"] if given["objective"] == "binary:logistic" else {}
    if "eval_metric" in suited:
        settled.setdefault("eval_metric", suited["eval_metric"])
    if settled["objective"].startswith("multi:") and facts.classes >= 2:
        settled.setdefault("num_class", str(facts.classes))
    return settled
