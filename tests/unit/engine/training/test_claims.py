"""What is special about claims on training jobs: stopping ones, secondary statuses, a lost worker's reason."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from common.db.claim import ClaimLost
from engine.models import TrainingJob
from engine.training.work import GRACE, TRAINING, UPLOAD, enter, finish


@pytest.fixture
def job(db):
    return TrainingJob.objects.create(region="us-east-1", name="a", request={})


@pytest.fixture
def sent(monkeypatch) -> list[int]:
    """Jobs that the trainers were asked about."""
    rows: list[int] = []
    monkeypatch.setattr(type(TRAINING), "send", lambda self, pk, delay=0.0: rows.append(pk) or True)
    return rows


def silence(**fields) -> None:
    TrainingJob.objects.update(heartbeat=Now() - timedelta(minutes=1), **fields)


def test_a_claim_that_was_taken_away_can_write_nothing(job):
    claim = TRAINING.take(job.pk)
    TrainingJob.objects.update(worker="somebody else")
    for write in (lambda: enter(claim, "Training"), lambda: finish(claim, "Completed", "Completed")):
        with pytest.raises(ClaimLost):
            write()
    job.refresh_from_db()
    assert (job.status, job.transitions) == ("InProgress", [])


def test_a_job_is_never_finished_twice(job):
    claim = TRAINING.take(job.pk)
    finish(claim, "Completed", "Completed")
    with pytest.raises(ClaimLost):
        finish(claim, "Failed", "Failed")
    job.refresh_from_db()
    assert (job.status, job.worker, job.heartbeat) == ("Completed", "", None)
    assert TRAINING.take(job.pk) is None


def test_a_released_job_says_that_it_starts_again(job, sent):
    TRAINING.take(job.pk)
    silence()
    assert TRAINING.release_stale() == 1 and sent == [job.pk]
    job.refresh_from_db()
    assert (job.worker, job.attempt, job.secondary_status) == ("", 1, "Restarting")
    assert [step["Status"] for step in job.transitions] == ["Starting", "Restarting"]


def test_a_job_whose_workers_are_lost_too_often_fails_as_our_fault(job, sent):
    TRAINING.take(job.pk)
    silence(attempt=TRAINING.max_attempts)
    TRAINING.release_stale()
    job.refresh_from_db()
    assert (job.status, sent) == ("Failed", [])
    assert job.failure_reason.startswith("InternalServerError: the training worker was lost 6 times")


def test_a_worker_that_hangs_past_the_time_limit_ends_the_job_as_out_of_time(job, sent):
    TrainingJob.objects.update(request={"StoppingCondition": {"MaxRuntimeInSeconds": 60}})
    TRAINING.take(job.pk)
    silence(work_started=Now() - timedelta(seconds=60 + GRACE + UPLOAD + 1))
    TRAINING.release_stale()
    job.refresh_from_db()
    assert (job.status, job.secondary_status, job.worker) == ("Stopped", "MaxRuntimeExceeded", "")


@pytest.mark.parametrize("claimed", [True, False])
def test_a_stopping_job_nobody_runs_is_stopped_at_once(job, claimed, sent):
    if claimed:
        TRAINING.take(job.pk)
    job.refresh_from_db()
    job.move_to("Stopping")
    silence()
    TRAINING.release_stale()
    TRAINING.stop_all_unclaimed()
    job.refresh_from_db()
    assert (job.status, job.secondary_status, sent) == ("Stopped", "Stopped", [])


def test_a_message_about_a_stopping_job_stops_it(job):
    job.move_to("Stopping")
    assert TRAINING.take(job.pk) is None
    job.refresh_from_db()
    assert job.status == "Stopped"
