"""Invocations and log lines of endpoints: collected here on the way of a request, written every few seconds."""

import hashlib
import time
from collections import defaultdict

from django.db import transaction

from common.db.server_paths import hide_paths
from engine.auth import keys
from engine.auth.identity import session_name
from engine.models import LogEvent
from engine.serving import metric_rows
from engine.serving.metric_data import MINUTE, Invocations, Source, metric_data
from engine.serving.routes import Route, Variant

MAX_LINES = 1000  # between two writes; a flood of failing requests shall not fill the database
MAX_HELD = 500_000  # invocations that wait for a database that is away: some 32 MB
# A plain tuple of a Source's fields costs a request less than a Source.
_invocations: defaultdict[tuple[str, str, str, str, int], Invocations] = defaultdict(Invocations)
_lines: list[LogEvent] = []


def record_invocation(
    route: Route,
    variant: str,
    access_key_id: str,
    status: int,
    model_seconds: float,
    overhead_seconds: float,
    unseen: int = 0,
) -> None:
    """One answered invocation; `status` is the model's own, `unseen` its categories that training did not have.

    Every prediction comes by here: what can be worked out later is left to `write`.
    """
    now = time.time()
    counted = _invocations[route.region, route.name, variant, access_key_id, int(now // MINUTE)]
    counted.model.append(model_seconds)
    counted.overhead.append(overhead_seconds)
    counted.last = now
    if status >= 500:
        counted.failed += 1
    elif status >= 400:
        counted.refused += 1
    if unseen:
        counted.unseen.append(unseen)


def record_answers(
    route: Route, variant: str, access_key_id: str, model_seconds: list[float], overhead_seconds: list[float]
) -> None:
    """Answers of a model to one key that were ready together, none with unseen categories."""
    now = time.time()
    counted = _invocations[route.region, route.name, variant, access_key_id, int(now // MINUTE)]
    counted.model += model_seconds
    counted.overhead += overhead_seconds
    counted.last = now


def group(name: str) -> str:
    """Return the log group of the endpoint `name`."""
    return f"/aws/sagemaker/Endpoints/{name}"


def log_line(route: Route, variant: Variant, text: str) -> None:
    """One line in the endpoint's log."""
    if len(_lines) < MAX_LINES:
        instance = hashlib.sha256(f"{variant.endpoint} {variant.name}".encode()).hexdigest()[:17]
        now = int(time.time() * 1000)
        stream = f"{variant.name}/i-{instance}"
        line = LogEvent(region=route.region, group=group(route.name), stream=stream, timestamp=now, ingested=now)
        line.message = hide_paths(text)
        _lines.append(line)


def drain() -> tuple[dict[Source, Invocations], list[LogEvent]]:
    """Return and clear what was collected since the last call."""
    drained = ({Source(*key): counted for key, counted in _invocations.items()}, list(_lines))
    _invocations.clear()
    _lines.clear()
    return drained


def put_back(invocations: dict[Source, Invocations], lines: list[LogEvent]) -> None:
    """Collect anew what could not be written, because the database was away; the oldest is left when it is too much."""
    _lines[:0] = lines[: MAX_LINES - len(_lines)]
    held = sum(len(counted.model) for counted in _invocations.values())
    for source, counted in invocations.items():
        if (held := held + len(counted.model)) <= MAX_HELD:
            _invocations[source].add(counted)  # a Source is a tuple


def write(invocations: dict[Source, Invocations], lines: list[LogEvent]) -> None:
    """Save the metrics of `invocations`, and `lines`: all of them, or none on an error."""
    data = metric_data(invocations, _person)
    with transaction.atomic():  # a reader sees an invocation in all of its metrics or in none
        LogEvent.objects.bulk_create(lines)
        written = metric_rows.add(data)
    metric_rows.remember(written)


def _person(access_key_id: str) -> str:
    """The owner of an access key, as STS names sessions; "-" of a key that is revoked by now."""
    key = keys.find(access_key_id, "sagemaker")
    return session_name(key.key) if key else "-"
