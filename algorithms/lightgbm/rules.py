"""Rules that look at several hyperparameters together: LightGBM's own refusals, said before anything starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from algorithms.contract import HyperparameterProblem
from algorithms.jumpstart.tasks import only

# What AWS's script sends when nothing is given; the rules hold for those values too.
_BAGGING, _EVERY, _COLUMNS = 0.9, 1, 0.9


def goss(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    bags = values.get("bagging_freq", _EVERY) > 0 and values.get("bagging_fraction", _BAGGING) < 1
    yield from only(
        values.get("boosting") == "goss" and bags,
        "boosting",
        "Cannot use bagging in GOSS: it draws the rows itself. Set bagging_freq to 0, or another boosting.",
    )


def forest(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    bags = values.get("bagging_freq", _EVERY) > 0 and values.get("bagging_fraction", _BAGGING) < 1
    yield from only(
        values.get("boosting") == "rf" and not bags and values.get("feature_fraction", _COLUMNS) >= 1,
        "boosting",
        "A random forest needs trees that see different data: set bagging_freq above 0 and bagging_fraction below 1, "
        "or feature_fraction below 1.",
    )


def balance(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    yield from only(
        values.get("is_unbalance") == "True" and values.get("scale_pos_weight", 1.0) != 1.0,
        "scale_pos_weight",
        "Cannot set is_unbalance and scale_pos_weight at the same time. Keep one of them.",
    )


RULES = (goss, forest, balance)
