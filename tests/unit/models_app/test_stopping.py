"""Stopping a job of any kind: before its launch, while that is under way, at SageMaker; twice, late, many at once."""

from uuid import uuid4

import pytest

from models_app import aws
from models_app.models import TransformJob
from models_app.sync.reconcile import STOPPINGS
from models_app.work import stopping as module

pytestmark = pytest.mark.django_db
LAUNCHED_HERE = [stopping for stopping in STOPPINGS if stopping.created]


def named(stoppings):
    return pytest.mark.parametrize("stopping", stoppings, ids=lambda each: each.rows.__name__)


@pytest.fixture
def requests(monkeypatch) -> list:
    """The tasks that were sent, and what SageMaker was asked to stop."""
    requests: list = []
    monkeypatch.setattr(module, "enqueue", lambda task, pk: requests.append((task, pk)))
    for stopping in STOPPINGS:
        monkeypatch.setattr(stopping, "ask", lambda row: requests.append(row.name))
        monkeypatch.setattr(stopping, "arn_of_launched", lambda row: "", raising=False)
    return requests


def row_of(stopping, status: str, **fields):
    more = {"intent": uuid4()} if stopping.rows is TransformJob else {}
    return stopping.rows.objects.create(name=f"j-{uuid4()}", status=status, **more | fields)


@named(LAUNCHED_HERE)
def test_one_that_waits_is_stopped_at_once_and_taken_from_its_worker(stopping, requests):
    row = row_of(stopping, "Created", worker="somebody")
    assert stopping.stop(row)
    assert (row.status, row.worker, bool(row.ended), requests) == ("Stopped", "", True, [])
    assert not stopping.stop(row), "it has ended"


@named(LAUNCHED_HERE)
def test_one_whose_worker_moves_it_on_in_the_same_moment_is_stopped_by_the_task(stopping, requests, monkeypatch):
    row = row_of(stopping, "Created")
    refresh = stopping.rows.refresh_from_db

    def late(self, **value):
        refresh(self, **value)
        if self.status == "Created":
            stopping.rows.objects.filter(pk=self.pk).update(status="Launching")

    monkeypatch.setattr(stopping.rows, "refresh_from_db", late)
    assert stopping.stop(row)
    assert requests == [(stopping.task, row.pk)]


@named(LAUNCHED_HERE)
@pytest.mark.parametrize(("arn", "status"), [("", "Stopped"), ("arn:late", "Stopping")], ids=["never", "launched"])
def test_one_that_is_being_launched_ends_by_what_sagemaker_has(stopping, requests, monkeypatch, arn, status):
    row = row_of(stopping, "Launching")
    monkeypatch.setattr(stopping, "arn_of_launched", lambda row: arn)
    monkeypatch.setattr(stopping, "launch", stopping.end_launch)
    assert stopping.stop(row)
    for _ in range(2):
        stopping.take_step(row)
    assert (row.status, row.arn) == (status, arn)
    assert requests == [(stopping.task, row.pk), *([row.name] if arn else [])]


@named(STOPPINGS)
def test_one_at_sagemaker_is_asked_for_until_it_was(stopping, requests, monkeypatch):
    row = row_of(stopping, "InProgress")
    stopping.take_step(row)
    assert requests == [], "nobody wants that"
    assert all(stopping.stop(row) for _ in range(2))
    assert stopping.overdue() == [(stopping.task, row.pk)]

    def unavailable(row):
        raise aws.Unavailable("no answer")

    with monkeypatch.context() as away, pytest.raises(aws.Unavailable):
        away.setattr(stopping, "ask", unavailable)
        stopping.take_step(row)
    assert row.status == "InProgress"
    stopping.take_step(row)
    assert (row.status, requests[-1], stopping.overdue()) == ("Stopping", row.name, [])


@named(STOPPINGS)
@pytest.mark.parametrize("refused", [aws.NotFound, aws.Refused], ids=["gone", "denied"])
def test_one_that_sagemaker_does_not_stop_is_left_to_following(stopping, requests, monkeypatch, refused):
    def refuse(row):
        raise refused("no")

    row = row_of(stopping, "InProgress", stop_requested=True)
    monkeypatch.setattr(stopping, "ask", refuse)
    stopping.take_step(row)
    assert row.status == "InProgress"


@named(STOPPINGS)
def test_of_many_each_is_stopped_by_where_it_is_and_a_few_at_once(stopping, requests, monkeypatch):
    monkeypatch.setattr(module, "MESSAGES_AT_ONCE", 2)
    running = [row_of(stopping, "InProgress") for _ in range(3)]
    waiting = [row_of(stopping, "Created")] if stopping.created else []
    ended = row_of(stopping, "Completed")
    assert stopping.stop_many([row.pk for row in (*running, *waiting, ended)]) == 3 + len(waiting)
    assert len(requests) == 2 and len(stopping.overdue()) == 3
    assert [row.status for row in stopping.rows.objects.filter(pk__in=[row.pk for row in waiting])] == [
        "Stopped" for _ in waiting
    ]
    ended.refresh_from_db()
    assert not ended.stop_requested
