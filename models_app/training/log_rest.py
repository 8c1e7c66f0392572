"""Reads and searches the part of a log that only CloudWatch has, beyond the lines stored in the database."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from models_app import aws
from models_app.aws.log_search import search_log
from models_app.aws.names import TRAINING_LOGS
from models_app.models import LogLine, TrainingJob
from models_app.problems import Problem

MAX_EVENTS = 50
Event = tuple[datetime, str]


@dataclass(frozen=True)
class Rest:
    """Matches beyond the stored lines; `problem` says why the search failed."""

    events: list[Event] = field(default_factory=list)
    is_cut: bool = False
    problem: str = ""


def search_rest(job: TrainingJob, find: str, total: int) -> Rest:
    """Events after the `total` stored lines that contain `find`: at most MAX_EVENTS, and of a moment."""
    if total < LogLine.MOST or not job.log_stream:
        return Rest()
    start, skip = _last_stored(job)
    request = {
        "logGroupName": TRAINING_LOGS,
        "logStreamNames": [job.log_stream],
        "startTime": start + bool(skip),
        "filterPattern": _pattern(find),
    }
    try:
        events, next_token = search_log(request, MAX_EVENTS)
    except Problem as problem:
        return Rest(problem=str(problem))
    return Rest([_event(event) for event in events], is_cut=bool(next_token))


def read_rest(job: TrainingJob, total: int) -> Iterator[Event]:
    """The events after the `total` stored lines, to the end. Raises Problem."""
    if total < LogLine.MOST or not job.log_stream:
        return
    start, skip = _last_stored(job)
    request = {
        "logGroupName": TRAINING_LOGS,
        "logStreamName": job.log_stream,
        "startFromHead": True,
        "startTime": start,
    }
    while True:
        with aws.plain_errors():
            page = aws.client("logs").get_log_events(**request)
        yield from (_event(event) for event in page["events"][skip:])
        skip = max(0, skip - len(page["events"]))
        if page["nextForwardToken"] == request.get("nextToken"):
            return  # a page may be empty before the end, which only a token that stays tells
        request["nextToken"] = page["nextForwardToken"]


def _last_stored(job: TrainingJob) -> tuple[int, int]:
    """(time of the last stored line in ms since 1970, number of stored lines of that millisecond)."""
    last = job.lines.order_by("-number")[0].at
    return round(last.timestamp() * 1000), job.lines.filter(at=last).count()


def _pattern(find: str) -> str:
    """CloudWatch's pattern for the words as they stand."""
    escaped = find.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _event(event: dict) -> Event:
    return datetime.fromtimestamp(event["timestamp"] / 1000, UTC), event["message"]
