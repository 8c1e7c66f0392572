"""Errors of version 2."""

from __future__ import annotations

from collections.abc import Sequence


class UnexpectedStatusException(ValueError):
    """A job ended with another status than it should have."""

    def __init__(self, message: str, allowed_statuses: Sequence[str], actual_status: str):
        super().__init__(message)
        self.allowed_statuses, self.actual_status = allowed_statuses, actual_status
