"""The object store behind the engine: any S3, addressed by one URL that holds its keys."""

import re
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ParamValidationError
from django.conf import settings

BUCKET = re.compile(r"[\w.-]{1,255}(?<!--x-s3)", re.ASCII)


class StoreAddress(NamedTuple):
    """The store's address and the engine's private key for it."""

    endpoint: str
    access_key: str
    secret_key: str


def store() -> StoreAddress:
    """Return the store of settings.STORE_URL, http(s)://ACCESS:SECRET@host:port. Raises RuntimeError without one."""
    parts = urlsplit(settings.STORE_URL)
    if not parts.hostname:
        raise RuntimeError(
            f"There is no object store. Set SAGEWRIGHT_STORE_URL, or start with `{settings.START_COMMAND}`."
        )
    host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    return StoreAddress(f"{parts.scheme}://{host}", unquote(parts.username or ""), unquote(parts.password or ""))


@cache
def client():
    """Return the boto3 S3 client of the store, with the engine's private key. Thread-safe; one a process."""
    backend = store()
    s3 = boto3.session.Session().client(
        "s3",
        endpoint_url=backend.endpoint,
        aws_access_key_id=backend.access_key,
        aws_secret_access_key=backend.secret_key,
        region_name=settings.REGION,
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 5, "mode": "standard"}),
    )
    s3.meta.events.register("before-parameter-build.s3", _check_bucket_name)
    return s3


def _check_bucket_name(params: dict, **_) -> None:
    """Refuse ARNs and directory buckets: botocore would send them to another address, and callers name buckets."""
    if not BUCKET.fullmatch(params.get("Bucket", "-")):
        raise ParamValidationError(report=f"{params['Bucket']!r} is not the name of a bucket of this store.")
