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
from models_app.models import Endpoint, TrainingJob
from tests.stack import FIRST_USER

pytestmark = pytest.mark.stack


@pytest.fixture
def elsewhere(engine) -> str:
    """A training job that a plain client made."""
    ensure_bucket(settings.DEFAULT_BUCKET)
    rows = "".join(f"{i % 2},{i},{i * i % 7}\n" for i in range(60))
    aws.client("s3").put_object(Bucket=settings.DEFAULT_BUCKET, Key="elsewhere/train.csv", Body=rows.encode())
    name = f"elsewhere-{uuid.uuid4().hex[:8]}"
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{settings.DEFAULT_BUCKET}/elsewhere/"}
    aws.client("sagemaker").create_training_job(
        TrainingJobName=name,
        RoleArn=settings.ROLE_ARN,
        AlgorithmSpecification={
            "TrainingImage": algorithms.get("xgboost").image_uri("us-east-1"),
            "TrainingInputMode": "File",
        },
        HyperParameters={"num_round": "5", "objective": "binary:logistic", "eval_metric": "auc"},
        InputDataConfig=[{"ChannelName": "train", "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}],
        OutputDataConfig={"S3OutputPath": f"s3://{settings.DEFAULT_BUCKET}/elsewhere-out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    return name


def test_a_job_made_elsewhere_appears_and_is_followed(worker, elsewhere):
    creator = User.objects.create(username=FIRST_USER)  # whose key it is that `elsewhere` signs with
    tasks.sync.reconcile.apply(throw=True)
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
    tasks.sync.reconcile.apply(throw=True)
    theirs = Endpoint.objects.get(name=name)
    assert theirs.external and theirs.owner is None

    def answers() -> bool:
        theirs.refresh_from_db()
        return theirs.status == "InService" and theirs.config_name == config

    worker.until(answers)
    sagemaker.delete_endpoint(EndpointName=name)

    def gone() -> bool:
        tasks.sync.reconcile.apply(throw=True)
        return not Endpoint.objects.filter(name=name).exists()

    worker.until(gone)

    # And ours, deleted behind the console's back: the model is merely trained again.
    sagemaker.delete_endpoint(EndpointName=endpoint.name)
    time.sleep(0.2)
    worker.until(lambda: tasks.sync.reconcile.apply() and not Endpoint.objects.filter(pk=endpoint.pk).exists())
    trained.refresh_from_db()
    assert trained.status_word == "Ready"
