"""A job's private folder, and what becomes of those nobody needs any more."""

import pytest

from engine.models import TrainingJob
from engine.training import folder, processes
from engine.training.claims import TRAINING, finish


@pytest.fixture
def job(db, jobs_folder):
    return TrainingJob.objects.create(region="us-east-1", name="a", request={})


def test_a_folder_is_private_and_clean_and_replaces_those_of_earlier_attempts(job, jobs_folder):
    job.attempt = 1
    first = folder.make(job)
    (first.model / "left").write_text("over")
    job.attempt = 2
    second = folder.make(job)
    assert [path.name for path in jobs_folder.iterdir()] == ["us-east-1-a-2"]
    assert oct(second.root.stat().st_mode)[-3:] == oct(jobs_folder.stat().st_mode)[-3:] == "700"
    assert list(second.model.iterdir()) == []
    assert folder.make(job).root == second.root  # an attempt that was given back uncounted has the number again


def test_the_sweep_removes_what_no_claimed_job_stands_behind(job, jobs_folder):
    assert folder.sweep() == 0  # there is no folder at all yet
    claim = TRAINING.take(job.pk)
    kept = folder.make(claim.row)
    (jobs_folder / "us-east-1-gone-1").mkdir()
    (jobs_folder / "us-east-1-a-9").mkdir()
    assert folder.sweep() == 2
    assert [path for path in jobs_folder.iterdir()] == [kept.root]
    finish(claim, "Completed", "Completed")
    assert folder.sweep() == 1


def test_processors_are_shared_among_the_jobs_under_way(monkeypatch):
    monkeypatch.setattr(processes, "cpus", lambda: 8)
    assert [folder.threads_for(n) for n in (0, 1, 2, 3, 20)] == [8, 8, 4, 2, 1]


def test_a_failure_file_is_read_in_part_and_may_be_missing(job):
    job.attempt = 1
    place = folder.make(job)
    assert place.failure() == ""
    (place.output / "failure").write_bytes(b"\xff" + b"x" * 10_000)
    assert len(place.failure()) == 4096
