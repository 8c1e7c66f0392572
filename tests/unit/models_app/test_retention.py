"""Logs, curves and events of finished jobs by age: thinned, archived, deleted, and killed in between."""

import gzip
import json
from datetime import UTC, timedelta

import pytest
from django.utils.timezone import now

from common.s3_uri import parse_s3_uri
from console.beat_schedule import beat_schedule
from models_app import aws
from models_app.aws import archive
from models_app.models import Endpoint, Event, LogLine, MetricPoint, RetentionClock, TrainingJob
from models_app.problems import Problem
from models_app.retention import clock, jobs, tasks
from models_app.retention.curves import select_points
from models_app.training import log_rest
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
    RetentionClock.objects.create(at=now())
    return s3


def _job(name: str, days: float, status: str = "Completed", lines: list[str] = LINES) -> TrainingJob:
    created = now() - timedelta(days=days)
    job = TrainingJob.objects.create(name=name, status=status, created=created, log_done=True)
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
    selected = select_points(points)
    assert len(selected) <= 300 and {0, 777, 4321, 9999} <= selected
    gaps = [b - a for a, b in zip(sorted(selected), sorted(selected)[1:], strict=False)]
    assert max(gaps) <= 2 * 10_000 / 149
    assert select_points(points[:300]) == {*range(300)}


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


def test_a_job_whose_log_is_refused_stays_and_keeps_no_other_from_the_archive(monkeypatch, caplog):
    refused, other = _job("refused", 470), _job("other", 460)

    def read_rest(job, total):
        if job == refused:
            raise aws.Refused("GetLogEvents is not allowed.", "AccessDenied")
        return iter([])

    monkeypatch.setattr(jobs, "read_rest", read_rest)
    tasks.run_for(5)
    other.refresh_from_db()
    refused.refresh_from_db()
    assert other.expired and not refused.expired and refused.lines.count() == len(LINES)
    assert "refused" in caplog.text


def test_many_failures_end_a_run(memory, monkeypatch):
    monkeypatch.setattr(tasks, "MOST_FAILURES", 3)
    for number in range(5):
        _job(f"job-{number}", 460 + number)
    calls = []

    def refuse(operation: str, key: str) -> None:
        calls.append(key)
        raise aws.Unavailable("S3 does not answer.")

    memory.fails = refuse
    tasks.run_for(5)
    assert len(calls) == 3 and LogLine.objects.count() == 5 * len(LINES)


def test_a_log_that_cloudwatch_deleted_is_archived_as_far_as_it_is_stored(monkeypatch):
    job = _job("long", 460)

    def read_rest(job, total):
        raise aws.NotFound("The specified log stream does not exist.")
        yield

    monkeypatch.setattr(jobs, "read_rest", read_rest)
    tasks.run_for(5)
    job.refresh_from_db()
    assert [text for _, text in archive.log_lines(job.archive)] == LINES


def test_a_log_that_is_not_read_to_its_end_stays():
    job = _job("unread", 460)
    TrainingJob.objects.filter(pk=job.pk).update(
        log_done=False, arn="arn:aws:sagemaker:us-east-1:1:training-job/unread"
    )
    tasks.run_for(5)
    assert job.lines.count() == len(LINES)


def test_what_comes_while_the_files_are_written_is_not_deleted(memory):
    job = _job("old", 460)

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


@pytest.mark.parametrize(
    "line",
    [
        b'{"timestamp":NaN,"message":""}',
        b'{"timestamp":1e300,"message":""}',
        b'{"timestamp":[],"message":""}',
        b"[" * 100_000,
        (b'{"timestamp":1,"message":"%s"}\n' % (b"x" * 1_000_000)) * 70,
    ],
    ids=["no time", "no year", "no number", "deep", "a bomb"],
)
def test_a_forged_log_is_named_and_breaks_no_page(memory, line):
    job = _job("old", 460)
    tasks.run_for(5)
    job.refresh_from_db()
    memory.objects[f"{job.archive.removeprefix('s3://')}/log.jsonl.gz"] = gzip.compress(line, 1)
    view = log_view(job)
    assert job.archive in view.problem and len(view.problem) < 1000
    assert sum(len(one.text) for one in view.lines) < 2_000_000


def test_half_a_character_in_the_archive_is_text_that_a_page_can_send(memory):
    job = _job("old", 460)
    tasks.run_for(5)
    job.refresh_from_db()
    archive.put(f"{job.archive}/log.jsonl.gz", [{"timestamp": 1, "message": "a \ud83d b"}])
    archive.put(f"{job.archive}/events.jsonl.gz", [{"at": "", "was": "", "became": "\udc00", "text": ""}])
    assert [line.text for line in log_view(job).lines] == ["a ? b"]
    assert archive.events(job.archive)[0]["became"] == "?"


def test_an_empty_page_of_cloudwatch_is_not_the_end_of_a_log(monkeypatch):
    job = _job("long", 1)
    monkeypatch.setattr(LogLine, "MOST", len(LINES))
    TrainingJob.objects.filter(pk=job.pk).update(log_stream="long/1")
    job.refresh_from_db()
    at = round(job.lines.last().at.timestamp() * 1000)
    pages = {
        None: ([], "a"),
        "a": ([{"timestamp": at, "message": "end"}], "b"),
        "b": ([], "c"),
        "c": ([{"timestamp": at + 1, "message": "more"}], "d"),
        "d": ([], "d"),
    }

    class Logs:
        def get_log_events(self, nextToken=None, **_):  # noqa: N803
            events, token = pages[nextToken]
            return {"events": events, "nextForwardToken": token}

    monkeypatch.setattr(aws, "client", lambda service: Logs())
    assert [text for _, text in log_rest.read_rest(job, len(LINES))] == ["more"]


@pytest.mark.parametrize("when", ["events", "manifest"])
def test_a_log_that_only_a_killed_run_has_read_from_cloudwatch_is_not_cut_short(memory, monkeypatch, when):
    """It was written, the process died before the rows were deleted, and CloudWatch deleted its log."""
    job = _job("long", 460)
    rest = [(now().astimezone(UTC), f"line {number} of CloudWatch") for number in range(3)]
    monkeypatch.setattr(jobs, "read_rest", lambda job, total: iter(rest))

    def kill(operation: str, key: str) -> None:
        if operation == "put" and when in key.rsplit("/", 1)[-1]:
            raise Killed

    memory.fails = kill
    with pytest.raises(Killed):
        tasks.run_for(5)
    memory.fails = lambda operation, key: None

    def gone(job, total):
        raise aws.NotFound("The specified log group does not exist.")
        yield

    monkeypatch.setattr(jobs, "read_rest", gone)
    tasks.run_for(5)
    job.refresh_from_db()
    assert [text for _, text in archive.log_lines(job.archive)] == [*LINES, *(text for _, text in rest)]


def test_a_log_of_other_lines_at_the_same_address_is_no_part_of_this_one(memory, monkeypatch):
    job = _job("long", 460)
    folder = f"s3://bucket/old/jobs/{job.created:%Y/%m}/long-{int(job.created.timestamp())}"
    archive.put(f"{folder}/log.jsonl.gz", [{"timestamp": 1000, "message": f"other {n}"} for n in range(9)])

    def gone(job, total):
        raise aws.NotFound("The specified log group does not exist.")
        yield

    monkeypatch.setattr(jobs, "read_rest", gone)
    tasks.run_for(5)
    job.refresh_from_db()
    assert job.archive == folder and [text for _, text in archive.log_lines(folder)] == LINES


def test_a_clock_that_leaps_ahead_deletes_nothing_young(caplog):
    young, nearly = _job("young", 100), _job("nearly", 453.5)
    leap = now() + timedelta(days=3650)
    for _hour in range(24):
        clock.advance(leap)
    time = clock.advance(now())
    assert time <= now() and "Is the clock right?" in caplog.text
    RetentionClock.objects.all().delete()  # as after an upgrade, with the clock wrong already
    young.events.update(at=now())
    assert clock.advance(leap) <= now() + timedelta(days=1)
    tasks.run_for(5)
    assert young.lines.count() == nearly.lines.count() == len(LINES)


def test_after_a_long_pause_runs_catch_up_by_days():
    last = now() - timedelta(days=30)
    RetentionClock.objects.update(at=last)
    times = [clock.advance(now()) for _hour in range(31)]
    assert times[0] == last + timedelta(days=1) and times[-1] > now() - timedelta(minutes=1)


def test_an_archived_log_that_is_longer_than_a_page_reads_says_so(memory, monkeypatch):
    job = _job("old", 460)
    tasks.run_for(5)
    job.refresh_from_db()
    monkeypatch.setattr(LogLine, "MOST", 3)
    view = log_view(job)
    assert (view.total, view.is_beginning, view.problem) == (3, True, "")


def test_an_archived_log_that_is_damaged_in_the_middle_is_shown_as_far_as_it_is_whole(memory):
    job = _job("old", 460)
    tasks.run_for(5)
    job.refresh_from_db()
    archive.put(f"{job.archive}/log.jsonl.gz", [{"timestamp": 1000, "message": "whole"}, {"timestamp": "x"}])
    view = log_view(job)
    assert [line.text for line in view.lines] == ["whole"] and job.archive in view.problem
