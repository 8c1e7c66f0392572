"""CloudWatch's five metrics and one of ours of an endpoint, and its log: collected here, written every few seconds."""

import hashlib
import logging
import time
from collections import defaultdict
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Least

from common.db.server_paths import hide_paths
from engine.models import LogEvent, MetricDatum
from engine.serving.routes import Route, Variant

log = logging.getLogger(__name__)
NAMESPACE = "AWS/SageMaker"
UNSEEN_NAMESPACE, UNSEEN = "Sagewright", "UnseenCategories"  # none of CloudWatch's own; only where there are some
METRICS = (
    ("Invocations", "None"),
    ("Invocation4XXErrors", "None"),
    ("Invocation5XXErrors", "None"),
    ("ModelLatency", "Microseconds"),
    ("OverheadLatency", "Microseconds"),
)
UNITS = dict(METRICS)
_NAMES = (*UNITS, UNSEEN)
MAX_LINES = 1000  # between two writes; a flood of failing requests shall not fill the database

# (region, endpoint, variant, minute) -> per metric [count, sum, minimum, maximum]
Key = tuple[str, str, str, int]
Figures = dict[str, list[float]]
_figures: dict[Key, Figures] = defaultdict(dict)
_lines: list[LogEvent] = []
_row_ids: dict[tuple[Key, str], int] = {}


def record_invocation(
    route: Route, variant: str, status: int, model_seconds: float, overhead_seconds: float, unseen: int = 0
) -> None:
    """One answered invocation; `status` is the model's own, `unseen` its categories that training did not have."""
    figures = _figures[route.region, route.name, variant, int(time.time() // 60)]
    refused, failed = float(400 <= status < 500), float(status >= 500)  # PostgreSQL compares no boolean with a number
    values = (1, refused, failed, model_seconds * 1e6, overhead_seconds * 1e6)
    # UNSEEN is the last name, and without unseen categories it has no value.
    for name, value in zip(_NAMES, (*values, unseen) if unseen else values, strict=False):
        statistics = figures.get(name)
        if statistics is None:
            figures[name] = [1, value, value, value]
            continue
        statistics[0] += 1
        statistics[1] += value
        if value < statistics[2]:
            statistics[2] = value
        elif value > statistics[3]:
            statistics[3] = value


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


def drain() -> tuple[dict[Key, Figures], list[LogEvent]]:
    """Return and clear what was collected since the last call."""
    drained = (dict(_figures), list(_lines))
    _figures.clear()
    _lines.clear()
    return drained


def write(figures: dict[Key, Figures], lines: list[LogEvent]) -> None:
    """Save `figures`, one row a minute and metric from this process, and `lines`: all of them, or none on an error."""
    written: dict[tuple[Key, str], int] = {}
    with transaction.atomic():  # a reader sees an invocation in all five metrics or in none
        LogEvent.objects.bulk_create(lines)
        for key, metrics in figures.items():
            for name, values in metrics.items():
                written[key, name] = _add(_row_ids.get((key, name), 0), key, name, *values)
    _row_ids.update(written)
    for stale in [row for row in _row_ids if row[0][3] < time.time() // 60 - 5]:
        del _row_ids[stale]


def _add(row_id: int, key: Key, name: str, n: float, total: float, low: float, high: float) -> int:
    """Add to the row `row_id`, or to a new one when there is none; the row's id."""
    if row_id and MetricDatum.objects.filter(pk=row_id).update(
        count=F("count") + n,
        sum=F("sum") + total,
        minimum=Least(F("minimum"), low),
        maximum=Greatest(F("maximum"), high),
    ):
        return row_id
    region, endpoint, variant, minute = key
    return MetricDatum.objects.create(
        region=region,
        namespace=UNSEEN_NAMESPACE if name == UNSEEN else NAMESPACE,
        name=name,
        dimensions=f"EndpointName={endpoint},VariantName={variant}",
        timestamp=datetime.fromtimestamp(minute * 60, UTC),
        unit=UNITS.get(name, "Count"),
        count=n,
        sum=total,
        minimum=low,
        maximum=high,
    ).pk
