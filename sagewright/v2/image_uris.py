"""Images of version 2: `retrieve`."""

from __future__ import annotations

from typing import Any

from sagewright.sdk.planner_client import planner_of
from sagewright.sdk.session import default_session
from sagewright.v2.arguments import refuse_unknown


def retrieve(framework: str, region: str = "", version: str | None = None, **extra: Any) -> str:
    """The image URI of a framework or of a built-in algorithm. Raises NotFound, with the names that there are."""
    refuse_unknown("retrieve", extra, unused=("py_version", "instance_type", "image_scope"))
    session = default_session()
    return planner_of(session).ask(
        "framework_image", framework=framework, region=region or session.region, version=version or ""
    )
