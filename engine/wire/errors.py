"""The errors AWS clients know.

AwsError
├── ValidationException      the request is wrong, or names something that is not there
├── ResourceInUse            the name is taken
├── ResourceNotFound
├── ResourceLimitExceeded
├── AccessDeniedException    403: the key may not do this
├── ServiceUnavailable       503: the database is away for a moment
└── NotServed                501: a real operation of AWS's that we do not offer
"""

import logging

from common.db import outage
from common.db.server_paths import hide_paths

log = logging.getLogger(__name__)


class AwsError(Exception):
    """An answer that is an error: `code` as the client's `error["Code"]`, `status` over HTTP."""

    code = "InternalFailure"
    status = 400

    def __init__(self, message: str, code: str = "", status: int = 0):
        self.message = hide_paths(message)
        super().__init__(self.message)
        self.code = code or self.code
        self.status = status or self.status


class ValidationException(AwsError):
    """The request breaks a rule of its shape, or of the operation."""

    code = "ValidationException"


class ResourceInUse(AwsError):
    """The name is taken, or the resource is in a state that forbids the operation."""

    code = "ResourceInUse"


class ResourceNotFound(AwsError):
    """There is no such resource."""

    code = "ResourceNotFound"


class ResourceLimitExceeded(AwsError):
    """The operation would pass a quota of the account."""

    code = "ResourceLimitExceeded"


class AccessDeniedException(AwsError):
    """The key's role does not allow the operation."""

    code = "AccessDeniedException"
    status = 403


class ServiceUnavailable(AwsError):
    """Nothing is wrong with the request, and AWS clients send it again by themselves."""

    code = "ServiceUnavailable"
    status = 503


class NotServed(AwsError):
    """The operation exists at AWS; this engine does not offer it."""

    code = "NotServed"
    status = 501


def unavailable(error: Exception) -> AwsError | None:
    """Return what a caller is told of an unforeseen `error` if it says that the database is away, else None."""
    if not outage.is_away(error):
        return None
    log.warning("the database does not answer: %s", error)
    return ServiceUnavailable("The database of the engine does not answer. Please try again in a few seconds.")
