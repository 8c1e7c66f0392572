"""Rules between hyperparameters: LightGBM's own errors, reported before the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from algorithms.contract import HyperparameterProblem
from algorithms.jumpstart.tasks import problem_if

# The defaults of AWS's script, to which the rules apply too.
_BAGGING, _EVERY, _COLUMNS = 0.9, 1, 0.9


def check_goss(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """GOSS does not allow bagging."""
    has_bagging = values.get("bagging_freq", _EVERY) > 0 and values.get("bagging_fraction", _BAGGING) < 1
    yield from problem_if(
        values.get("boosting") == "goss" and has_bagging,
        "boosting",
        "Cannot use bagging in GOSS: it draws the rows itself. Set bagging_freq to 0, or another boosting.",
    )


def check_forest(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """A random forest needs bagging or a share of the features."""
    has_bagging = values.get("bagging_freq", _EVERY) > 0 and values.get("bagging_fraction", _BAGGING) < 1
    yield from problem_if(
        values.get("boosting") == "rf" and not has_bagging and values.get("feature_fraction", _COLUMNS) >= 1,
        "boosting",
        "A random forest needs trees that see different data: set bagging_freq above 0 and bagging_fraction below 1, "
        "or feature_fraction below 1.",
    )


def check_balance(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """`is_unbalance` excludes `scale_pos_weight`."""
    yield from problem_if(
        values.get("is_unbalance") == "True" and values.get("scale_pos_weight", 1.0) != 1.0,
        "scale_pos_weight",
        "Cannot set is_unbalance and scale_pos_weight at the same time. Keep one of them.",
    )


RULES = (check_goss, check_forest, check_balance)
