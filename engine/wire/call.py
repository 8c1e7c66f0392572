"""One call as an operation sees it."""

from dataclasses import dataclass

from engine.models import AccessKey


@dataclass(frozen=True)
class Call:
    """Who asks, where, and under which id the answer will be logged."""

    region: str
    key: AccessKey
    request_id: str
