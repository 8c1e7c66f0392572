"""Rules between hyperparameters, with the container's texts (docs/containers.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from algorithms.contract import HyperparameterProblem
from common.messages import _

_TREE = (
    "grow_colmaker", "distcol", "grow_histmaker", "grow_local_histmaker", "grow_skmaker", "sync", "refresh", "prune",
    "grow_quantile_histmaker",
)  # fmt: skip
_GROWERS = ("grow_colmaker", "distcol", "grow_histmaker", "grow_local_histmaker", "grow_quantile_histmaker")
_LINEAR = ("shotgun", "coord_descent")


def check_num_class(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """A multiclass objective needs `num_class`."""
    if values.get("objective") in ("multi:softmax", "multi:softprob") and "num_class" not in values:
        text = "Require input for parameter 'num_class' for multi-classification"
        yield HyperparameterProblem("num_class", text)


def check_metrics(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """`eval_metric` must suit the objective."""
    names = values.get("eval_metric")
    if not names:
        return
    objective = values.get("objective")
    if objective is None:
        # The container fails with KeyError: 'objective'. Here it fails too, with a reason.
        yield HyperparameterProblem(
            "eval_metric", "Hyperparameter eval_metric: needs objective to be set too (KeyError: 'objective')"
        )
        return
    if "auc" in names and not objective.startswith(("binary:", "rank:")):
        yield HyperparameterProblem(
            "eval_metric", "Metric 'auc' can only be applied for classification and ranking problems."
        )
    if "aft-nloglik" in names and objective != "survival:aft":
        yield HyperparameterProblem(
            "eval_metric", "Metric 'aft-nloglik' can only be applied for 'survival:aft' objective."
        )


def check_updaters(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """`updater` must suit the booster and the process type."""
    names = values.get("updater")
    if not names:
        return
    if values.get("booster") == "gblinear":
        if len(names) != 1 or names[0] not in _LINEAR:
            yield HyperparameterProblem(
                "updater", "Linear updater should be one of these options: 'shotgun', 'coord_descent'."
            )
    elif values.get("process_type") == "update":
        if not set(names) <= {"refresh", "prune"}:
            yield HyperparameterProblem(
                "updater", "process_type 'update' can only be used with updater 'refresh' and 'prune'"
            )
    elif not set(names) <= set(_TREE):
        yield HyperparameterProblem(
            "updater",
            "Tree updater should be selected from these options: 'grow_colmaker', 'distcol', 'grow_histmaker', "
            "'grow_local_histmaker', 'grow_skmaker', 'grow_quantile_histmaker', 'sync', 'refresh', 'prune', "
            "'shortgun', 'coord_descent'.",  # sic
        )
    elif sum(word in _GROWERS for word in names) > 1:
        yield HyperparameterProblem(
            "updater",
            "Only one tree grow plugin can be selected. Choose one from the"
            "following: 'grow_colmaker', 'distcol', 'grow_histmaker', "
            "'grow_local_histmaker', 'grow_skmaker'",
        )


def check_constraints(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """Constraints need a tree method that supports them."""
    method = values.get("tree_method")
    if "monotone_constraints" in values and method not in ("exact", "hist"):
        yield HyperparameterProblem(
            "monotone_constraints",
            "monotone_constraints can be used only when the tree_method parameter is set to either 'exact' or 'hist'.",
        )
    if "interaction_constraints" in values and method not in ("exact", "hist", "approx"):
        yield HyperparameterProblem(
            "interaction_constraints",
            "interaction_constraints can be used only when the tree_method parameter is set to "
            "either 'exact', 'hist' or 'approx'.",
        )


def check_rows(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """Ranking needs groups and survival times bounds, which rows of a label and features do not hold.

    survival:cox takes censored times as negative labels, so it may go on.
    """
    objective = str(values.get("objective", ""))
    if objective.startswith("rank:"):
        yield HyperparameterProblem(
            "objective",
            _(
                "%(objective)s orders the rows of a group, such as the results of one search, and a table has no "
                "groups: all rows would be one. Use LibSVM with qid: in each row, or another objective.",
                objective=objective,
            ),
        )
    if objective == "aft_loss_distribution":
        yield HyperparameterProblem(
            "objective",
            _(
                "%(objective)s is a hyperparameter of survival:aft. SageMaker takes the name as an objective, and "
                "XGBoost then stops, since it has none of that name. Choose another objective.",
                objective=objective,
            ),
        )
    if objective == "survival:aft":
        yield HyperparameterProblem(
            "objective",
            _(
                "%(objective)s learns from a lower and an upper bound of each time, and a table has one label: no "
                "row could be censored. Use survival:cox, where a negative time is a censored one, or another "
                "objective.",
                objective=objective,
            ),
        )


def check_distribution(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """Folds, linear models and exact splits need all rows on one host."""
    if "_kfold" in values:
        yield HyperparameterProblem("_kfold", _("Cross-validation runs on one instance only."))
    if values.get("booster") == "gblinear":
        yield HyperparameterProblem("booster", _("gblinear trains on one instance only; gbtree and dart on several."))
    if values.get("tree_method") == "exact" or "grow_colmaker" in (values.get("updater") or ()):
        name = "tree_method" if values.get("tree_method") == "exact" else "updater"
        text = _("Exact splits are found on one instance only; hist and approx work on several.")
        yield HyperparameterProblem(name, text)


DISTRIBUTED_RULES = (check_distribution,)
ROW_RULES = (check_rows,)
RULES = (check_num_class, check_metrics, check_updaters, check_constraints)
