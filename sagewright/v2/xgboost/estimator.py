"""The estimator."""

from __future__ import annotations

from sagewright.v2.framework import FrameworkEstimator
from sagewright.v2.xgboost.model import XGBoostModel


class XGBoost(FrameworkEstimator):
    """Runs a script in the framework's image of `framework_version`."""

    framework = "xgboost"
    model_class = XGBoostModel
