"""People and things of the console's tests."""

import os

import pytest
from django.contrib.auth.models import User

from models_app.models import Model, TrainingJob


@pytest.fixture
def alice(db) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def training(alice) -> TrainingJob:
    """Alice's job, in progress, with its model."""
    job = TrainingJob.objects.create(
        name="churn-1a2b3c4d",
        owner=alice,
        algorithm="xgboost",
        instance_type="ml.m5.large",
        status="InProgress",
        arn="arn:aws:sagemaker:us-east-1:123456789012:training-job/churn-1a2b3c4d",
        hyperparameters={"num_round": "100", "objective": "binary:logistic"},
        channels={
            "train": "s3://b/sagewright/churn-1a2b3c4d/train/",
            "validation": "s3://b/sagewright/churn-1a2b3c4d/validation/",
        },
    )
    job.model = Model.objects.create(name="churn", owner=alice, algorithm="xgboost", data_uri="s3://b/t.csv", job=job)
    job.save(update_fields=["model"])
    return job


@pytest.fixture
def no_endpoint(monkeypatch):
    for name in [name for name in os.environ if name.startswith("AWS_ENDPOINT")]:
        monkeypatch.delenv(name)
