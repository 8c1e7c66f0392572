"""LightGBM's own contributions: TreeSHAP."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from algorithms.contract import InvocationError
from algorithms.contributions import Contributions, Scale, of_library

_SCALES = {
    **dict.fromkeys(("binary", "cross_entropy", "multiclassova"), Scale.LOG_ODDS),
    **dict.fromkeys(("poisson", "gamma", "tweedie"), Scale.LOG),
    **dict.fromkeys(("multiclass", "softmax"), Scale.SOFTMAX),
}


class TreeContributions:
    """The contributions of one booster. Safe to call from several threads."""

    def __init__(self, booster: Any):
        self._booster, self._outputs = booster, booster.num_model_per_iteration()
        head = booster.model_to_string(num_iteration=1)
        objective = re.search(r"^objective=(.*)$", head, re.MULTILINE)
        self._objective = objective[1].split() if objective else [""]
        # A random forest answers the mean of its trees, and the library's contributions are those of their sum.
        is_mean = re.search(r"^average_output$", head, re.MULTILINE) is not None
        self._trees = max(1, booster.current_iteration()) if is_mean else 1
        self._is_linear = re.search(r"^is_linear=1$", head, re.MULTILINE) is not None

    def __call__(self, rows: np.ndarray) -> Contributions:
        """The contributions of float32 rows (rows, features). Raises InvocationError 406 where there are none."""
        name, *options = self._objective
        factor = next((float(option[8:]) for option in options if option.startswith("sigmoid:")), 1.0)
        if self._is_linear:
            raise InvocationError(406, "LightGBM computes no contributions for trees with linear models in the leaves.")
        if "sqrt" in options or name == "cross_entropy_lambda":
            raise InvocationError(406, f"Contributions do not add up to the answers of {' '.join(self._objective)}.")
        values = np.asarray(self._booster.predict(rows, pred_contrib=True, num_threads=1, validate_features=False))
        if not np.isfinite(values).all():
            text = "The model does not count the training rows in its nodes, by which contributions are weighed."
            raise InvocationError(406, text)
        if self._outputs > 1:
            values = values.reshape(len(rows), self._outputs, -1)
        return of_library(values * (factor / self._trees), _SCALES.get(name, Scale.ANSWER))
