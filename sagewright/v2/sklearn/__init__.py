"""The framework of version 2: a script as its estimator, model and predictor."""

from sagewright.v2.sklearn.estimator import SKLearn
from sagewright.v2.sklearn.model import SKLearnModel, SKLearnPredictor

__all__ = ["SKLearn", "SKLearnModel", "SKLearnPredictor"]
