"""The real runner with a made-up workload of two members: folders, logs, stop, failure, a killed worker."""

import itertools
import os
import signal
import sys
import threading
import time

import pytest

from common.db.claim import ClaimLost
from engine.jobs import child, runner
from engine.jobs.journal import Journal
from engine.jobs.transfers import Transfers
from engine.models import LogEvent, MetricDatum, TrainingJob
from tests.unit.engine.jobs.worker import WORK
from tests.unit.engine.training.conftest import BUCKET
from tests.unit.engine.training.processes import alive, descendants
from tests.unit.engine.training.test_run import read_tar
from tests.unit.engine.training.test_workers import Machine
from tests.waiting import wait_for

_numbers = itertools.count(1)


@pytest.fixture
def make_errand(transactional_db, bucket, jobs_folder, _zygote_program):
    def make(one: list[str], two: list[str], **request) -> TrainingJob:
        steps = {"algo-1": one, "algo-2": two}
        return TrainingJob.objects.create(
            region="us-east-1", name=f"errand-{next(_numbers)}", request={"steps": steps} | request
        )

    return make


@pytest.fixture
def when_waiting(monkeypatch, settings):
    """Calls a function in the runner's own thread once both members wait."""
    settings.CLAIM_HEARTBEAT = 0.1

    def call(action) -> None:
        turn, called = runner.Runner._turn, []

        def watched(self):
            if not called and len(self.members) == 2 and all(_has_printed(m, "waiting") for m in self.members):
                called.append(action(self))
            turn(self)

        monkeypatch.setattr(runner.Runner, "_turn", watched)

    return call


def _has_printed(member, text: str) -> bool:
    member.journal.flush()
    return LogEvent.objects.filter(stream=member.journal._stream, message=text).exists()


def run(job: TrainingJob) -> TrainingJob:
    WORK.perform(job.pk)
    job.refresh_from_db()
    return job


def log_of(job: TrainingJob, host: str) -> list[str]:
    stream = f"{job.name}/{host}-{int(job.created.timestamp())}"
    return list(
        LogEvent.objects.filter(group="/errands", stream=stream).order_by("id").values_list("message", flat=True)
    )


def test_each_member_has_its_folder_process_log_metric_and_output(make_errand, bucket, jobs_folder):
    job = run(make_errand(["describe", "say=abc", "leave=one"], ["say=abcde", "describe", "leave=two"]))
    assert (job.status, job.failure_reason) == ("Completed", "")
    assert log_of(job, "algo-1") == ["algo-1 of algo-1 algo-2 in algo-1, group True", "abc speed=3;"]
    assert log_of(job, "algo-2") == ["abcde speed=5;", "algo-2 of algo-1 algo-2 in algo-2, group True"]
    assert [(m["MetricName"], m["Value"]) for m in job.final_metrics] == [("speed", 3.0)]  # the first member's
    dimensions = MetricDatum.objects.filter(namespace="Errands", unit="None").values_list("dimensions", "maximum")
    assert sorted(dimensions) == [(f"Host={job.name}/algo-1", 3.0), (f"Host={job.name}/algo-2", 5.0)]
    for host, text in (("algo-1", b"one"), ("algo-2", b"two")):
        assert read_tar(bucket, f"s3://{BUCKET}/errands/{job.name}/{host}.tar.gz") == {"result": text}
    assert list(jobs_folder.iterdir()) == []


def test_when_one_member_fails_the_other_is_killed_and_the_job_fails_with_its_reason(make_errand):
    begun = time.monotonic()
    job = run(make_errand(["wait=60"], ["fail=there is no such thing"]))
    assert (job.status, job.failure_reason) == ("Failed", "ClientError: there is no such thing, exit code: 7")
    assert time.monotonic() - begun < 30


def test_a_job_completes_when_its_slowest_member_has(make_errand):
    job = run(make_errand(["say=done"], ["wait=1", "say=late"]))
    assert job.status == "Completed" and log_of(job, "algo-2") == ["waiting", "late speed=4;"]


def test_a_stop_reaches_every_member_and_what_they_leave_is_uploaded(make_errand, bucket, when_waiting):
    when_waiting(lambda r: TrainingJob.objects.get(pk=r.job.pk).move_to("Stopping"))
    job = run(make_errand(["note_stop", "wait=60"], ["note_stop", "wait=60"]))
    assert (job.status, job.secondary_status) == ("Stopped", "Stopped")
    for host in ("algo-1", "algo-2"):
        assert read_tar(bucket, f"s3://{BUCKET}/errands/{job.name}/{host}.tar.gz") == {"stopped": b"politely"}


def test_a_member_that_dies_of_the_stop_leaves_the_others_their_time_to_save(make_errand, bucket, when_waiting):
    when_waiting(lambda r: TrainingJob.objects.get(pk=r.job.pk).move_to("Stopping"))
    job = run(make_errand(["wait=60"], ["note_stop=1", "wait=60"]))
    assert (job.status, job.secondary_status) == ("Stopped", "Stopped")
    assert read_tar(bucket, f"s3://{BUCKET}/errands/{job.name}/algo-2.tar.gz") == {"stopped": b"politely"}


def test_the_log_is_written_while_what_the_members_left_is_uploaded(make_errand, monkeypatch):
    closed, close, upload = threading.Event(), Journal.close, Transfers.upload

    def note_close(self):
        close(self)
        closed.set()

    def wait_for_log(self, *args):
        assert closed.wait(30), "the upload runs, and nobody writes the log"
        upload(self, *args)

    monkeypatch.setattr(Journal, "close", note_close)
    monkeypatch.setattr(Transfers, "upload", wait_for_log)
    job = run(make_errand(["say=abc", "leave=one"], ["say=abcde", "leave=two"]))
    assert (job.status, job.failure_reason) == ("Completed", "")
    assert (log_of(job, "algo-1"), log_of(job, "algo-2")) == (["abc speed=3;"], ["abcde speed=5;"])


def test_a_job_past_its_runtime_is_stopped(make_errand):
    job = run(make_errand(["wait=60"], ["wait=60"], seconds=1))
    assert (job.status, job.secondary_status) == ("Stopped", "MaxRuntimeExceeded")
    samples = set(MetricDatum.objects.filter(unit="Percent").values_list("name", "dimensions"))
    hosts = [f"Host={job.name}/algo-{number}" for number in (1, 2)]
    names = ("CPUUtilization", "MemoryUtilization", "DiskUtilization")
    assert samples == {(name, host) for name in names for host in hosts}


def test_a_workload_that_finds_fault_with_the_request_fails_the_job(make_errand):
    job = make_errand(["say=x"], ["say=y"])
    del job.request["steps"]["algo-2"]
    job.save(update_fields=["request"])
    assert run(job).failure_reason == "ClientError: Host algo-2 has no steps."


def test_a_lost_zygote_gives_the_job_back_and_another_attempt_completes_it(make_errand, when_waiting):
    when_waiting(lambda _: child.warm_up().process.kill())
    job = run(make_errand(["wait=1"], ["wait=1"]))
    assert (job.status, job.worker, job.attempt) == ("InProgress", "", 1)
    job = run(job)
    assert (job.status, job.attempt) == ("Completed", 2)
    assert [line for line in log_of(job, "algo-1") if "starts again from the beginning" in line]
    assert not [line for line in log_of(job, "algo-2") if "starts again" in line]


def test_a_claim_lost_while_a_zygote_loads_leaves_no_process_to_the_next_job(make_errand, monkeypatch):
    """The zygote has been asked for the first job's members, and starts them when it has loaded."""
    turn = runner.Runner._turn

    def lost(self):
        if self.members[0].output != -1 and not self.members[0].process:
            raise ClaimLost("while the zygote loads")
        turn(self)

    child.shut_down()
    with monkeypatch.context() as patch:
        patch.setattr(runner.Runner, "_turn", lost)
        run(make_errand(["wait=30"], ["wait=30"]))
    begun, job = time.monotonic(), run(make_errand(["say=a"], ["say=b"]))
    assert (job.status, log_of(job, "algo-1"), log_of(job, "algo-2")) == ("Completed", ["a speed=1;"], ["b speed=1;"])
    assert time.monotonic() - begun < 25


def test_a_member_that_floods_its_log_starves_neither_the_other_nor_the_claim(make_errand, settings):
    settings.CLAIM_HEARTBEAT, settings.CLAIM_LEASE = 0.1, 3.0
    job = run(make_errand(["flood=4"], ["say=a", "wait=1", "say=b"]))
    assert (job.status, job.attempt) == ("Completed", 1)
    flood, other = (LogEvent.objects.filter(stream__contains=host, group="/errands") for host in ("algo-1", "algo-2"))
    # Read while the flood went on, which takes four seconds: "b" is printed after one.
    assert other.get(message="b speed=1;").timestamp < flood.latest("timestamp").timestamp


@pytest.mark.kill
def test_the_job_of_a_killed_worker_is_taken_over(make_errand, gateway_url, tmp_path_factory):
    make_errand(["wait=3", "say=done"], ["wait=3", "say=done"])
    machine = Machine(tmp_path_factory.mktemp("m"), gateway_url)
    try:
        worker = machine.start(sys.executable, "-m", "tests.unit.engine.jobs.worker", "once")
        machine.wait(1, "Training")
        wait_for(lambda: len(descendants(worker.pid)) >= 3, "the zygote and two members")
        processes = descendants(worker.pid)
        os.kill(worker.pid, signal.SIGKILL)
        wait_for(lambda: not any(map(alive, processes)), "nothing of the killed worker to be left")
        machine.start(sys.executable, "-m", "tests.unit.engine.jobs.worker", "until-done")
        job = machine.wait(2, "Completed")
    finally:
        machine.end()
    assert (job["status"], job["worker"]) == ("Completed", "")
    log = machine.rows("SELECT stream, message FROM engine_logevent ORDER BY id")
    assert sorted(stream.split("/")[1][:6] for stream, message in log if message.startswith("done")) == [
        "algo-1",
        "algo-2",
    ]
    assert list((machine.data / "jobs").iterdir()) == []
