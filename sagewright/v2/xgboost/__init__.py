"""The framework of version 2: a script as its estimator, model and predictor."""

from sagewright.v2.xgboost.estimator import XGBoost
from sagewright.v2.xgboost.model import XGBoostModel, XGBoostPredictor

__all__ = ["XGBoost", "XGBoostModel", "XGBoostPredictor"]
