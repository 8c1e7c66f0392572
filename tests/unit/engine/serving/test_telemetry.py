"""The metrics of an endpoint: what one write saves is seen together, and a write that fails leaves nothing behind."""

import asyncio
import random
import statistics
from collections import Counter

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError

from engine.models import AccessKey, LogEvent, MetricDatum
from engine.models.sketch import merge, percentile, sketch
from engine.serving import background, telemetry
from engine.serving.routes import Route

ROUTE = Route("us-east-1", "churn", "InService", {}, (), 0.0)


def invocations(count: int) -> dict:
    """As many, drained; of one minute, which the row of that minute shows."""
    for _ in range(count):
        telemetry.record_invocation(ROUTE, "AllTraffic", "SWKIA", 200, 0.001, 0.002)
    return telemetry.drain()[0]


@pytest.fixture(autouse=True)
def one_minute(monkeypatch):
    monkeypatch.setattr(telemetry.time, "time", lambda: 1_800_000_030.0)
    monkeypatch.setattr("engine.serving.metric_rows.time.time", lambda: 1_800_000_030.0)


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
            telemetry.write(invocations(1), [line()])
    assert (MetricDatum.objects.count(), LogEvent.objects.count()) == (0, 0)
    telemetry.write(invocations(2), [line()])
    telemetry.write(invocations(3), [])
    of_aws = MetricDatum.objects.filter(namespace="AWS/SageMaker")
    assert {datum.name: (datum.count, sum((datum.sketch or {}).values())) for datum in of_aws} == {
        "Invocations": (5, 0),
        "Invocation4XXErrors": (5, 0),
        "Invocation5XXErrors": (5, 0),
        "ModelLatency": (5, 5),
        "OverheadLatency": (5, 5),
    }


@pytest.mark.django_db
def test_categories_that_training_did_not_have_are_a_metric_where_there_are_some():
    for unseen in (0, 3, 2):
        telemetry.record_invocation(ROUTE, "AllTraffic", "SWKIA", 200, 0.001, 0.001, unseen)
        telemetry.write(*telemetry.drain())
    rows = {datum.name: datum for datum in MetricDatum.objects.all()}
    assert rows["Invocations"].sum == 3
    counted = rows["UnseenCategories"]
    assert (counted.namespace, counted.count, counted.sum, counted.unit) == ("Sagewright", 2, 5, "Count")
    assert counted.dimensions == rows["Invocations"].dimensions


@pytest.mark.django_db
def test_requests_are_counted_by_key_person_and_hour():
    key, _ = AccessKey.issue(get_user_model().objects.create_user("lee"), "editor")
    for key_id, status in ((key.access_key_id, 200), (key.access_key_id, 415), (key.access_key_id, 500), ("gone", 200)):
        telemetry.record_invocation(ROUTE, "AllTraffic", key_id, status, 0.001, 0.001)
    telemetry.write(*telemetry.drain())
    rows = MetricDatum.objects.filter(namespace="Sagewright")
    sums = {(row.name, row.dimensions.partition(",")[0]): row.sum for row in rows}
    assert sums["CallerInvocations", f"AccessKeyId={key.access_key_id}"] == 3
    assert sums["CallerErrors", f"AccessKeyId={key.access_key_id}"] == 2
    assert sums["CallerInvocations", "AccessKeyId=gone"] == 1
    assert {row.dimensions.rpartition("=")[2] for row in rows} == {"lee", "-"}
    assert {row.timestamp.minute for row in rows} == {0}
    assert {row.maximum for row in rows if row.name == "CallerLastInvocation"} == {1_800_000_030.0}


def test_a_percentile_of_merged_sketches_is_that_of_all_values_to_one_percent():
    chance = random.Random(7)
    parts = [[chance.lognormvariate(8 + part / 5, 0.8) for _ in range(400)] for part in range(5)]
    merged: Counter = Counter()
    for part in parts:
        merge(merged, sketch(part))
    exact = statistics.quantiles(sorted(value for part in parts for value in part), n=1000, method="inclusive")
    for percent in (5, 50, 95, 99, 99.9):
        assert percentile(merged, percent) == pytest.approx(exact[int(percent * 10) - 1], rel=0.015)


@pytest.mark.parametrize(("error", "remaining"), [(OperationalError("away"), 3), (ValueError("ours"), 1)])
def test_what_is_counted_while_the_database_is_away_is_written_later(monkeypatch, error, remaining):
    """Anything else would fail again, and for ever."""
    telemetry.drain()
    written = []

    async def in_database(_, *batch):
        written.append(batch)
        if len(written) == 1:
            raise error

    def answer():
        telemetry.record_invocation(ROUTE, "AllTraffic", "SWKIA", 500, 0.001, 0.002, 4)

    monkeypatch.setattr(background, "in_database", in_database)
    answer()
    answer()
    asyncio.run(background._write_once())
    answer()
    asyncio.run(background._write_once())
    (counted,) = written[1][0].values()
    assert (len(counted.model), len(counted.overhead), len(counted.unseen), counted.failed) == (remaining,) * 4
    assert telemetry.drain() == ({}, [])


def test_what_waits_for_the_database_has_a_limit(monkeypatch):
    monkeypatch.setattr(telemetry, "MAX_HELD", 5)
    monkeypatch.setattr(telemetry, "MAX_LINES", 2)
    telemetry.drain()
    first, second = invocations(5), invocations(1)
    telemetry.put_back(first, [line(), line(), line()])
    telemetry.put_back(second, [line()])
    drained, lines = telemetry.drain()
    assert (sum(len(counted.model) for counted in drained.values()), len(lines)) == (5, 2)
