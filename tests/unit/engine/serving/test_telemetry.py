"""The metrics of an endpoint: what one write saves is seen together, and a write that fails leaves nothing behind."""

import time

import pytest

from engine.models import LogEvent, MetricDatum
from engine.serving import telemetry
from engine.serving.routes import Route


def figures(count: int) -> dict:
    key = ("us-east-1", "churn", "AllTraffic", int(time.time() // 60))
    return {key: {name: [count, 1.0, 0.0, 1.0] for name, _ in telemetry.METRICS}}


def line() -> LogEvent:
    return LogEvent(region="us-east-1", group="g", stream="s", timestamp=1, ingested=1, message="Loaded")


@pytest.mark.django_db
def test_a_write_that_fails_in_the_middle_leaves_nothing(monkeypatch):
    create, calls = MetricDatum.objects.create, []

    def failing(**fields):
        calls.append(fields)
        if len(calls) == 3:
            raise RuntimeError("the database is away")
        return create(**fields)

    with monkeypatch.context() as database:
        database.setattr(MetricDatum.objects, "create", failing)
        with pytest.raises(RuntimeError):
            telemetry.write(figures(1), [line()])
    assert (MetricDatum.objects.count(), LogEvent.objects.count()) == (0, 0)
    telemetry.write(figures(2), [line()])
    telemetry.write(figures(3), [])
    assert {datum.name: datum.count for datum in MetricDatum.objects.all()} == {n: 5 for n, _ in telemetry.METRICS}


@pytest.mark.django_db
def test_categories_that_training_did_not_have_are_a_metric_where_there_are_some():
    route = Route("us-east-1", "churn", "InService", {}, (), 0.0)
    for unseen in (0, 3, 2):
        telemetry.record_invocation(route, "AllTraffic", 200, 0.001, 0.001, unseen)
        figures, lines = telemetry.drain()
        values = [value for metrics in figures.values() for statistics in metrics.values() for value in statistics]
        assert not any(isinstance(value, bool) for value in values)  # PostgreSQL compares none with a number
        telemetry.write(figures, lines)
    rows = {datum.name: datum for datum in MetricDatum.objects.all()}
    assert len(rows) == len(telemetry.METRICS) + 1 and rows["Invocations"].sum == 3
    counted = rows["UnseenCategories"]
    assert (counted.namespace, counted.count, counted.sum, counted.unit) == ("Sagewright", 2, 5, "Count")
    assert counted.dimensions == rows["Invocations"].dimensions
