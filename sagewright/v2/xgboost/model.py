"""Model and predictor."""

from __future__ import annotations

from typing import Any

from sagewright.v2.deserializers import CSVDeserializer
from sagewright.v2.image_uris import retrieve
from sagewright.v2.predictor import Predictor
from sagewright.v2.script_model import ScriptModel
from sagewright.v2.serializers import LibSVMSerializer


class XGBoostPredictor(Predictor):
    """Sends and reads what the framework's server does by default."""

    def __init__(self, endpoint_name: str, serializer: Any = None, deserializer: Any = None, **more: Any):
        super().__init__(
            endpoint_name,
            serializer=serializer or LibSVMSerializer(),
            deserializer=deserializer or CSVDeserializer(),
            **more,
        )


class XGBoostModel(ScriptModel):
    """An artifact with its script in the framework's image of `framework_version`."""

    predictor_class = XGBoostPredictor

    def __init__(
        self, model_data: str, role: str | None = None, entry_point: str = "inference.py",
        framework_version: str | None = None, image_uri: str | None = None, **more: Any,
    ):  # fmt: skip
        more.pop("py_version", None)
        image = image_uri or retrieve("xgboost", version=framework_version)
        super().__init__(model_data, entry_point, image, role=role, **more)
