"""From a table to a prediction by the verbs alone, and back to nothing."""

import pytest

from models_app import aws
from models_app.aws.requests import INTENT_TAG
from models_app.catalog import actions as model_actions
from models_app.create import submit
from models_app.endpoints import actions as endpoint_actions
from models_app.models import Endpoint, Model, TrainingJob
from models_app.problems import Declined, Problem
from models_app.sync import follow_job
from models_app.training import actions as job_actions
from tests.unit.tables.real import breast_cancer
from tests.wire.models_app.conftest import ENDLESS, prepare

pytestmark = pytest.mark.stack


def test_create_train_deploy_predict_delete(worker, alice, draft):
    model = submit.create(alice, draft(hyperparameters={"num_round": "30"}))
    assert model.status_word == "Queued"

    def deployed() -> bool:
        model.refresh_from_db()
        assert model.status_word != "Failed", model.failure
        return model.status_word == "Deployed"

    worker.until(deployed)
    job = model.job
    assert job.final_metrics["validation:auc"] > 0.95
    assert (job.metric.name, job.metric.goal) == ("validation:logloss", "min")
    assert (job.round, job.rounds, job.pct, len(job.curve)) == (30, 30, 100.0, 30)
    assert model.stages == ["done", "done", "done", "done"]
    assert model.schema["rows"] == 569
    assert job.points.filter(name="train:auc").count() == 30
    assert [line.number for line in job.lines.all()] == list(range(1, job.lines.count() + 1))
    messages = [event.text for event in job.events.order_by("at", "id")]
    for text in (f"Model {model.name} created", "Data checked: 569 rows, 30 features", "Training completed"):
        assert text in messages
    assert f"Deployed as {model.endpoint.name}" in messages

    row = breast_cancer().splitlines()[1].split(",")
    answer = endpoint_actions.invoke(model.endpoint, ",".join(row[:-1]).encode())
    assert answer.status == 200 and answer.variant == "AllTraffic"
    assert (float(answer.body) >= 0.5) == (row[-1] == "1")

    endpoint = model.endpoint
    endpoint_actions.delete(endpoint)
    worker.until(lambda: not Endpoint.objects.filter(pk=endpoint.pk).exists())
    model.refresh_from_db()
    assert model.status_word == "Ready"
    sagemaker = aws.client("sagemaker")
    for ask, name in (
        (lambda: sagemaker.describe_endpoint_config(EndpointConfigName=endpoint.config_name), "configuration"),
        (lambda: sagemaker.describe_model(ModelName=endpoint.sagemaker_model), "model"),
    ):
        with pytest.raises(aws.NotFound), aws.plain_errors():
            ask()
        assert name

    model_actions.delete(model)
    worker.until(lambda: not Model.objects.filter(pk=model.pk).exists())
    assert TrainingJob.objects.get(pk=job.pk).model is None


def test_the_name_may_be_used_again_after_a_delete(worker, alice, draft):
    first = submit.create(alice, draft(name="again", deploy_when_done=False))
    model_actions.delete(first)
    worker.until(lambda: not Model.objects.filter(pk=first.pk).exists())
    second = submit.create(alice, draft(name="again", deploy_when_done=False))
    assert second.pk != first.pk and second.job.name != TrainingJob.objects.get(pk=first.job_id).name
    model_actions.delete(second)
    worker.until(lambda: not Model.objects.filter(pk=second.pk).exists())


def test_stopped_before_its_launch_a_job_is_never_launched(worker, alice, draft):
    model = submit.create(alice, draft())
    job_actions.STOPPING.stop(model.job)
    worker.step()
    model.job.refresh_from_db()
    assert model.job.status == "Stopped"
    with pytest.raises(aws.NotFound), aws.plain_errors():
        aws.client("sagemaker").describe_training_job(TrainingJobName=model.job.name)


def test_stopped_between_preparing_and_launching_a_job_is_never_launched(worker, alice, draft):
    job = submit.create(alice, draft()).job
    prepare(job)
    assert job.status == "Launching"
    job_actions.STOPPING.stop(job)
    assert job.status_word == "Stopping"
    worker.step()
    job.refresh_from_db()
    assert job.status == "Stopped"
    with pytest.raises(aws.NotFound), aws.plain_errors():
        aws.client("sagemaker").describe_training_job(TrainingJobName=job.name)


def test_a_running_job_is_stopped(worker, alice, draft):
    job = submit.create(alice, draft(hyperparameters=ENDLESS)).job

    def reached(*statuses: str):
        def check() -> bool:
            job.refresh_from_db()
            return job.status in statuses

        return check

    worker.until(reached("InProgress"))
    job_actions.STOPPING.stop(job)
    worker.until(reached("Stopped"))
    assert job.is_final and job.tone == "stop"


def test_our_resources_carry_our_intent(trained):
    tags = aws.client("sagemaker").list_tags(ResourceArn=trained.job.arn)["Tags"]
    assert {"Key": INTENT_TAG, "Value": str(trained.job.intent)} in tags
    assert {"Key": "sagewright:model", "Value": trained.name} in tags


def test_deploying_twice_gives_the_one_endpoint(worker, trained):
    first = model_actions.deploy(trained)
    assert model_actions.deploy(trained) == first
    with pytest.raises(Problem, match="deployed as"):
        model_actions.deploy(trained, "another-name")
    endpoint_actions.delete(first)
    worker.until(lambda: not Endpoint.objects.filter(pk=first.pk).exists())


def test_calling_an_endpoint_that_is_not_there_says_so(trained):
    nowhere = Endpoint(name="nowhere-at-all")
    with pytest.raises(Declined, match="no endpoint nowhere-at-all in service"):
        endpoint_actions.invoke(nowhere, b"1,2")
    with pytest.raises(Problem, match="takes up to 6 MB"):
        endpoint_actions.invoke(nowhere, b"1," * 4 * 1024 * 1024)


def test_the_containers_own_words_come_through(worker, trained):
    endpoint = model_actions.deploy(trained)

    def in_service() -> bool:
        endpoint.refresh_from_db()
        return endpoint.status == "InService"

    worker.until(in_service)
    with pytest.raises(Declined) as declined:
        endpoint_actions.invoke(endpoint, b"1,2,3", content_type="text/csv")
    assert declined.value.status == 424
    assert declined.value.raw in declined.value.message


def test_a_job_deleted_elsewhere_fails_instead_of_waiting(trained):
    lost = TrainingJob.objects.create(name="never-was-1", status="InProgress", owner=trained.owner, arn="arn:x")
    follow_job(lost)
    assert lost.status == "Failed" and "deleted at SageMaker" in lost.failure_reason
