"""One click, one model; one launch, one job: whatever is lost on the way."""

import threading
import uuid
from contextlib import contextmanager
from datetime import timedelta

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from django.db import connections

from models_app import aws, tasks
from models_app.catalog import actions as model_actions
from models_app.create import submit
from models_app.endpoints import actions as endpoint_actions
from models_app.models import Endpoint, Model, TrainingJob
from models_app.problems import Invalid
from models_app.sync import reconcile
from models_app.training import actions as job_actions
from models_app.training.prepare import PREPARATION
from models_app.work.whole_table import WholeTable
from tests.wire.models_app.conftest import ENDLESS, prepare

pytestmark = pytest.mark.stack


@contextmanager
def answers_lost(operation: str):
    """SageMaker does what it is asked, once, but its answer never arrives; botocore's own retries included."""
    events = aws.client("sagemaker").meta.events
    lost = []

    def lose(**_):
        lost.append(1)
        raise ReadTimeoutError(endpoint_url="engine")

    events.register_last(f"after-call.sagemaker.{operation}", lose)
    try:
        yield lost
    finally:
        events.unregister(f"after-call.sagemaker.{operation}", lose)


@contextmanager
def nobody_answers(operation: str):
    """The request never reaches SageMaker."""
    events = aws.client("sagemaker").meta.events

    def refuse(**_):
        raise ConnectionClosedError(endpoint_url="engine")

    events.register_last(f"before-send.sagemaker.{operation}", refuse)
    try:
        yield
    finally:
        events.unregister(f"before-send.sagemaker.{operation}", refuse)


def jobs_at_sagemaker(model: Model) -> list[str]:
    pages = aws.client("sagemaker").get_paginator("list_training_jobs").paginate(NameContains=model.name)
    return [s["TrainingJobName"] for page in pages for s in page["TrainingJobSummaries"]]


def test_twenty_submits_of_one_form_make_one_model(worker, alice, draft):
    one, intent, created, failed = draft(deploy_when_done=False), uuid.uuid4(), [], []
    ready = threading.Barrier(20)

    def press() -> None:
        try:
            ready.wait()
            created.append(submit.create(alice, one, intent).pk)
        except Exception as e:
            failed.append(e)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(created) == 20 and len(set(created)) == 1
    assert (Model.objects.count(), TrainingJob.objects.filter(external=False).count()) == (1, 1)
    model = Model.objects.get()
    worker.until(lambda: TrainingJob.objects.get(pk=model.job_id).is_final)
    assert jobs_at_sagemaker(model) == [model.job.name]


def test_two_forms_with_one_name_make_one_model(worker, alice, draft):
    first = submit.create(alice, draft(name="twin", deploy_when_done=False))
    with pytest.raises(Invalid, match="twin already exists. Enter a different name, for example twin-b") as refused:
        submit.create(alice, draft(name="twin", deploy_when_done=False))
    assert refused.value.problems[0].field == "name"
    assert Model.objects.get() == first


def test_a_launch_whose_answer_is_lost_is_adopted(worker, alice, draft):
    job = submit.create(alice, draft(deploy_when_done=False)).job
    prepare(job)
    with answers_lost("CreateTrainingJob") as lost, pytest.raises(aws.Unavailable):
        job_actions.launch(job)
    assert lost
    job.refresh_from_db()
    assert job.status == "Launching" and "No answer" in job.note
    job_actions.launch(job)
    assert (job.status, job.note) == ("InProgress", "")
    assert jobs_at_sagemaker(job.model) == [job.name]


def test_a_worker_that_dies_before_writing_the_answer_down_is_made_good(worker, alice, draft, monkeypatch):
    job = submit.create(alice, draft(deploy_when_done=False)).job
    prepare(job)
    with monkeypatch.context() as dying:
        dying.setattr(TrainingJob, "move_to", lambda *_, **__: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            job_actions.launch(job)
    again = TrainingJob.objects.get(pk=job.pk)
    assert again.status == "Launching"
    TrainingJob.objects.filter(pk=job.pk).update(status_since=job.created - reconcile.GRACE * 2)
    assert ("training.launch_training_job", job.pk) in reconcile.overdue()
    job_actions.launch(again)
    assert again.status == "InProgress"
    assert jobs_at_sagemaker(job.model) == [job.name]


def test_a_job_of_others_with_our_name_is_not_adopted(worker, alice, draft):
    job = submit.create(alice, draft(deploy_when_done=False)).job
    prepare(job)
    with answers_lost("CreateTrainingJob"), pytest.raises(aws.Unavailable):
        job_actions.launch(job)
    TrainingJob.objects.filter(pk=job.pk).update(intent=uuid.uuid4())
    job.refresh_from_db()
    job_actions.launch(job)
    assert job.status == "Failed" and "was not made by this console" in job.failure_reason


def test_a_stop_after_a_lost_answer_stops_the_job_that_was_launched(worker, alice, draft):
    job = submit.create(alice, draft(deploy_when_done=False, hyperparameters=ENDLESS)).job
    prepare(job)
    with answers_lost("CreateTrainingJob"), pytest.raises(aws.Unavailable):
        job_actions.launch(job)
    job_actions.STOPPING.stop(job)

    def stopped() -> bool:
        job.refresh_from_db()
        return job.status == "Stopped"

    worker.until(stopped)


@pytest.mark.parametrize("operation", ["CreateModel", "CreateEndpointConfig", "CreateEndpoint"])
def test_a_deployment_whose_answer_is_lost_is_adopted(worker, trained, operation):
    endpoint = model_actions.deploy(trained)
    with answers_lost(operation) as lost, pytest.raises(aws.Unavailable):
        endpoint_actions.launch(endpoint)
    assert lost
    endpoint_actions.launch(endpoint)
    assert endpoint.status == "Creating"
    endpoint_actions.delete(endpoint)
    worker.until(lambda: not Endpoint.objects.filter(pk=endpoint.pk).exists())


def test_an_endpoint_name_taken_at_sagemaker_fails_and_is_left_alone(worker, trained):
    theirs = model_actions.deploy(trained)

    def in_service() -> bool:
        theirs.refresh_from_db()
        return theirs.status == "InService"

    worker.until(in_service)
    name = theirs.name
    Endpoint.objects.filter(pk=theirs.pk).delete()  # from now on somebody else's
    trained.refresh_from_db()
    ours = model_actions.add_endpoint(trained, name)
    endpoint_actions.launch(ours)
    assert ours.status == "Failed" and "was not made by this console" in ours.failure_reason
    endpoint_actions.delete(ours)
    worker.until(lambda: not Endpoint.objects.filter(pk=ours.pk).exists())
    described = aws.client("sagemaker").describe_endpoint(EndpointName=name)
    assert described["EndpointStatus"] == "InService"
    aws.client("sagemaker").delete_endpoint(EndpointName=name)


def test_without_an_answer_the_job_waits_and_says_so(worker, alice, draft):
    job = submit.create(alice, draft(deploy_when_done=False)).job
    prepare(job)
    with nobody_answers("CreateTrainingJob"), pytest.raises(aws.Unavailable):
        job_actions.launch(job)
    job.refresh_from_db()
    assert job.status == "Launching" and job.status_note.startswith("No answer from")
    assert jobs_at_sagemaker(job.model) == []


def test_lost_messages_are_made_good_by_reconcile(worker, alice, draft):
    model = submit.create(alice, draft(deploy_when_done=False))
    worker.queued.clear()  # the broker was flushed
    TrainingJob.objects.update(status_since=model.created - reconcile.GRACE * 2)
    tasks.sync.reconcile.apply(throw=True)
    assert (PREPARATION.task, (model.job.pk,)) in worker.queued


def test_a_preparation_that_died_is_started_again_when_its_lease_is_over(worker, alice, draft, monkeypatch):
    job = submit.create(alice, draft(deploy_when_done=False)).job
    with monkeypatch.context() as dying:
        dying.setattr(WholeTable, "prepare", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            prepare(job)
    prepare(job)
    assert (job.status, job.attempt) == ("Created", 1)  # the lease holds
    TrainingJob.objects.update(heartbeat=job.created - timedelta(seconds=60))
    worker.queued.clear()
    tasks.sync.reconcile.apply(throw=True)
    assert (PREPARATION.task, (job.pk,)) in worker.queued
    prepare(job)
    assert (job.status, job.attempt) == ("Launching", 2)


def test_a_table_that_kills_its_workers_fails_the_job(worker, alice, draft):
    job = submit.create(alice, draft(deploy_when_done=False)).job
    for _ in range(PREPARATION.max_attempts):
        assert PREPARATION.take(job.pk)
        TrainingJob.objects.update(heartbeat=job.created - timedelta(seconds=60))
    prepare(job)
    assert job.status == "Failed" and "died 5 times" in job.failure_reason


def test_a_stop_takes_the_job_from_the_worker_that_prepares(worker, alice, draft, monkeypatch):
    job = submit.create(alice, draft(deploy_when_done=False)).job

    def stopped_meanwhile(*_):
        job_actions.STOPPING.stop(TrainingJob.objects.get(pk=job.pk))
        raise aws.Refused("whatever else goes wrong")

    monkeypatch.setattr(WholeTable, "prepare", stopped_meanwhile)
    prepare(job)
    assert (job.status, job.failure_reason, job.worker) == ("Stopped", "", "")
