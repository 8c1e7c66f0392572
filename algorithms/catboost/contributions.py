"""CatBoost's own contributions: TreeSHAP."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.catboost.pool import Columns, cb
from algorithms.contract import InvocationError
from algorithms.contributions import Contributions, Scale, of_library
from algorithms.jumpstart.tasks import BINARY, MULTICLASS


def contributions(model: Any, columns: Columns, task: str, rows: np.ndarray) -> Contributions:
    """The contributions of float32 rows (rows, features). Raises InvocationError 400."""
    try:
        stored = model.get_feature_importance(type="ShapValues", data=columns.pool(rows), thread_count=1)
    except cb.CatBoostError as e:
        raise InvocationError(400, f"Unable to evaluate payload provided: {e}") from e
    values = np.empty_like(stored)
    values[..., columns.order] = stored[..., :-1]
    values[..., -1] = stored[..., -1]
    scale = Scale.LOG_ODDS if task == BINARY else Scale.SOFTMAX if task == MULTICLASS else Scale.ANSWER
    if scale is Scale.SOFTMAX and str(model.get_param("loss_function")) == "MultiClassOneVsAll":
        scale = Scale.LOG_ODDS
    return of_library(values, scale)
