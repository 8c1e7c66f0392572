"""Estimates training time and memory of XGBoost (constants from `algorithms.boosting_cost`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.boosting_cost import BoostingCost
from algorithms.contract import Facts
from algorithms.xgboost.settle import NUM_ROUND

_COST = BoostingCost(per_round=2e-4, per_row=1.5e-7, per_cell=3e-9, per_extra_class=0.7, steps=3.2)
_ENDLESS = 10  # levels that stand for max_depth 0, no limit


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the training time in seconds on one ml.m5.large, 0 if the rows are unknown."""
    # 100 000 x 20 x 30: 0.83 s at depth 3, 0.66 at 6, 1.66 at 9.
    depth = int(values.get("max_depth", 6)) or _ENDLESS
    patience = int(values.get("early_stopping_rounds") or 0) if facts.validation else 0
    rounds = _COST.expected_rounds(
        facts, int(values.get("num_round", NUM_ROUND)), patience, float(values.get("eta", 0.3))
    )
    models = (
        int(values.get("num_parallel_tree", 1)) * int(values.get("_kfold", 1)) * int(values.get("_num_cv_round", 1))
    )
    share = float(values.get("subsample", 1)) * float(values.get("colsample_bytree", 1))
    return _COST.seconds(facts, rounds, max(1.0, 2 ** ((depth - 6) / 2.3)), share) * models


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the peak bytes of a job, 0 if the rows are unknown."""
    return _COST.memory(facts)
