"""The estimator."""

from __future__ import annotations

from typing import Any

from sagewright.v2.estimator import Framework
from sagewright.v2.image_uris import retrieve
from sagewright.v2.sklearn.model import SKLearnModel


class SKLearn(Framework):
    """Runs a script in the framework's image of `framework_version`."""

    model_class = SKLearnModel

    def __init__(
        self, entry_point: str, framework_version: str | None = None, image_uri: str | None = None, **more: Any
    ):
        more.pop("py_version", None)
        super().__init__(entry_point, image_uri or retrieve("sklearn", version=framework_version), **more)
