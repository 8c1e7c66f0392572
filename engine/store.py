"""The object store behind the engine: any S3, named by one URL with its keys in it."""

from functools import cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import boto3
from botocore.config import Config
from django.conf import settings


class Store(NamedTuple):
    """Where the store answers and the private key it knows us by."""

    endpoint: str
    access_key: str
    secret_key: str


def store() -> Store:
    """The store of settings.STORE_URL, http(s)://ACCESS:SECRET@host:port."""
    parts = urlsplit(settings.STORE_URL)
    if not parts.hostname:
        raise RuntimeError("There is no object store. Set SAGEWRIGHT_STORE_URL, or start with `make run`.")
    host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    return Store(f"{parts.scheme}://{host}", unquote(parts.username or ""), unquote(parts.password or ""))


@cache
def client():
    """A boto3 client of the store itself, with our private key; thread-safe."""
    where = store()
    return boto3.session.Session().client(
        "s3",
        endpoint_url=where.endpoint,
        aws_access_key_id=where.access_key,
        aws_secret_access_key=where.secret_key,
        region_name=settings.REGION,
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 5, "mode": "standard"}),
    )


def split(uri: str) -> tuple[str, str]:
    """("bucket", "key") of "s3://bucket/key"."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
