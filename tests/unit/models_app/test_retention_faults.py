"""Retention when it is killed, when S3 or CloudWatch fail, and when what they answer is damaged."""

import gzip
from datetime import UTC, timedelta

import pytest
from django.utils.timezone import now

from models_app import aws
from models_app.aws import archive
from models_app.models import LogLine, RetentionClock, TrainingJob
from models_app.problems import Problem
from models_app.retention import clock, jobs, tasks
from models_app.training import log_rest
from models_app.training.log import log_view
from tests.unit.models_app.old_jobs import LINES, Killed, gone, memory, old_job

__all__ = ["memory"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "when", [("put", "log"), ("get", "log"), ("put", "events"), ("put", "manifest"), ("get", "manifest")]
)
def test_nothing_is_lost_when_a_run_is_killed_at_any_call(memory, when):
    job = old_job("old", 460)

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
    job = old_job("old", 460)
    memory.reads = lambda key, data: data[:-1]
    tasks.run_for(5)
    assert job.lines.count() == len(LINES) and "nothing is deleted" in caplog.text


@pytest.mark.parametrize(
    "data", [b"", b"nothing", b"\x1f\x8b\x08", None], ids=["empty", "no gzip", "cut", "rows of another kind"]
)
def test_a_damaged_archive_is_named_and_breaks_no_page(memory, data):
    job = old_job("old", 460)
    tasks.run_for(5)
    job.refresh_from_db()
    if data is None:
        archive.put(f"{job.archive}/log.jsonl.gz", [{"timestamp": "x", "message": 1}])
    else:
        memory.reads = lambda key, body: data
    view = log_view(job)
    assert view.lines == [] and job.archive in view.problem


def test_an_archive_that_is_gone_is_a_problem(memory, monkeypatch):
    job = old_job("old", 460)
    tasks.run_for(5)
    job.refresh_from_db()

    def refuse(operation: str, key: str) -> None:
        raise aws.NotFound(f"There is no object {key}.")

    memory.fails = refuse
    assert "There is no object" in log_view(job).problem
    with pytest.raises(Problem):
        archive.events(job.archive)


def test_a_job_whose_log_is_refused_stays_and_keeps_no_other_from_the_archive(monkeypatch, caplog):
    refused, other = old_job("refused", 470), old_job("other", 460)

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
        old_job(f"job-{number}", 460 + number)
    calls = []

    def refuse(operation: str, key: str) -> None:
        calls.append(key)
        raise aws.Unavailable("S3 does not answer.")

    memory.fails = refuse
    tasks.run_for(5)
    assert len(calls) == 3 and LogLine.objects.count() == 5 * len(LINES)


def test_a_log_that_cloudwatch_deleted_is_archived_as_far_as_it_is_stored(monkeypatch):
    job = old_job("long", 460)

    monkeypatch.setattr(jobs, "read_rest", gone)
    tasks.run_for(5)
    job.refresh_from_db()
    assert [text for _, text in archive.log_lines(job.archive)] == LINES


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
    job = old_job("old", 460)
    tasks.run_for(5)
    job.refresh_from_db()
    memory.objects[f"{job.archive.removeprefix('s3://')}/log.jsonl.gz"] = gzip.compress(line, 1)
    view = log_view(job)
    assert job.archive in view.problem and len(view.problem) < 1000
    assert sum(len(one.text) for one in view.lines) < 2_000_000


def test_half_a_character_in_the_archive_is_text_that_a_page_can_send(memory):
    job = old_job("old", 460)
    tasks.run_for(5)
    job.refresh_from_db()
    archive.put(f"{job.archive}/log.jsonl.gz", [{"timestamp": 1, "message": "a \ud83d b"}])
    archive.put(f"{job.archive}/events.jsonl.gz", [{"at": "", "was": "", "became": "\udc00", "text": ""}])
    assert [line.text for line in log_view(job).lines] == ["a ? b"]
    assert archive.events(job.archive)[0]["became"] == "?"


def test_an_empty_page_of_cloudwatch_is_not_the_end_of_a_log(monkeypatch):
    job = old_job("long", 1)
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
    job = old_job("long", 460)
    rest = [(now().astimezone(UTC), f"line {number} of CloudWatch") for number in range(3)]
    monkeypatch.setattr(jobs, "read_rest", lambda job, total: iter(rest))

    def kill(operation: str, key: str) -> None:
        if operation == "put" and when in key.rsplit("/", 1)[-1]:
            raise Killed

    memory.fails = kill
    with pytest.raises(Killed):
        tasks.run_for(5)
    memory.fails = lambda operation, key: None

    monkeypatch.setattr(jobs, "read_rest", gone)
    tasks.run_for(5)
    job.refresh_from_db()
    assert [text for _, text in archive.log_lines(job.archive)] == [*LINES, *(text for _, text in rest)]


def test_a_log_of_other_lines_at_the_same_address_is_no_part_of_this_one(memory, monkeypatch):
    job = old_job("long", 460)
    folder = f"s3://bucket/old/jobs/{job.created:%Y/%m}/long-{int(job.created.timestamp())}"
    archive.put(f"{folder}/log.jsonl.gz", [{"timestamp": 1000, "message": f"other {n}"} for n in range(9)])

    monkeypatch.setattr(jobs, "read_rest", gone)
    tasks.run_for(5)
    job.refresh_from_db()
    assert job.archive == folder and [text for _, text in archive.log_lines(folder)] == LINES


def test_a_clock_that_leaps_ahead_deletes_nothing_young(caplog):
    young, nearly = old_job("young", 100), old_job("nearly", 453.5)
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


def test_an_archived_log_that_is_longer_than_a_page_reads_says_so(memory, monkeypatch):
    job = old_job("old", 460)
    tasks.run_for(5)
    job.refresh_from_db()
    monkeypatch.setattr(LogLine, "MOST", 3)
    view = log_view(job)
    assert (view.total, view.is_beginning, view.problem) == (3, True, "")


def test_an_archived_log_that_is_damaged_in_the_middle_is_shown_as_far_as_it_is_whole(memory):
    job = old_job("old", 460)
    tasks.run_for(5)
    job.refresh_from_db()
    archive.put(f"{job.archive}/log.jsonl.gz", [{"timestamp": 1000, "message": "whole"}, {"timestamp": "x"}])
    view = log_view(job)
    assert [line.text for line in view.lines] == ["whole"] and job.archive in view.problem
