"""The estimator."""

from __future__ import annotations

from sagewright.v2.framework import FrameworkEstimator
from sagewright.v2.sklearn.model import SKLearnModel


class SKLearn(FrameworkEstimator):
    """Runs a script in the framework's image of `framework_version`."""

    framework = "sklearn"
    model_class = SKLearnModel
