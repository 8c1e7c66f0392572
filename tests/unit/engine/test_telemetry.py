"""Log events and metric data by age: merged into longer periods, archived, deleted, and killed in between."""

import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from django.db.models import Sum

from common.s3_uri import parse_s3_uri
from console.beat_schedule import beat_schedule
from engine import store, tasks
from engine.models import LogEvent, MetricDatum, RetentionMark
from engine.models.sketch import percentile, sketch
from engine.retention import archive, clock, rollup, run
from tests.s3_memory import MemoryS3

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, tzinfo=UTC)
DAYS = (500, 456, 454, 1, 460)  # days ago, in the order in which rows were written; the last came late


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


@pytest.fixture(autouse=True)
def earlier_run():
    """Retention has run before, up to NOW."""
    _ran(NOW)


def _ran(at: datetime) -> None:
    RetentionMark.objects.update_or_create(name=clock.NAME, defaults={"position": int(at.timestamp())})


@pytest.fixture
def rows(settings, monkeypatch):
    settings.TELEMETRY_DAYS, settings.TELEMETRY_ARCHIVE = 455, None
    monkeypatch.setattr(tasks, "now", lambda: NOW)
    monkeypatch.setattr(archive, "AT_ONCE", 1)
    for days in DAYS:
        at = NOW - timedelta(days=days)
        ms = int(at.timestamp() * 1000)
        LogEvent.objects.create(group="g", stream="s", timestamp=ms, ingested=ms, message=str(days))
        MetricDatum.objects.create(namespace=str(days), name="m", timestamp=at, sum=1, minimum=1, maximum=1)


@pytest.fixture
def memory(settings, monkeypatch) -> MemoryS3:
    """An archive in memory, which the engine writes to."""
    s3 = MemoryS3()
    settings.TELEMETRY_ARCHIVE = parse_s3_uri("s3://bucket/old")
    monkeypatch.setattr(store, "client", lambda quick=False: s3)
    return s3


def _remaining() -> tuple[list[str], list[str]]:
    """The days of the rows that there still are."""
    logs = LogEvent.objects.order_by("pk").values_list("message", flat=True)
    return list(logs), list(MetricDatum.objects.order_by("pk").values_list("namespace", flat=True))


def _archived(s3: MemoryS3, kind: str) -> list[dict]:
    files = [data for key, data in sorted(s3.objects.items()) if f"/{kind}/" in key and key.endswith(".gz")]
    return [json.loads(line) for data in files for line in gzip.decompress(data).splitlines()]


def test_what_is_older_than_the_limit_goes_up_to_the_first_that_stays(rows):
    tasks.expire_telemetry()
    assert _remaining() == (["454", "1", "460"], ["454", "1", "460"])


def test_without_a_limit_everything_stays(rows, settings):
    settings.TELEMETRY_DAYS = 0
    tasks.expire_telemetry()
    assert all(len(rows) == len(DAYS) for rows in _remaining())


def test_the_clock_asks_for_it():
    names = {entry["task"] for entry in beat_schedule(has_console=False, has_engine=True, poll_seconds=2).values()}
    assert "engine.tasks.expire_telemetry" in names


def test_what_goes_is_in_the_archive_with_a_manifest(rows, memory, monkeypatch):
    monkeypatch.setattr(archive, "AT_ONCE", 5000)
    first, last = LogEvent.objects.order_by("pk")[:2]
    tasks.expire_telemetry()
    assert _remaining() == (["454", "1", "460"], ["454", "1", "460"])
    events = _archived(memory, "logs")
    assert [event["message"] for event in events] == ["500", "456"]
    assert events[0] | {"id": 0} == {
        "region": "",
        "logGroupName": "g",
        "logStreamName": "s",
        "timestamp": first.timestamp,
        "ingestionTime": first.ingested,
        "message": "500",
        "id": 0,
    }
    stem = f"bucket/old/logs/{NOW - timedelta(days=500):%Y/%m/%d}/{first.pk:012d}-{last.pk:012d}-"
    (key,) = {key.partition(".")[0] for key in memory.objects if key.startswith(stem)}
    assert hashlib.sha256(memory.objects[f"{key}.jsonl.gz"]).hexdigest().startswith(key.removeprefix(stem))
    manifest = json.loads(memory.objects[f"{key}.manifest.json"])
    assert manifest["rows"] == 2 and manifest["groups"] == {"g:s": 2} and manifest["key"].endswith(".jsonl.gz")
    assert manifest["size"] == len(memory.objects[f"{key}.jsonl.gz"])
    assert [datum["Namespace"] for datum in _archived(memory, "metrics")] == ["500", "456"]


@pytest.mark.parametrize("when", [("put", ".gz"), ("get", ".gz"), ("put", ".json"), ("get", ".json")], ids=str)
def test_nothing_is_lost_when_a_run_is_killed_or_refused_at_any_call(rows, memory, monkeypatch, when):
    monkeypatch.setattr(archive, "AT_ONCE", 5000)

    def kill(operation: str, key: str) -> None:
        if operation == when[0] and key.endswith(when[1]):
            raise Killed

    memory.fails = kill
    with pytest.raises(Killed):
        tasks.expire_telemetry()
    assert all(len(rows) == len(DAYS) for rows in _remaining())
    memory.fails = lambda operation, key: None
    tasks.expire_telemetry()
    assert [event["message"] for event in _archived(memory, "logs")] == ["500", "456"]
    assert _remaining()[0] == ["454", "1", "460"]


def test_a_copy_that_is_not_what_was_written_deletes_nothing(rows, memory, caplog):
    memory.reads = lambda key, data: data[:-4]
    tasks.expire_telemetry()
    assert all(len(rows) == len(DAYS) for rows in _remaining())
    assert "nothing is deleted" in caplog.text and "SAGEWRIGHT_TELEMETRY_ARCHIVE" in caplog.text


def test_a_bucket_that_does_not_exist_deletes_nothing_and_is_named(rows, memory, caplog):
    def refuse(operation: str, key: str) -> None:
        raise ClientError({"Error": {"Code": "NoSuchBucket", "Message": "no such bucket"}}, "PutObject")

    memory.fails = refuse
    tasks.expire_telemetry()
    assert all(len(rows) == len(DAYS) for rows in _remaining())
    assert "s3://bucket/old" in caplog.text and "NoSuchBucket" in caplog.text


def test_a_run_ends_with_its_time(rows):
    run.run(NOW, seconds=0)
    assert all(len(rows) == len(DAYS) for rows in _remaining())


def test_long_lines_end_a_file(rows, memory, monkeypatch):
    monkeypatch.setattr(archive, "AT_ONCE", 5000)
    monkeypatch.setattr(archive, "MAX_TEXT", 1)
    tasks.expire_telemetry()
    assert sum(key.endswith(".jsonl.gz") and "/logs/" in key for key in memory.objects) == 2


def _minutes(days: int, count: int, **more) -> None:
    begin = NOW - timedelta(days=days)
    for minute in range(count):
        values = [float(minute + 1), float(minute + 1000)]
        data = {"count": 2, "sum": sum(values), "minimum": min(values), "maximum": max(values)} | more
        MetricDatum.objects.create(
            **{"region": "r", "namespace": "n", "name": "m", "dimensions": "d", "sketch": sketch(values)} | data,
            timestamp=begin + timedelta(minutes=minute),
        )


def _totals() -> tuple:
    rows = MetricDatum.objects.all()
    low, high = min(row.minimum for row in rows), max(row.maximum for row in rows)
    return rows.aggregate(Sum("count"), Sum("sum")), low, high


@pytest.mark.parametrize("at_once", [7, 5000], ids=["small steps", "one step"])
def test_minutes_become_five_minutes_and_then_hours_without_another_statistic(settings, monkeypatch, at_once):
    settings.TELEMETRY_DAYS = 0
    monkeypatch.setattr(rollup, "AT_ONCE", at_once)
    _minutes(20, 120)
    _minutes(1, 20)
    before = _totals()
    run.run(NOW)
    old = [row for row in MetricDatum.objects.all() if row.timestamp < NOW - timedelta(days=15)]
    assert _totals() == before and MetricDatum.objects.count() - len(old) == 20
    begin = (NOW - timedelta(days=20)).timestamp()
    assert {int(row.timestamp.timestamp() - begin) // 300 for row in old} == {*range(24)}
    assert len(old) <= (24 if at_once == 5000 else 42)  # a step that ends within a period leaves two rows of it
    _ran(NOW + timedelta(days=60))
    run.run(NOW + timedelta(days=60))
    hours = [row for row in MetricDatum.objects.all() if row.timestamp < NOW - timedelta(days=15)]
    assert _totals() == before and {int(row.timestamp.timestamp() - begin) // 3600 for row in hours} == {0, 1}
    if at_once == 5000:
        assert [row.count for row in hours] == [120, 120]
        assert percentile(hours[0].sketch, 100) == pytest.approx(1059, rel=0.01)


def test_merging_goes_on_where_a_killed_run_was(settings, monkeypatch):
    settings.TELEMETRY_DAYS = 0
    monkeypatch.setattr(rollup, "AT_ONCE", 50)
    _minutes(20, 120)
    before, steps = _totals(), []

    def third_dies(rows, seconds):
        steps.append(len(rows))
        merge(rows, seconds)
        if len(steps) == 2:
            raise Killed

    merge = rollup._merge
    monkeypatch.setattr(rollup, "_merge", third_dies)
    with pytest.raises(Killed):
        run.run(NOW)
    assert _totals() == before
    run.run(NOW)
    assert _totals() == before and MetricDatum.objects.count() <= 27


def test_units_and_dimensions_stay_apart_and_an_unknown_distribution_stays_unknown(settings):
    settings.TELEMETRY_DAYS = 0
    _minutes(20, 3)
    _minutes(20, 3, unit="Percent")
    _minutes(20, 3, dimensions="other", sketch=None)
    run.run(NOW)
    rows = {(row.unit, row.dimensions): row for row in MetricDatum.objects.all()}
    assert len(rows) == MetricDatum.objects.count() == 3
    assert rows["None", "other"].sketch is None and sum(rows["None", "d"].sketch.values()) == 6


def test_a_clock_that_leaps_ahead_deletes_nothing_young(rows, caplog):
    leap = NOW + timedelta(days=3650)
    run.run(leap)
    assert _remaining()[0] == ["454", "1", "460"]
    assert "Is the clock right?" in caplog.text
    assert clock.advance(NOW) == NOW


def test_the_first_run_with_a_clock_that_is_ahead_goes_by_the_newest_row(rows):
    RetentionMark.objects.all().delete()
    LogEvent.objects.create(group="g", stream="s", timestamp=0, ingested=int(NOW.timestamp() * 1000), message="now")
    assert clock.advance(NOW + timedelta(days=3650)) == NOW + timedelta(days=1)
