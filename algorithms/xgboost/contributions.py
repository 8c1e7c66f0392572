"""XGBoost's own contributions: TreeSHAP for trees, weight times value for a linear model."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from algorithms.contract import InvocationError
from algorithms.contributions import Contributions, Scale, of_library
from algorithms.xgboost.model_file import xgb

_SCALES = {
    **dict.fromkeys(("binary:logistic", "reg:logistic"), Scale.LOG_ODDS),
    **dict.fromkeys(("count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft"), Scale.LOG),
    "binary:hinge": Scale.MARGIN,
    **dict.fromkeys(("multi:softprob", "multi:softmax"), Scale.SOFTMAX),
}
_lock = threading.Lock()  # a booster's prediction with a matrix of its own is not safe in several threads


def contributions(models: list[Any], objective: str, rows: np.ndarray) -> Contributions:
    """The contributions of float32 rows (rows, features). Raises InvocationError 406 where there are none, and 400."""
    scale = _SCALES.get(objective, Scale.ANSWER)
    if len(models) > 1:
        text = f"The answer is the mean of {len(models)} models, whose contributions do not add up to it."
        raise InvocationError(406, text)
    try:
        with _lock:
            values = models[0].predict(xgb.DMatrix(rows, nthread=1), pred_contribs=True, validate_features=False)
    except xgb.core.XGBoostError as e:
        raise InvocationError(400, f"Unable to evaluate payload provided: {str(e).split('Stack trace:', 1)[0]}") from e
    if values.ndim > 2 and scale is not Scale.SOFTMAX:
        raise InvocationError(406, "A row has several answers, and contributions explain one.")
    return of_library(values, scale)
