"""The log of an endpoint, from CloudWatch Logs: its newest lines, a search, the requests that failed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.utils.timezone import now

from common.messages import _
from models_app import aws
from models_app.aws.log_search import search_log
from models_app.endpoints.invocation_failures import InvocationFailure, decode
from models_app.models import Endpoint
from models_app.problems import Declined
from models_app.training.log import Line, level_of

GROUP = "/aws/sagemaker/Endpoints/{}"
MAX_LINES = 1000  # on the page
MAX_STREAMS = 5  # of which the newest lines are read: one an instance
MAX_DOWNLOAD = 100_000  # lines
SEARCHED = timedelta(days=30)
# How our engine logs a request that the model did not answer, and how Amazon's containers log any.
_FAILED = re.compile(r"\[ERROR\] (?P<status>[45]\d\d) (?P<text>.*)", re.DOTALL)
_ACCESS = re.compile(r'"POST /invocations HTTP/1\.[01]" (?P<status>[45]\d\d)(?P<text>)')


@dataclass(frozen=True)
class FailedRequests:
    """Requests that failed in the same way: how many, when the last, and why."""

    status: int
    count: int
    last: datetime
    failure: InvocationFailure
    raw: str


def newest_lines(endpoint: Endpoint) -> list[Line]:
    """The newest lines of all instances, oldest first; [] while there are none. Raises aws.Refused, aws.Unavailable."""
    client, group = aws.client("logs"), GROUP.format(endpoint.name)
    events: list[dict] = []
    try:
        with aws.plain_errors():
            streams = client.describe_log_streams(
                logGroupName=group, orderBy="LastEventTime", descending=True, limit=MAX_STREAMS
            )["logStreams"]
            for stream in streams:
                name = stream["logStreamName"]
                events += client.get_log_events(logGroupName=group, logStreamName=name, limit=MAX_LINES)["events"]
    except aws.NotFound:
        return []
    return _lines(sorted(events, key=lambda event: event["timestamp"])[-MAX_LINES:])


def find_lines(endpoint: Endpoint, text: str, token: str = "") -> tuple[list[Line], str]:
    """The newest lines of the last 30 days that hold `text`, and the token of the search of older ones, "" at the end.

    `token` is of the search that this one goes on with. A search pauses after a moment (`search_log`) and with
    MAX_LINES lines. Raises as above.
    """
    pattern = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    request = _last_30_days(endpoint) | {"filterPattern": pattern, "startFromHead": False}
    try:
        events, next_token = search_log(request, MAX_LINES, token)
    except aws.NotFound:
        return [], ""
    return _lines(events[::-1]), next_token


def all_lines(endpoint: Endpoint) -> Iterator[str]:
    """The log of the last 30 days as text, at most MAX_DOWNLOAD lines; the last one says where it is not whole."""
    try:
        pages = islice(_pages(endpoint), MAX_DOWNLOAD)
        for number, event in enumerate(event for page in pages for event in page):
            if number == MAX_DOWNLOAD:
                yield str(_("Cut here: a download has at most %(n)s lines.", n=f"{MAX_DOWNLOAD:,}")) + "\n"
                return
            yield f"{_at(event).isoformat()} {event['logStreamName']} {event['message']}\n"
    except (aws.Refused, aws.Unavailable) as problem:  # the file is under way, so its status can say no more
        yield str(_("Cut here: %(message)s", message=problem.message)) + "\n"


def failed_requests(lines: Sequence[Line], features: list[str]) -> list[FailedRequests]:
    """The requests that failed according to `lines`, those that failed alike together, the latest first."""
    alike: dict[tuple[int, str], list[datetime]] = {}
    for line in lines:
        if match := _FAILED.search(line.text) or _ACCESS.search(line.text):
            alike.setdefault((int(match["status"]), match["text"].strip()), []).append(line.at)
    failures = [
        FailedRequests(status, len(times), times[-1], _decoded(status, text, features), text)
        for (status, text), times in alike.items()
    ]
    return sorted(failures, key=lambda failure: failure.last, reverse=True)


def _decoded(status: int, text: str, features: list[str]) -> InvocationFailure:
    # The log has no body of the request, so the rows of it cannot be shown.
    return decode(Declined(text, 424, text, status), "", "", features)


def _pages(endpoint: Endpoint) -> Iterator[list[dict]]:
    """Pages of the events of the last 30 days, oldest first; one may be empty."""
    request = _last_30_days(endpoint)
    while True:
        try:
            with aws.plain_errors():
                answer = aws.client("logs").filter_log_events(**request)
        except aws.NotFound:
            return
        yield answer["events"]
        if not answer.get("nextToken"):
            return
        request["nextToken"] = answer["nextToken"]


def _last_30_days(endpoint: Endpoint) -> dict[str, Any]:
    return {"logGroupName": GROUP.format(endpoint.name), "startTime": int((now() - SEARCHED).timestamp() * 1000)}


def _lines(events: Sequence[dict]) -> list[Line]:
    return [
        Line(number, _at(event), event["message"].rstrip("\n"), level_of(event["message"]))
        for number, event in enumerate(events, 1)
    ]


def _at(event: dict) -> datetime:
    return datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
