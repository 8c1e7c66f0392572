"""The log of an endpoint, from CloudWatch Logs: its newest lines, a search, the requests that failed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from django.utils.timezone import now

from common.messages import _
from models_app import aws
from models_app.endpoints.invocation_failures import InvocationFailure, decode
from models_app.models import Endpoint
from models_app.problems import Declined
from models_app.training.log import Line, level_of

GROUP = "/aws/sagemaker/Endpoints/{}"
MAX_LINES = 1000  # on the page
MAX_STREAMS = 5  # of which the newest lines are read: one an instance
MAX_PAGES = 20  # of a search
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


def find_lines(endpoint: Endpoint, text: str) -> tuple[list[Line], bool]:
    """The newest lines of the last 30 days that hold `text`, and whether all of them were looked for.

    A search ends with MAX_LINES lines or MAX_PAGES pages. Raises as above.
    """
    pattern = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    events: list[dict] = []
    is_whole = False
    for page, is_last in islice(_pages(endpoint, filterPattern=pattern, startFromHead=False), MAX_PAGES):
        events += page
        is_whole = is_last and len(events) <= MAX_LINES
        if len(events) >= MAX_LINES:
            break
    return _lines(events[:MAX_LINES][::-1]), is_whole


def all_lines(endpoint: Endpoint) -> Iterator[str]:
    """The log of the last 30 days as text, at most MAX_DOWNLOAD lines; the last one says where it is not whole."""
    try:
        pages = islice(_pages(endpoint), MAX_DOWNLOAD)
        for number, event in enumerate(event for page, _is_last in pages for event in page):
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


def _pages(endpoint: Endpoint, **more) -> Iterator[tuple[list[dict], bool]]:
    """Pages of events of the last 30 days, and whether each is the last; a page may be empty."""
    client = aws.client("logs")
    token: dict[str, str] = {}
    start = int((now() - SEARCHED).timestamp() * 1000)
    while True:
        try:
            with aws.plain_errors():
                answer = client.filter_log_events(
                    logGroupName=GROUP.format(endpoint.name), startTime=start, **more, **token
                )
        except aws.NotFound:
            yield [], True
            return
        yield answer["events"], not answer.get("nextToken")
        if not answer.get("nextToken"):
            return
        token = {"nextToken": answer["nextToken"]}


def _lines(events: Sequence[dict]) -> list[Line]:
    return [
        Line(number, _at(event), event["message"].rstrip("\n"), level_of(event["message"]))
        for number, event in enumerate(events, 1)
    ]


def _at(event: dict) -> datetime:
    return datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
