"""A model of version 2 whose answers a script gives: the base of those of frameworks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sagewright.sdk.session import unique_name
from sagewright.v2.estimator import upload_source
from sagewright.v2.model import Model


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
