"""Searches CloudWatch Logs for as long as a request of a page may take."""

import time
from typing import Any

from models_app import aws

SECONDS = 1.0  # after which no further page is asked for: one takes four at most, and a page of the console five


def search_log(request: dict[str, Any], limit: int, token: str = "") -> tuple[list[dict], str]:
    """At most `limit` events by FilterLogEvents, and the token with which another search goes on; "" at the end.

    `request` is FilterLogEvents' own; `token` is of an earlier search with the same one. A page of the answer may be
    empty although others follow. Raises aws.Refused, aws.Unavailable.
    """
    until = time.monotonic() + SECONDS
    events: list[dict] = []
    while True:
        more = {"nextToken": token} if token else {}
        with aws.plain_errors():
            page = aws.client("logs").filter_log_events(**request, limit=limit - len(events), **more)
        events += page["events"]
        token = page.get("nextToken", "")
        if not token or len(events) >= limit or time.monotonic() > until:
            return events, token
