"""A real object store to keep tables in."""

import gzip
import uuid
from collections.abc import Callable

import pytest

from engine import store
from models_app import aws


@pytest.fixture
def s3(gateway_url, monkeypatch):
    """A boto3 client of an S3 that really answers; the console's own door leads to it too."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", gateway_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", store.ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", store.secret_key())
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
