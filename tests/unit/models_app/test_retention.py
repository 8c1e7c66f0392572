"""Logs, curves and events of finished jobs by age: thinned, archived, deleted, and killed in between."""

import json
from datetime import UTC, timedelta

import pytest
from django.utils.timezone import now

from common.s3_uri import parse_s3_uri
from console.beat_schedule import beat_schedule
from models_app import aws
from models_app.aws import archive
from models_app.models import Endpoint, Event, LogLine, MetricPoint, TrainingJob
from models_app.problems import Problem
from models_app.retention import jobs, tasks
from models_app.retention.curves import kept_points
from models_app.training.log import log_view
from tests.s3_memory import MemoryS3

pytestmark = pytest.mark.django_db
LINES = ["start", "ValueError: could not convert", "한국어 \u2028 line", "end"]


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


@pytest.fixture(autouse=True)
def memory(settings, monkeypatch) -> MemoryS3:
    """An archive in memory."""
    s3 = MemoryS3()
    settings.TELEMETRY_DAYS, settings.TELEMETRY_ARCHIVE = 455, parse_s3_uri("s3://bucket/old/")
    monkeypatch.setattr(aws, "client", lambda service: s3)
    monkeypatch.setattr(jobs, "read_rest", lambda job, total: iter([]))
    return s3


def _job(name: str, days: float, status: str = "Completed", lines: list[str] = LINES) -> TrainingJob:
    created = now() - timedelta(days=days)
    job = TrainingJob.objects.create(name=name, status=status, created=created)
    LogLine.objects.bulk_create(
        LogLine(job=job, number=number, at=created + timedelta(seconds=number), text=text)
        for number, text in enumerate(lines, 1)
    )
    Event.objects.create(job=job, was="InProgress", became=status, at=created, text="Training completed")
    return job


def test_an_old_log_is_archived_and_read_from_there_line_by_line(memory):
    job, young, running = _job("old", 455), _job("young", 453), _job("running", 500, "InProgress")
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
    job = _job("long", 460)
    monkeypatch.setattr(jobs, "read_rest", lambda job, total: iter([(now().astimezone(UTC), f"line {total + 1}")]))
    tasks.run_for(5)
    job.refresh_from_db()
    assert [text for _, text in archive.log_lines(job.archive)] == [*LINES, "line 5"]


@pytest.mark.parametrize(
    "when", [("put", "log"), ("get", "log"), ("put", "events"), ("put", "manifest"), ("get", "manifest")]
)
def test_nothing_is_lost_when_a_run_is_killed_at_any_call(memory, when):
    job = _job("old", 460)

    def kill(operation: str, key: str) -> None:
        if operation == when[0] and when[1] in key.rsplit("/", 1)[-1]:
            raise Killed

    memory.fails = kill
    with pytest.raises(Killed):
        tasks.run_for(5)
    job.refresh_from_db()
    assert job.lines.count() == len(LINES) and job.events.count() == 1 and not job.expired
    memory.fails = lambda operation, key: None
    tasks.run_for(5)
    job.refresh_from_db()
    assert [text for _, text in archive.log_lines(job.archive)] == LINES
    assert len(memory.objects) == 3


def test_a_copy_that_is_not_what_was_written_deletes_nothing(memory, caplog):
    job = _job("old", 460)
    memory.reads = lambda key, data: data[:-1]
    tasks.run_for(5)
    assert job.lines.count() == len(LINES) and "nothing is deleted" in caplog.text


def test_without_an_archive_old_logs_and_events_are_deleted(settings, memory):
    settings.TELEMETRY_ARCHIVE = None
    job = _job("old", 460, "Failed")
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
    job = _job("old", 4000)
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


@pytest.mark.parametrize(
    "data", [b"", b"nothing", b"\x1f\x8b\x08", None], ids=["empty", "no gzip", "cut", "rows of another kind"]
)
def test_a_damaged_archive_is_named_and_breaks_no_page(memory, data):
    job = _job("old", 460)
    tasks.run_for(5)
    job.refresh_from_db()
    if data is None:
        archive.put(f"{job.archive}/log.jsonl.gz", [{"timestamp": "x", "message": 1}])
    else:
        memory.reads = lambda key, body: data
    view = log_view(job)
    assert view.lines == [] and job.archive in view.problem


def test_an_archive_that_is_gone_is_a_problem(memory, monkeypatch):
    job = _job("old", 460)
    tasks.run_for(5)
    job.refresh_from_db()

    def refuse(operation: str, key: str) -> None:
        raise aws.NotFound(f"There is no object {key}.")

    memory.fails = refuse
    assert "There is no object" in log_view(job).problem
    with pytest.raises(Problem):
        archive.events(job.archive)


def test_a_thinned_curve_keeps_its_ends_and_every_peak():
    values = [1 / (number + 1) + (5 if number == 777 else -5 if number == 4321 else 0) for number in range(10_000)]
    points = [(number, number, value) for number, value in enumerate(values)]
    kept = kept_points(points)
    assert len(kept) <= 300 and {0, 777, 4321, 9999} <= kept
    gaps = [b - a for a, b in zip(sorted(kept), sorted(kept)[1:], strict=False)]
    assert max(gaps) <= 2 * 10_000 / 149
    assert kept_points(points[:300]) == {*range(300)}


def test_curves_of_finished_jobs_are_thinned_once_and_those_of_others_stay():
    old, young, running = _job("old", 16), _job("young", 14), _job("running", 16, "InProgress")
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
    job = _job("old", 460)
    tasks.run_for(0)
    assert job.lines.exists()
