"""Estimators of version 2 for frameworks, which differ in their image and their model."""

from __future__ import annotations

from typing import Any

from sagewright.v2.estimator import Framework
from sagewright.v2.image_uris import retrieve


class FrameworkEstimator(Framework):
    """Runs a script in the image of `framework`, of `framework_version`."""

    framework = ""

    def __init__(
        self, entry_point: str, framework_version: str | None = None, image_uri: str | None = None, **more: Any
    ):
        more.pop("py_version", None)
        super().__init__(entry_point, image_uri or retrieve(self.framework, version=framework_version), **more)
