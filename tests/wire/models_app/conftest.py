"""The console's verbs against a real engine: the tests stand in for the console's worker, everything else runs."""

import itertools
import time
import uuid
from collections.abc import Callable
from dataclasses import fields
from functools import cache

import pytest
from celery import Celery, current_app
from django.contrib.auth.models import User
from django.core import serializers
from django.db import transaction

from common.db.queue import queue_of
from jobs import JobSpec
from models_app import aws, tasks
from models_app.create import submit
from models_app.models import Model, TrainingJob
from models_app.training.prepare import PREPARATION
from tables import Recipe
from tests.stack import Stack
from tests.unit.tables.real import breast_cancer
from tests.waiting import LIMIT, pause

# Hyperparameters of a job that is still training whenever a test looks at it, however busy the machine: rounds of many
# trees, which write a few lines a second.
ENDLESS = {"num_round": "5000", "num_parallel_tree": "100"}


class Worker:
    """Does what was asked of the queue, in order, and polls when there is nothing to do."""

    def __init__(self):
        self.queued: list[tuple[str, tuple]] = []

    def send(self, task: str, args: tuple, **_) -> None:
        if (task, args) not in self.queued:
            self.queued.append((task, args))

    def step(self) -> None:
        while self.queued:
            task, args = self.queued.pop(0)
            current_app.tasks[task].apply(args, throw=True)
        tasks.sync.poll.apply(throw=True)

    def until(self, condition: Callable[[], bool], within: float = LIMIT) -> None:
        """Work until `condition()` is true."""
        began = time.monotonic()
        while not condition():
            waited = time.monotonic() - began
            assert waited < within, f"not within {within:.0f} s; still asked for: {self.queued}"
            self.step()
            time.sleep(pause(waited))


def prepare(job: TrainingJob) -> None:
    """Prepare the data of `job` as a worker does."""
    PREPARATION.perform(job.pk)
    job.refresh_from_db()


@pytest.fixture
def engine(stack, transactional_db, monkeypatch):
    """The console's door leads to the running engine."""
    for name, value in stack.exports.items():
        monkeypatch.setenv(name, value)
    return stack


@pytest.fixture
def worker(engine, warm_tables, monkeypatch) -> Worker:
    worker = Worker()
    # Of every app: threads have a current one of their own, and the clock's may have been imported by another test.
    monkeypatch.setattr(Celery, "send_task", lambda app, task, args=(), *_, **more: worker.send(task, args, **more))
    with current_app.connection_for_write() as connection:  # messages of other tests, whose rows are gone
        channel = connection.default_channel
        channel.queue_declare(queue_of(PREPARATION.task), durable=True)
        channel.queue_purge(queue_of(PREPARATION.task))
    return worker


@pytest.fixture
def alice(transactional_db) -> User:
    return User.objects.create_user("alice", id=1_000_000)  # the same in every test: she owns the trained model


@pytest.fixture
def table(engine) -> str:
    """The breast-cancer table in a file of its own: a header, the label last."""
    bucket, key = _bucket_of(engine), f"{uuid.uuid4().hex[:12]}/breast-cancer.csv"
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=breast_cancer().encode())
    return f"s3://{bucket}/{key}"


@cache
def _bucket_of(stack: Stack) -> str:
    """The bucket of all tables on `stack`: a new one costs more than a table."""
    name = f"tables-{uuid.uuid4().hex[:12]}"
    stack.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def draft(table) -> Callable[..., JobSpec]:
    """A draft that can be created; a fresh name and intent each time. Changes may be the recipe's too."""
    of_recipe = {field.name for field in fields(Recipe)}

    def make(**changes) -> JobSpec:
        name = f"cancer-{uuid.uuid4().hex[:8]}"
        changes["recipe"] = Recipe(**{key: changes.pop(key) for key in list(changes) if key in of_recipe})
        return JobSpec(**{"name": name, "data_uri": table, "hyperparameters": {"num_round": "20"}} | changes)

    return make


@pytest.fixture(scope="session")
def rows_of_the_trained() -> list[str]:
    """What the console wrote of the trained model, as JSON; empty before the first test that asks for one."""
    return []


@pytest.fixture
def trained(worker, alice, draft, rows_of_the_trained) -> Model:
    """A model whose training is complete and which is not deployed; one job for all tests, an endpoint name for each.

    SageMaker keeps the job and its artifact; the console's rows go with each test and are put back for the next.
    """
    if not rows_of_the_trained:
        rows_of_the_trained.append(_rows_of(_train(worker, alice, draft)))
    else:
        with transaction.atomic():
            for row in serializers.deserialize("json", rows_of_the_trained[0]):
                row.save()
    Model.objects.update(endpoint_name=f"cancer-{uuid.uuid4().hex[:8]}")
    return Model.objects.get()


def _train(worker: Worker, alice: User, draft: Callable[..., JobSpec]) -> Model:
    model = submit.create(alice, draft(deploy_when_done=False))

    def done() -> bool:
        model.job.refresh_from_db()
        assert model.job.status != "Failed", model.job.failure_reason
        return model.job.status == "Completed"

    worker.until(done)
    return model


def _rows_of(model: Model) -> str:
    job = model.job
    rows = (Model.objects.filter(pk=model.pk), model.jobs.all(), job.points.all(), job.lines.all(), job.events.all())
    return serializers.serialize("json", itertools.chain(*rows))
