"""Models of version 2 whose answers a script gives, and what models and predictors of frameworks have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sagewright.sdk.session import unique_name
from sagewright.v2.estimator import upload_source
from sagewright.v2.image_uris import retrieve
from sagewright.v2.model import Model
from sagewright.v2.predictor import Predictor


class ScriptModel(Model):
    """An artifact, a framework's image, and the script with model_fn."""

    def __init__(
        self, model_data: str, entry_point: str, image_uri: str, source_dir: str | None = None, code_uri: str = "",
        dependencies: list[str] | None = None, **more: Any,
    ):  # fmt: skip
        super().__init__(image_uri, model_data, **more)
        self.entry_point, self.source_dir, self.dependencies = entry_point, source_dir, dependencies or []
        self.code_uri = code_uri

    def environment(self) -> dict[str, str]:
        """The variables of the container; the script is uploaded if no job did."""
        session = self.sagemaker_session.core
        if not self.code_uri:
            self.code_uri = upload_source(self, f"s3://{session.bucket}/{unique_name('model')}/sourcedir.tar.gz")
        own = {
            "SAGEMAKER_PROGRAM": self.entry_point if self.source_dir else Path(self.entry_point).name,
            "SAGEMAKER_SUBMIT_DIRECTORY": self.code_uri,
            "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
            "SAGEMAKER_REGION": session.region,
        }
        return own | self.env


class FrameworkModel(ScriptModel):
    """An artifact with its script in the image of `framework`, of `framework_version`."""

    framework = ""

    def __init__(
        self, model_data: str, role: str | None = None, entry_point: str = "inference.py",
        framework_version: str | None = None, image_uri: str | None = None, **more: Any,
    ):  # fmt: skip
        more.pop("py_version", None)
        image = image_uri or retrieve(self.framework, version=framework_version)
        super().__init__(model_data, entry_point, image, role=role, **more)


class FrameworkPredictor(Predictor):
    """Sends and reads what the framework's server does by default."""

    serializer_class: Any = None
    deserializer_class: Any = None

    def __init__(self, endpoint_name: str, serializer: Any = None, deserializer: Any = None, **more: Any):
        super().__init__(
            endpoint_name,
            serializer=serializer or self.serializer_class(),
            deserializer=deserializer or self.deserializer_class(),
            **more,
        )
