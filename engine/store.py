"""The engine's own access to objects: S3 of the gateway, like everybody's, by a key that no person has."""

import hmac
import re
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import HTTPClientError, ParamValidationError
from django.conf import settings

from common import aws_models

ACCESS_KEY_ID = "SWKIAENGINE"  # no row: nobody can list it, revoke it or sign in with it
BUCKET = re.compile(r"[\w.-]{1,255}(?<!--x-s3)", re.ASCII)
AWAY = (502, 503, 504)
QUICK = 2.0
ONCE: dict[str, Any] = {"retries": {"total_max_attempts": 1}, "connect_timeout": QUICK, "read_timeout": QUICK}
PATIENT: dict[str, Any] = {"retries": {"max_attempts": 5, "mode": "standard"}}


class StoreUnavailable(HTTPClientError):
    """The gateway answers, and the object store behind it does not."""

    fmt = "The object store does not answer: {error}"


def secret_key() -> str:
    """Return the secret of ACCESS_KEY_ID, the same in every process of this deployment: made from its secret key."""
    return hmac.digest(settings.SECRET_KEY.encode(), b"the engine's own access to S3", "sha256").hex()


@cache
def client(quick: bool = False):
    """Return the boto3 S3 client of settings.GATEWAY_URL. Thread-safe; one a process. Raises RuntimeError without one.

    Its operations raise StoreUnavailable where AWS's would raise a ClientError for a service that does not answer. A
    `quick` one, for callers that have something else to go by, tries once and waits for QUICK seconds.
    """
    if not settings.GATEWAY_URL:
        raise RuntimeError(
            f"There is no gateway. Set SAGEWRIGHT_GATEWAY_URL, or start with `{settings.START_COMMAND}`."
        )
    s3 = boto3.session.Session(botocore_session=aws_models.session()).client(
        "s3",
        endpoint_url=settings.GATEWAY_URL,
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=secret_key(),
        region_name=settings.REGION,
        config=Config(s3={"addressing_style": "path"}, **(ONCE if quick else PATIENT)),
    )
    s3.meta.events.register("before-parameter-build.s3", _check_bucket_name)
    s3.meta.events.register("after-call.s3", _check_available)
    return s3


def _check_bucket_name(params: dict, **_) -> None:
    """Refuse ARNs and directory buckets: botocore would send them to another address, and callers name buckets."""
    if not BUCKET.fullmatch(params.get("Bucket", "-")):
        raise ParamValidationError(report=f"{params['Bucket']!r} is not the name of a bucket of this store.")


def _check_available(http_response, parsed: dict, **_) -> None:
    if http_response.status_code in AWAY:
        raise StoreUnavailable(error=parsed.get("Error", {}).get("Message", http_response.status_code))
