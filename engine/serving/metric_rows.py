"""Saves metric data: a row of this process for each metric and period, to which later data of the period is added."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from django.db.models import F
from django.db.models.functions import Greatest, Least

from engine.models import MetricDatum
from engine.models.sketch import Sketch, merge
from engine.serving.metric_data import Metric, Statistics

LATE = 300  # seconds after its end in which data of a period may still come
Row = tuple[int, Sketch | None]  # its id, and the sketch that it holds
_rows: dict[Metric, Row] = {}


def add(data: Mapping[Metric, Statistics]) -> dict[Metric, Row]:
    """Add `data` to the rows within the caller's transaction; returns what `remember` takes once that is over."""
    return {metric: _add(_rows.get(metric), metric, statistics) for metric, statistics in data.items()}


def remember(written: Mapping[Metric, Row]) -> None:
    """Add to the rows `written` from now on, and forget those of periods that are over."""
    _rows.update(written)
    oldest = time.time() - LATE
    for metric in [metric for metric in _rows if metric.start + metric.seconds < oldest]:
        del _rows[metric]


def _add(row: Row | None, metric: Metric, statistics: Statistics) -> Row:
    """Add to `row`, or to a new one when there is none any more."""
    if row:
        pk, held = row
        total = None if statistics.sketch is None else dict(held or {})
        if total is not None:
            merge(total, statistics.sketch or {})
        if MetricDatum.objects.filter(pk=pk).update(
            count=F("count") + statistics.count,
            sum=F("sum") + statistics.sum,
            minimum=Least(F("minimum"), statistics.minimum),
            maximum=Greatest(F("maximum"), statistics.maximum),
            **({} if total is None else {"sketch": total}),
        ):
            return pk, total
    created = MetricDatum.objects.create(
        region=metric.region,
        namespace=metric.namespace,
        name=metric.name,
        dimensions=metric.dimensions,
        timestamp=datetime.fromtimestamp(metric.start, UTC),
        unit=metric.unit,
        **vars(statistics),
    )
    return created.pk, statistics.sketch
