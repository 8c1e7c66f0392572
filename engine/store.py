"""The object store behind the engine: any S3, named by one URL with its keys in it."""

import re
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ParamValidationError
from django.conf import settings

BUCKET = re.compile(r"[\w.-]{1,255}(?<!--x-s3)", re.ASCII)


class Store(NamedTuple):
    """Where the store answers and the private key it knows us by."""

    endpoint: str
    access_key: str
    secret_key: str


def store() -> Store:
    """The store of settings.STORE_URL, http(s)://ACCESS:SECRET@host:port."""
    parts = urlsplit(settings.STORE_URL)
    if not parts.hostname:
        raise RuntimeError(
            f"There is no object store. Set SAGEWRIGHT_STORE_URL, or start with `{settings.START_COMMAND}`."
        )
    host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    return Store(f"{parts.scheme}://{host}", unquote(parts.username or ""), unquote(parts.password or ""))


@cache
def client():
    """A boto3 client of the store itself, with our private key; thread-safe."""
    where = store()
    made = boto3.session.Session().client(
        "s3",
        endpoint_url=where.endpoint,
        aws_access_key_id=where.access_key,
        aws_secret_access_key=where.secret_key,
        region_name=settings.REGION,
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 5, "mode": "standard"}),
    )
    made.meta.events.register("before-parameter-build.s3", _stay_here)
    return made


def _stay_here(params: dict, **_) -> None:
    """Refuse what botocore would look for at another address, ARNs and directory buckets: callers name buckets too."""
    if not BUCKET.fullmatch(params.get("Bucket", "-")):
        raise ParamValidationError(report=f"{params['Bucket']!r} is not the name of a bucket of this store.")


def split(uri: str) -> tuple[str, str]:
    """("bucket", "key") of "s3://bucket/key"."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
