"""People and things of the console's tests, and a real object store to keep tables in."""

import gzip
import os
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User

from models_app import aws
from models_app.models import Model, TrainingJob


@pytest.fixture
def s3(store_url, monkeypatch):
    """A boto3 client of an S3 that really answers; the console's own door leads to it too."""
    where = urlsplit(store_url)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{where.hostname}:{where.port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", where.username)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", where.password)
    return aws.client("s3")


@pytest.fixture
def bucket(s3) -> str:
    name = f"tables-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def put(s3, bucket) -> Callable[..., str]:
    """Write text or bytes to a key of a fresh bucket; gives the s3:// address."""

    def write(content: str | bytes, key: str = "table.csv") -> str:
        body = content.encode() if isinstance(content, str) else content
        s3.put_object(Bucket=bucket, Key=key, Body=gzip.compress(body) if key.endswith(".gz") else body)
        return f"s3://{bucket}/{key}"

    return write


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
