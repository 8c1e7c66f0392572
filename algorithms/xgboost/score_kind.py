"""What XGBoost's answers mean, by the objective."""

from __future__ import annotations

from collections.abc import Mapping

from algorithms.score_kind import ScoreKind
from algorithms.xgboost.settle import objective_of

_KINDS = {
    **dict.fromkeys(("binary:logistic", "reg:logistic", "multi:softprob"), ScoreKind.PROBABILITY),
    "binary:logitraw": ScoreKind.MARGIN,
    **dict.fromkeys(("binary:hinge", "multi:softmax"), ScoreKind.CLASS),
}


def score_kind(hyperparameters: Mapping[str, str], task: str) -> ScoreKind:
    """The kind of the objective among the hyperparameters, else of the one that settling chooses for the task."""
    return score_kind_of_objective(objective_of(hyperparameters, task))


def score_kind_of_objective(objective: str) -> ScoreKind:
    """The kind of XGBoost's `objective`; regressions, rankings and survival answer numbers."""
    return _KINDS.get(objective, ScoreKind.VALUE)
