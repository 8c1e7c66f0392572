"""Model and predictor."""

from __future__ import annotations

from sagewright.v2.deserializers import NumpyDeserializer
from sagewright.v2.script_model import FrameworkModel, FrameworkPredictor
from sagewright.v2.serializers import NumpySerializer


class SKLearnPredictor(FrameworkPredictor):
    """Sends and reads what the framework's server does by default."""

    serializer_class = NumpySerializer
    deserializer_class = NumpyDeserializer


class SKLearnModel(FrameworkModel):
    """An artifact with its script in the framework's image of `framework_version`."""

    framework = "sklearn"
    predictor_class = SKLearnPredictor
