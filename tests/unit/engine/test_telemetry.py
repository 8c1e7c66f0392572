"""Log events and metric data are kept for a time, and are found by age without an index."""

from datetime import UTC, datetime, timedelta

import pytest

from console.beat_schedule import beat_schedule
from engine import tasks
from engine.models import LogEvent, MetricDatum, telemetry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, tzinfo=UTC)
DAYS = (500, 456, 454, 1, 460)  # days ago, in the order in which rows were written; the last came late


@pytest.fixture
def rows(settings, monkeypatch):
    settings.TELEMETRY_DAYS = 455
    monkeypatch.setattr(tasks, "now", lambda: NOW)
    monkeypatch.setattr(telemetry, "AT_ONCE", 1)
    for days in DAYS:
        at = NOW - timedelta(days=days)
        ms = int(at.timestamp() * 1000)
        LogEvent.objects.create(group="g", stream="s", timestamp=ms, ingested=ms, message=str(days))
        MetricDatum.objects.create(namespace=str(days), name="m", timestamp=at, sum=1, minimum=1, maximum=1)


def _remaining() -> tuple[list[str], list[str]]:
    """The days of the rows that there still are."""
    logs = LogEvent.objects.order_by("pk").values_list("message", flat=True)
    return list(logs), list(MetricDatum.objects.order_by("pk").values_list("namespace", flat=True))


def test_what_is_older_than_the_limit_goes_up_to_the_first_that_stays(rows):
    tasks.expire_telemetry()
    assert _remaining() == (["454", "1", "460"], ["454", "1", "460"])


def test_without_a_limit_everything_stays(rows, settings):
    settings.TELEMETRY_DAYS = 0
    tasks.expire_telemetry()
    assert all(len(remaining) == len(DAYS) for remaining in _remaining())


def test_the_clock_asks_for_it():
    names = {entry["task"] for entry in beat_schedule(has_console=False, has_engine=True, poll_seconds=2).values()}
    assert "engine.tasks.expire_telemetry" in names
