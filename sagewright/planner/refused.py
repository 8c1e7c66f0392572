"""What the planner refuses."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """An error of `sagewright.sdk.errors` by its name, for the other side to raise."""

    def __init__(self, kind: str, message: str, findings: list[dict[str, Any]] | None = None):
        super().__init__(message)
        self.answer = {"type": kind, "message": message, "findings": findings or []}
