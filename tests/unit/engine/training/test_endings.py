"""How a job ends before its time: stopped, out of time, flooding, without its zygote, without its worker."""

import errno
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from django.db import connection

from common import log_allowance
from common.db import shutdown
from engine.jobs import child, log_lines, runner
from engine.jobs.folder import MemberFolder
from engine.jobs.metrics import Metrics
from engine.jobs.transfers import Transfers
from engine.models import LogEvent, TrainingJob
from engine.training.work import TRAINING
from tests.unit.engine.training.conftest import BUCKET
from tests.unit.engine.training.processes import named
from tests.unit.engine.training.test_run import log_of, read_tar


@pytest.fixture
def while_running(monkeypatch, settings):
    """Calls a function in the run's own thread, once the job has printed its first line."""

    def when_printed(action):
        real, done = runner.Runner._turn, []

        def turn(self):
            if self.members and self.members[0].journal._events and not done:
                done.append(action(self))
            real(self)

        monkeypatch.setattr(runner.Runner, "_turn", turn)

    settings.CLAIM_HEARTBEAT = 0.1
    return when_printed


def stop(run):
    TrainingJob.objects.get(pk=run.job.pk).move_to("Stopping")


@pytest.fixture
def signals(monkeypatch) -> list[int]:
    """The signals that were sent to processes that still ran."""
    sent, real = [], child.Child.send

    def send(self, number):
        if self.exit_code is None:
            sent.append(number)
        real(self, number)

    monkeypatch.setattr(child.Child, "send", send)
    return sent


def test_a_stopped_job_is_ended_by_one_signal_and_without_a_model(make_job, run, bucket, while_running, signals):
    runs = []
    while_running(lambda run: runs.append(run) or stop(run))
    job = run(make_job("wait", 60))
    assert signals == [signal.SIGTERM]
    assert runs[0].members[0].exit_code == -signal.SIGTERM  # it did not wait for its time to pass
    assert (job.status, job.secondary_status, job.failure_reason) == ("Stopped", "Stopped", "")
    assert [s["Status"] for s in job.transitions] == ["Starting", "Downloading", "Training", "Stopping", "Stopped"]
    assert "Contents" not in bucket.list_objects_v2(Bucket=BUCKET, Prefix=f"out/{job.name}/")


def test_a_stopped_job_keeps_the_model_its_trainer_left(make_job, run, bucket, while_running):
    while_running(stop)
    job = run(make_job("wait_and_save_when_stopped", 60))
    assert job.status == "Stopped"
    assert read_tar(bucket, job.artifact) == {"model": b"half a model"}


def test_one_that_will_not_stop_is_killed_after_the_grace(make_job, run, while_running, monkeypatch):
    monkeypatch.setattr(runner, "GRACE", 0.5)
    while_running(stop)
    job = run(make_job("shrug wait", 60))
    assert job.status == "Stopped" and log_of(job)[-1] == "no"


def test_a_job_out_of_time_is_stopped_as_MaxRuntimeExceeded(make_job, run, bucket):
    job = run(make_job("wait_and_save_when_stopped", 60, StoppingCondition={"MaxRuntimeInSeconds": 1}))
    assert (job.status, job.secondary_status) == ("Stopped", "MaxRuntimeExceeded")
    assert job.transitions[-1]["StatusMessage"] == "Training job runtime exceeded MaxRuntimeInSeconds provided"
    assert read_tar(bucket, job.artifact) == {"model": b"half a model"}


def test_what_a_job_started_goes_with_it(make_job, run):
    job = run(make_job("grandchild", "gone-with-job"))
    assert job.status == "Completed"
    assert "started gone-with-job" in log_of(job)
    assert not named("gone-with-job")


def test_a_daemon_with_a_session_of_its_own_goes_with_its_job(make_job, run):
    job = run(make_job("daemon", "daemon-of-job"))
    assert job.status == "Completed"
    assert log_of(job).count("daemon daemon-of-job") == 2
    assert not named("daemon-of-job")


def test_a_job_that_uses_more_memory_than_the_machine_gives_says_so(make_job, run, settings):
    settings.JOB_MEMORY = 768 * 2**20
    job = run(make_job("eat", 4096))
    assert job.status == "Failed"
    assert job.failure_reason.startswith(
        "AlgorithmError: The training process used more than 0.75 GiB of memory, the most"
    )
    assert "raise SAGEWRIGHT_JOB_MEMORY" in job.failure_reason and job.failure_reason.endswith("exit code: 137")


def test_a_job_that_uses_more_memory_than_its_instance_has_says_so(make_job, run, settings, monkeypatch):
    monkeypatch.setattr("engine.workloads.training.GIB", 96 * 2**20)  # ml.m5.large then has 768 MiB
    settings.JOB_MEMORY = 2**40
    job = run(make_job("eat", 4096))
    assert "GiB of memory, as much as ml.m5.large has. Please use an instance type with more" in job.failure_reason


def test_a_job_within_its_memory_completes(make_job, run, settings):
    settings.JOB_MEMORY = 768 * 2**20
    assert run(make_job("eat", 128)).status == "Completed"


def test_a_flood_is_cut_short_and_the_metrics_are_still_right(make_job, run, monkeypatch):
    monkeypatch.setattr(log_allowance.Allowance, "LINES", 1000)
    job = run(make_job("flood", 30_000))
    lines = log_of(job)
    assert job.status == "Completed" and 1000 <= len(lines) < 3000
    left_out = sum(int(line.split()[1]) for line in lines if line.endswith("Metrics are read from all."))
    assert left_out + len([line for line in lines if line.startswith("[") and "train-loss" in line]) == 30_000
    assert job.final_metrics[0]["Value"] == 29_999


def test_reading_a_flood_leaves_most_of_a_processor_to_others(make_job, run, monkeypatch):
    monkeypatch.setattr(log_allowance.Allowance, "LINES", 1000)
    began, used = time.monotonic(), time.thread_time()
    job = run(make_job("flood_for", 3))
    share = (time.thread_time() - used) / (time.monotonic() - began)
    assert job.status == "Completed" and share < 2 * runner.FLOOD_SHARE


def test_lines_without_a_metric_are_not_searched_one_by_one(make_job, run, monkeypatch):
    read: list[str] = []
    monkeypatch.setattr(Metrics, "read", lambda self, line, at: read.append(line))
    job = run(make_job("binary"))
    assert job.status == "Completed" and read == [] and len(log_of(job)) == 3


SLOW = [{"Name": f"m{i}", "Regex": rf"(a|b)+{i}=(\S+)|\[x{i}\] (\S+)"} for i in range(66)]


@pytest.mark.parametrize("stopped", [pytest.param(False, marks=pytest.mark.long), True])
def test_a_job_that_prints_faster_than_it_is_read_keeps_its_worker(make_job, run, settings, stopped):
    """Its lines are searched for 66 metrics, which takes far longer than the lease; a stop is noticed all the same."""
    settings.CLAIM_HEARTBEAT, settings.CLAIM_LEASE = 0.1, 3.0
    image = {"TrainingImage": "x/double:1", "TrainingInputMode": "File", "MetricDefinitions": SLOW}
    job = make_job("flood_for", 60 if stopped else 8, AlgorithmSpecification=image)
    released, ended = [], threading.Event()

    def others() -> None:
        """Other workers, who would take the job if they could; and the one who stops it."""
        begun, query = time.monotonic(), not stopped
        while not ended.wait(0.2):
            released.append(TRAINING.release_stale())
            if not query and time.monotonic() - begun > 2 * settings.CLAIM_LEASE:
                query = TrainingJob.objects.get(pk=job.pk).move_to("Stopping")
        connection.close()

    thread = threading.Thread(target=others)
    thread.start()
    begun = time.monotonic()
    try:
        job = run(job)
    finally:
        ended.set()
        thread.join()
    assert len(released) > 5 and sum(released) == 0
    assert (job.status, job.attempt) == ("Stopped" if stopped else "Completed", 1), job.failure_reason
    assert not stopped or time.monotonic() - begun < 20


def test_bytes_that_are_no_text_are_logged_all_the_same(make_job, run):
    job = run(make_job("binary"))
    assert log_of(job) == ["��#000#033[1m#011ok", "x" * log_lines.MAX_LINE, "x" * (300_000 - log_lines.MAX_LINE)]


def test_a_job_whose_zygote_dies_is_given_back_and_runs_again(make_job, run, while_running):
    while_running(lambda run: child.warm_up().process.kill())
    job = run(make_job("wait", 1))
    assert (job.status, job.secondary_status, job.worker, job.attempt) == ("InProgress", "Restarting", "", 1)
    job = run(job)
    assert (job.status, job.attempt) == ("Completed", 2)
    assert [s["Status"] for s in job.transitions][2:5] == ["Training", "Restarting", "Downloading"]
    assert len(set(LogEvent.objects.filter(stream__startswith=job.name + "/").values_list("stream", flat=True))) == 1


def test_a_job_whose_sandbox_is_killed_from_outside_is_given_back_and_runs_again(make_job, run, while_running):
    while_running(lambda run: os.kill(run.members[0].process.pid, signal.SIGKILL))
    job = run(make_job("wait", 1))
    assert (job.status, job.secondary_status, job.attempt) == ("InProgress", "Restarting", 1)
    job = run(job)
    assert (job.status, job.attempt) == ("Completed", 2)


def test_a_dead_zygote_is_replaced_before_a_job_notices(make_job, run):
    child.warm_up().process.kill()
    assert run(make_job()).status == "Completed"


def no_folder(monkeypatch, jobs_folder):
    jobs_folder.write_text("a file is where the folder should be")


def full_disk_while_it_is_prepared(monkeypatch, jobs_folder):
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(MemberFolder, "_write_start", lambda *_, **__: (_ for _ in ()).throw(full))


def full_disk_while_the_model_is_packed(monkeypatch, jobs_folder):
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(Transfers, "pack", lambda *_: (_ for _ in ()).throw(full))


@pytest.mark.parametrize("fault", [no_folder, full_disk_while_it_is_prepared, full_disk_while_the_model_is_packed])
def test_a_disk_that_refuses_costs_an_attempt_and_is_the_reason_in_the_end(
    make_job, run, jobs_folder, monkeypatch, fault
):
    fault(monkeypatch, jobs_folder)
    job = run(make_job())
    assert (job.status, job.worker, job.attempt) == ("InProgress", "", 1)
    TrainingJob.objects.update(attempt=TRAINING.max_attempts - 1)
    job = run(job)
    assert (job.status, job.attempt) == ("Failed", TRAINING.max_attempts)
    assert job.failure_reason.startswith("InternalServerError: the training worker could not run this job in 6")
    assert "Errno" in job.failure_reason and "lost" not in job.failure_reason


def test_a_worker_that_shuts_down_gives_the_job_back_uncounted(make_job, run, while_running, monkeypatch):
    while_running(lambda _: monkeypatch.setattr(shutdown, "requested", lambda: True))
    job = run(make_job("wait", 60))
    assert (job.status, job.worker, job.attempt) == ("InProgress", "", 0)
    assert log_of(job)[-1] == "[sagewright] The worker is shutting down."


def test_a_worker_that_lost_its_claim_kills_the_child_and_touches_nothing(make_job, run, while_running):
    observed = []

    def take_away(run):
        observed.append(TrainingJob.objects.filter(pk=run.job.pk).update(worker="somebody else", attempt=2))

    while_running(take_away)
    job = run(make_job("wait", 60))
    assert (job.status, job.secondary_status, job.worker, job.attempt) == ("InProgress", "Training", "somebody else", 2)
    time.sleep(0.3)  # the killed child's end is reported to a worker that no longer asks ...
    assert run(make_job("curve", 3)).status == "Completed"  # ... and is not taken for the next job's


def test_a_process_nobody_can_kill_does_not_hold_the_worker_for_ever(make_job, run, while_running, monkeypatch):
    monkeypatch.setattr(runner, "GRACE", 0.1)
    monkeypatch.setattr(runner, "UNKILLABLE", 0.2)
    monkeypatch.setattr(child.Child, "send", lambda *_: None)
    while_running(stop)
    job = run(make_job("wait", 60))
    assert (job.status, job.secondary_status) == ("Stopped", "Stopped")


def test_the_zygote_has_its_libraries_loaded_and_a_single_thread_when_it_forks(make_job, run):
    run(make_job())
    zygote = child.warm_up().process.pid
    assert "libxgboost" in Path(f"/proc/{zygote}/maps").read_text()
    assert len(list(Path(f"/proc/{zygote}/task").iterdir())) == 1
