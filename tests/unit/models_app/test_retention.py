"""Logs, curves and events of finished jobs by age: thinned, archived, deleted."""

import json
from datetime import UTC, timedelta

import pytest
from django.utils.timezone import now

from console.beat_schedule import beat_schedule
from models_app.aws import archive
from models_app.models import Endpoint, Event, LogLine, MetricPoint, RetentionClock, TrainingJob
from models_app.retention import clock, jobs, tasks
from models_app.retention.curves import select_points
from models_app.training.log import log_view
from tests.unit.models_app.old_jobs import LINES, memory, old_job

__all__ = ["memory"]
pytestmark = pytest.mark.django_db


def test_an_old_log_is_archived_and_read_from_there_line_by_line(memory):
    job, young, running = old_job("old", 455), old_job("young", 453), old_job("running", 500, "InProgress")
    before = log_view(job)
    tasks.run_for(5)
    job.refresh_from_db()
    assert job.expired and job.archive == f"s3://bucket/old/jobs/{job.created:%Y/%m}/old-{int(job.created.timestamp())}"
    assert not job.lines.exists() and not job.events.exists()
    assert young.lines.count() == running.lines.count() == len(LINES)
    after = log_view(job)
    milliseconds = [line.at.replace(microsecond=line.at.microsecond // 1000 * 1000) for line in before.lines]
    assert [(line.number, line.text, line.level) for line in after.lines] == [
        (line.number, line.text, line.level) for line in before.lines
    ]
    assert all(abs(a.at - b) <= timedelta(milliseconds=1) for a, b in zip(after.lines, milliseconds, strict=True))
    found = log_view(job, find="VALUEERROR")
    assert (found.matches, found.at) == (1, 2) and after.first_error == 2
    assert [event["became"] for event in archive.events(job.archive)] == ["Completed"]
    manifest = json.loads(memory.objects[f"{job.archive.removeprefix('s3://')}/manifest.json"])
    assert manifest["job"] == "old" and manifest["files"]["log.jsonl.gz"]["rows"] == len(LINES)


def test_what_only_cloudwatch_has_is_archived_too(monkeypatch):
    job = old_job("long", 460)
    monkeypatch.setattr(jobs, "read_rest", lambda job, total: iter([(now().astimezone(UTC), f"line {total + 1}")]))
    tasks.run_for(5)
    job.refresh_from_db()
    assert [text for _, text in archive.log_lines(job.archive)] == [*LINES, "line 5"]


def test_without_an_archive_old_logs_and_events_are_deleted(settings, memory):
    settings.TELEMETRY_ARCHIVE = None
    job = old_job("old", 460, "Failed")
    endpoint = Endpoint.objects.create(name="e")
    Event.objects.create(endpoint=endpoint, became="InService", at=now() - timedelta(days=460))
    tasks.run_for(5)
    job.refresh_from_db()
    assert job.expired and not job.archive and not job.lines.exists() and not memory.objects
    assert not Event.objects.exists()
    assert "ValueError" in str(job.error_lines)  # the cause outlives the log
    assert log_view(job).lines == []


def test_without_a_limit_nothing_goes(settings):
    settings.TELEMETRY_DAYS = 0
    job = old_job("old", 4000)
    tasks.run_for(5)
    assert job.lines.count() == len(LINES)


def test_events_of_endpoints_are_archived_with_the_endpoint_s_name(memory):
    endpoint = Endpoint.objects.create(name="churn")
    for days in (500, 1):
        Event.objects.create(endpoint=endpoint, became="InService", at=now() - timedelta(days=days))
    tasks.run_for(5)
    assert Event.objects.count() == 1
    (key,) = memory.objects
    assert "/events/" in key
    assert [row["endpoint"] for row in archive._rows(f"s3://{key}")] == ["churn"]


def test_a_thinned_curve_keeps_its_ends_and_every_peak():
    values = [1 / (number + 1) + (5 if number == 777 else -5 if number == 4321 else 0) for number in range(10_000)]
    points = [(number, number, value) for number, value in enumerate(values)]
    selected = select_points(points)
    assert len(selected) <= 300 and {0, 777, 4321, 9999} <= selected
    gaps = [b - a for a, b in zip(sorted(selected), sorted(selected)[1:], strict=False)]
    assert max(gaps) <= 2 * 10_000 / 149
    assert select_points(points[:300]) == {*range(300)}


def test_curves_of_finished_jobs_are_thinned_once_and_those_of_others_stay():
    old, young, running = old_job("old", 16), old_job("young", 14), old_job("running", 16, "InProgress")
    for job in (old, young, running):
        MetricPoint.objects.bulk_create(
            MetricPoint(job=job, name=name, round=number, value=number * (1 if name == "a" else -1))
            for name, count in (("a", 1000), ("b", 10))
            for number in range(count)
        )
    tasks.run_for(5)
    assert old.points.filter(name="a").count() <= 300 and old.points.filter(name="b").count() == 10
    assert {*old.points.filter(name="a", round__in=(0, 999)).values_list("round", flat=True)} == {0, 999}
    assert young.points.count() == running.points.count() == 1010
    old.refresh_from_db()
    assert old.points_thinned and old.lines.count() == len(LINES)


def test_the_clock_asks_for_it_and_a_run_ends_with_its_time():
    names = {entry["task"] for entry in beat_schedule(has_console=True, has_engine=False, poll_seconds=2).values()}
    assert "models_app.retention.tasks.run_retention" in names
    job = old_job("old", 460)
    tasks.run_for(0)
    assert job.lines.exists()


def test_a_log_that_is_not_read_to_its_end_stays():
    job = old_job("unread", 460)
    TrainingJob.objects.filter(pk=job.pk).update(
        log_done=False, arn="arn:aws:sagemaker:us-east-1:1:training-job/unread"
    )
    tasks.run_for(5)
    assert job.lines.count() == len(LINES)


def test_what_comes_while_the_files_are_written_is_not_deleted(memory):
    job = old_job("old", 460)

    def arrive(operation: str, key: str) -> None:
        if operation == "put" and key.endswith("manifest.json"):
            LogLine.objects.create(job=job, number=len(LINES) + 1, at=now(), text="late")
            Event.objects.create(job=job, became="Completed", at=now(), text="late")

    memory.fails = arrive
    tasks.run_for(5)
    assert job.lines.get().text == job.events.get().text == "late"


def test_events_of_another_database_with_the_same_ids_are_not_replaced(memory):
    endpoint = Endpoint.objects.create(name="churn")
    for text in ("production", "staging"):
        Event.objects.create(pk=7, endpoint=endpoint, became="InService", at=now() - timedelta(days=500), text=text)
        tasks.run_for(5)
    assert sorted(row["text"] for key in memory.objects for row in archive._rows(f"s3://{key}")) == [
        "production",
        "staging",
    ]


def test_after_a_long_pause_runs_catch_up_by_days():
    last = now() - timedelta(days=30)
    RetentionClock.objects.update(at=last)
    times = [clock.advance(now()) for _hour in range(31)]
    assert times[0] == last + timedelta(days=1) and times[-1] > now() - timedelta(minutes=1)
