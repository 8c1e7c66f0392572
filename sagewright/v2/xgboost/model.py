"""Model and predictor."""

from __future__ import annotations

from sagewright.v2.deserializers import CSVDeserializer
from sagewright.v2.script_model import FrameworkModel, FrameworkPredictor
from sagewright.v2.serializers import LibSVMSerializer


class XGBoostPredictor(FrameworkPredictor):
    """Sends and reads what the framework's server does by default."""

    serializer_class = LibSVMSerializer
    deserializer_class = CSVDeserializer


class XGBoostModel(FrameworkModel):
    """An artifact with its script in the framework's image of `framework_version`."""

    framework = "xgboost"
    predictor_class = XGBoostPredictor
