"""Jobs and endpoints that other clients make appear here, and go when they are gone."""

import time
import uuid

import pytest
from django.conf import settings
from django.contrib.auth.models import User

import algorithms
from models_app import aws, tasks
from models_app.aws.s3 import ensure_bucket
from models_app.catalog import actions as model_actions
from models_app.catalog.adoption import save_as_model
from models_app.catalog.evaluating import EVALUATION
from models_app.endpoints import actions as endpoint_actions
from models_app.models import Endpoint, Evaluation, TrainingJob
from models_app.training import actions as job_actions
from tests.stack import FIRST_USER

pytestmark = pytest.mark.stack


def start_elsewhere(*more_channels: dict) -> str:
    """A training job that a plain client makes, of 60 rows; its name."""
    ensure_bucket(settings.DEFAULT_BUCKET)
    rows = "".join(f"{i % 2},{i},{i * i % 7}\n" for i in range(60))
    aws.client("s3").put_object(Bucket=settings.DEFAULT_BUCKET, Key="elsewhere/train.csv", Body=rows.encode())
    name = f"elsewhere-{uuid.uuid4().hex[:8]}"
    aws.client("sagemaker").create_training_job(
        TrainingJobName=name,
        RoleArn=settings.ROLE_ARN,
        AlgorithmSpecification={
            "TrainingImage": algorithms.get("xgboost").image_uri("us-east-1"),
            "TrainingInputMode": "File",
        },
        HyperParameters={"num_round": "5", "objective": "binary:logistic", "eval_metric": "auc"},
        InputDataConfig=[channel("train", "elsewhere/"), *more_channels],
        OutputDataConfig={"S3OutputPath": f"s3://{settings.DEFAULT_BUCKET}/elsewhere-out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    return name


def channel(name: str, prefix: str) -> dict:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{settings.DEFAULT_BUCKET}/{prefix}"}
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


@pytest.fixture
def elsewhere(engine) -> str:
    """A training job that a plain client made."""
    return start_elsewhere()


def test_a_job_made_elsewhere_appears_and_is_followed(worker, elsewhere):
    creator = User.objects.create(username=FIRST_USER)  # whose key it is that `elsewhere` signs with
    tasks.sync.find_others.apply(throw=True)
    job = TrainingJob.objects.get(name=elsewhere)
    assert job.external and job.owner is None and job.model is None

    def followed() -> bool:
        job.refresh_from_db()
        return job.status == "Completed" and job.round == 5

    worker.until(followed)
    assert job.owner == creator
    assert job.algorithm == "xgboost"
    assert job.metric.name == "train:auc"
    assert job.lines.exists()


def test_an_endpoint_made_elsewhere_appears_and_disappears(worker, trained):
    endpoint = model_actions.deploy(trained)

    def in_service() -> bool:
        endpoint.refresh_from_db()
        return endpoint.status == "InService"

    worker.until(in_service)
    name, config = f"theirs-{uuid.uuid4().hex[:8]}", endpoint.config_name
    sagemaker = aws.client("sagemaker")
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
    tasks.sync.find_others.apply(throw=True)
    theirs = Endpoint.objects.get(name=name)
    assert theirs.external and theirs.owner is None

    def answers() -> bool:
        theirs.refresh_from_db()
        return theirs.status == "InService" and theirs.config_name == config

    worker.until(answers)
    sagemaker.delete_endpoint(EndpointName=name)

    def gone() -> bool:
        tasks.sync.find_others.apply(throw=True)
        return not Endpoint.objects.filter(name=name).exists()

    worker.until(gone)

    # And ours, deleted behind the console's back: the model is merely trained again.
    sagemaker.delete_endpoint(EndpointName=endpoint.name)
    time.sleep(0.2)
    worker.until(lambda: tasks.sync.find_others.apply() and not Endpoint.objects.filter(pk=endpoint.pk).exists())
    trained.refresh_from_db()
    assert trained.status_word == "Ready"


@pytest.fixture
def finished_elsewhere(worker, elsewhere) -> TrainingJob:
    """The job of `elsewhere`, completed."""
    return completed(worker, elsewhere)


@pytest.fixture
def elsewhere_with_validation(worker) -> TrainingJob:
    """A completed job with a validation channel of 40 rows."""
    rows = "".join(f"{i % 2},{i},{i * i % 7}\n" for i in range(100, 140))
    ensure_bucket(settings.DEFAULT_BUCKET)
    aws.client("s3").put_object(Bucket=settings.DEFAULT_BUCKET, Key="elsewhere-v/rows.csv", Body=rows.encode())
    return completed(worker, start_elsewhere(channel("validation", "elsewhere-v/")))


def completed(worker, name: str) -> TrainingJob:
    tasks.sync.find_others.apply(throw=True)
    job = TrainingJob.objects.get(name=name)

    def done() -> bool:
        job.refresh_from_db()
        return job.status == "Completed" and bool(job.artifact)

    worker.until(done)
    return job


def test_the_model_of_a_job_made_elsewhere_is_saved_and_answers(worker, alice, finished_elsewhere):
    job = finished_elsewhere
    model = save_as_model(alice, job)
    assert save_as_model(alice, job) == model

    assert (model.name, model.owner, model.target, model.schema["classes"]) == (job.name, alice, "#1", ["0", "1"])
    assert model.schema["features"] == ["#2", "#3"] and model.schema["rows"] == 60
    endpoint = model_actions.deploy(model, f"saved-{uuid.uuid4().hex[:8]}")

    def in_service() -> bool:
        endpoint.refresh_from_db()
        assert endpoint.status != "Failed", endpoint.failure_reason
        return endpoint.status == "InService"

    worker.until(in_service)
    answer = endpoint_actions.invoke(endpoint, b"3,2\n", "text/csv", "text/csv")
    assert 0 <= float(answer.body) <= 1
    endpoint_actions.delete(endpoint)
    worker.until(lambda: not Endpoint.objects.filter(pk=endpoint.pk).exists())


def test_a_job_made_elsewhere_is_deleted_at_sagemaker_too(finished_elsewhere):
    name = finished_elsewhere.name

    job_actions.delete(finished_elsewhere)

    assert not TrainingJob.objects.filter(name=name).exists()
    with pytest.raises(aws.NotFound), aws.plain_errors():
        aws.client("sagemaker").describe_training_job(TrainingJobName=name)


def test_a_validation_channel_serves_as_test_rows(worker, alice, elsewhere_with_validation):
    model = save_as_model(alice, elsewhere_with_validation)

    assert model.schema["test_rows"] == 40
    evaluation = Evaluation.objects.get(job=model.job)
    EVALUATION.perform(evaluation.pk)
    evaluation.refresh_from_db()
    assert (evaluation.status, str(evaluation.failure)) == ("Done", "")
    assert evaluation.document["rows"] == 40
