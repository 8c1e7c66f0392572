"""A job's private folder, and the removal of those that no worker needs."""

import os
import threading

import pytest

from engine.jobs import environment, folder
from engine.models import TrainingJob
from engine.training.work import TRAINING, finish

HOSTS = ("algo-1", "algo-2")


@pytest.fixture
def job(db, jobs_folder):
    return TrainingJob.objects.create(region="us-east-1", name="a", request={})


def mode(path) -> str:
    return oct(path.stat().st_mode)[-3:]


def test_a_folder_is_private_and_clean_and_replaces_those_of_earlier_attempts(job, jobs_folder):
    job.attempt = 1
    first = folder.create(job, HOSTS).member("algo-2")
    (first.model / "left").write_text("over")
    job.attempt = 2
    second = folder.create(job, HOSTS)
    assert [path.name for path in jobs_folder.iterdir()] == ["training-job-us-east-1-a-2"]
    assert sorted(path.name for path in second.root.iterdir()) == [*HOSTS]
    assert mode(second.root) == mode(second.member("algo-2").root) == mode(jobs_folder) == "700"
    assert list(second.member("algo-2").model.iterdir()) == []
    again = folder.create(job, HOSTS)  # an attempt that was given back uncounted has the number again
    assert again.root == second.root


def test_the_sweep_removes_folders_that_no_claimed_job_uses(job, jobs_folder):
    assert folder.sweep() == 0  # there is no folder at all yet
    claim = TRAINING.take(job.pk)
    used = folder.create(claim.row, HOSTS)
    (jobs_folder / "training-job-us-east-1-gone-1").mkdir()
    (jobs_folder / "training-job-us-east-1-a-9").mkdir()
    assert folder.sweep() == 2
    assert [path for path in jobs_folder.iterdir()] == [used.root]
    finish(claim, "Completed", "Completed")
    assert folder.sweep() == 1


def test_processors_are_shared_among_the_processes_under_way(monkeypatch):
    monkeypatch.setattr(environment, "cpus", lambda: 8)
    assert [environment.threads_for(n) for n in (0, 1, 2, 3, 20)] == [8, 8, 4, 2, 1]


def test_a_failure_file_is_read_in_part_and_may_be_missing(job):
    job.attempt = 1
    member = folder.create(job, HOSTS).member("algo-1")
    assert member.failure() == ""
    (member.output / "failure").write_bytes(b"\xff" + b"x" * 10_000)
    assert len(member.failure()) == 4096


def test_a_failure_that_is_no_file_is_none(job):
    """The process may have made it a pipe: it is not waited for."""
    member = folder.create(job, ("algo-1",)).member("algo-1")
    os.mkfifo(member.output / "failure")
    reader = threading.Thread(target=lambda: texts.append(member.failure()), daemon=True)
    texts: list[str] = []
    reader.start()
    reader.join(10)
    assert texts == [""]
