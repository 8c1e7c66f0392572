"""What the SDK raises, each with the cause, the place and the fix."""

from __future__ import annotations

from typing import Any

NO_CREDENTIALS = (
    "There are no AWS credentials. Set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for the offline "
    "engine start it with `sagewright up`."
)


class SagewrightError(Exception):
    """Something cannot be done; the text says what is wrong and what to do."""


class NotAlone(SagewrightError):
    """A class whose source does not import by itself."""


class NotConfigured(SagewrightError):
    """No role, no Region or no credentials."""


class PreflightFailed(SagewrightError):
    """Preflight found what would make a job fail or mislead; `findings` are all of its findings, as JSON."""

    def __init__(self, message: str, findings: list[dict[str, Any]] | None = None):
        super().__init__(message)
        self.findings = findings or []


class JobFailed(SagewrightError):
    """A training job ended without a model; `reason` is SageMaker's FailureReason, `log` its last lines."""

    def __init__(self, message: str, reason: str = "", log: list[str] | None = None):
        super().__init__(message)
        self.reason = reason
        self.log = log or []


class EndpointFailed(SagewrightError):
    """An endpoint did not come into service."""


class NotFound(SagewrightError):
    """What was named is not there."""


class PredictionFailed(SagewrightError):
    """An endpoint refused rows or failed on them; `status` is the container's over HTTP."""

    def __init__(self, message: str, status: int = 0):
        super().__init__(message)
        self.status = status
