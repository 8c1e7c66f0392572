"""Who may have a job, for how long, and how trainers hear of it."""

from datetime import timedelta

import pytest
from celery import current_app
from django.core.cache import cache
from django.utils.timezone import now

from engine.models import TrainingJob
from engine.training import claims, queue
from engine.training.claims import ATTEMPTS, ClaimLost


@pytest.fixture
def job(db):
    return TrainingJob.objects.create(region="us-east-1", name="a", request={})


@pytest.fixture
def nudged(monkeypatch):
    """Jobs the trainers were nudged about; `nudged.waiting` messages are said to be in the queue."""

    class Nudged(list):
        waiting = 0

    cache.clear()
    told = Nudged()
    monkeypatch.setattr(current_app, "send_task", lambda _task, arguments: told.append(*arguments))
    monkeypatch.setattr(queue, "_queued", lambda: told.waiting)
    yield told
    cache.clear()


def age(job, seconds: float, **fields) -> None:
    TrainingJob.objects.filter(pk=job.pk).update(
        heartbeat=now() - timedelta(seconds=seconds), modified=now() - timedelta(seconds=seconds), **fields
    )


def test_the_second_of_two_workers_loses_quietly(job):
    first = claims.take(job.pk)
    assert first and claims.take(job.pk) is None
    job.refresh_from_db()
    assert (job.owner, job.attempt) == (first.owner, 1)


def test_a_claim_that_was_taken_away_can_write_nothing(job):
    claim = claims.take(job.pk)
    TrainingJob.objects.update(owner="somebody else")
    for attempt in (
        claim.beat,
        lambda: claim.enter("Training"),
        lambda: claim.finish("Completed", "Completed"),
        claim.release,
    ):
        with pytest.raises(ClaimLost):
            attempt()
    job.refresh_from_db()
    assert (job.status, job.transitions) == ("InProgress", [])


def test_a_job_is_never_finished_twice(job):
    claim = claims.take(job.pk)
    claim.finish("Completed", "Completed")
    with pytest.raises(ClaimLost):
        claim.finish("Failed", "Failed")
    job.refresh_from_db()
    assert (job.status, job.owner) == ("Completed", "")
    assert claims.take(job.pk) is None


def test_a_fresh_claim_is_left_alone_and_a_stale_one_released_and_nudged(job, nudged):
    claims.take(job.pk)
    age(job, 10)
    assert claims.release_stale() == 0 and nudged == []
    age(job, 16)
    assert claims.release_stale() == 1 and nudged == [job.pk]
    job.refresh_from_db()
    assert (job.owner, job.attempt, job.secondary_status) == ("", 1, "Restarting")
    assert claims.take(job.pk).job.attempt == 2


def test_a_message_alone_is_enough_to_take_over_a_stale_claim(job):
    claims.take(job.pk)
    age(job, 16)
    assert claims.take(job.pk).job.attempt == 2


def test_a_job_whose_workers_are_lost_too_often_fails_as_our_fault(job, nudged):
    claims.take(job.pk)
    age(job, 16, attempt=ATTEMPTS)
    claims.release_stale()
    job.refresh_from_db()
    assert (job.status, nudged) == ("Failed", [])
    assert job.failure_reason.startswith("InternalServerError: the training worker was lost 6 times")


@pytest.mark.parametrize("claimed", [True, False])
def test_a_stopping_job_nobody_has_in_hand_is_stopped_at_once(job, claimed, nudged):
    if claimed:
        claims.take(job.pk)
    job.refresh_from_db()
    job.move_to("Stopping")
    age(job, 16)
    claims.release_stale()
    job.refresh_from_db()
    assert (job.status, job.secondary_status, nudged) == ("Stopped", "Stopped", [])


def test_a_nudge_for_a_stopping_job_stops_it(job):
    job.move_to("Stopping")
    assert claims.take(job.pk) is None
    job.refresh_from_db()
    assert job.status == "Stopped"


def test_a_waiting_job_whose_message_is_lost_is_nudged_once_in_a_while(job, nudged):
    claims.release_stale()
    assert nudged == []  # just made: its own nudge is under way
    age(job, 5)
    claims.release_stale()
    claims.release_stale()
    assert nudged == [job.pk]


def test_jobs_that_wait_their_turn_in_a_busy_queue_are_not_nudged_again(job, nudged):
    for name in "bcd":
        TrainingJob.objects.create(region="us-east-1", name=name, request={})
    TrainingJob.objects.update(modified=now() - timedelta(seconds=60))
    nudged.waiting = 4
    claims.release_stale()
    assert nudged == []
    nudged.waiting = 3  # one message is missing; whichever job is nudged, as many messages as jobs wait again
    claims.release_stale()
    assert nudged == [job.pk]


def test_the_real_queue_is_counted(db):
    with current_app.connection_for_write() as connection:
        connection.default_channel.queue_purge(queue.QUEUE)
    assert queue._queued() == 0
    cache.clear()
    assert queue.nudge(999_999) and queue._queued() == 1


def test_a_broker_that_is_away_is_no_error(job, monkeypatch):
    def away(*_):
        raise ConnectionError("no broker")

    monkeypatch.setattr(current_app, "send_task", away)
    assert queue.nudge(job.pk) is False
