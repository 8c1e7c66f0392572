"""The only door to AWS: boto3 clients, and what can come back, in plain words.

Problem
├── Unavailable        try later: no connection, throttled, 5xx, still busy with an earlier change
│   └── NoRoom         not before somebody has made room on the disk of the store
└── Refused            never will: the request itself is at fault
    ├── AlreadyExists  the name is taken; often good news
    └── NotFound       what it names does not exist (also a Missing)
"""

import os
import time
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock

import boto3
from boto3.exceptions import S3UploadFailedError
from botocore import exceptions
from botocore.config import Config
from django.conf import settings

from common import aws_models
from common.problems import Missing, Problem, Unavailable
from models_app.aws import quota

_LATER_CODES = {
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestTimeout",
    "SlowDown",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "InternalFailure",
    "InternalError",
    "OperationAborted",
    "ModelNotReadyException",
}
_TAKEN_CODES = {"ResourceInUse", "BucketAlreadyOwnedByYou", "BucketAlreadyExists", "ResourceAlreadyExistsException"}
# No bucket can have an invalid name: who opens its address is told as for any other that is not there.
_GONE_CODES = {
    *("NoSuchKey", "NoSuchBucket", "InvalidBucketName", "404", "ResourceNotFound", "ResourceNotFoundException"),
}
_GONE_TEXTS = ("could not find", "requested resource not found", "recordnotfound", "unable to describe notebook")
# Far above anything that the console asks of them; IAM of the engine only.
_UNLIMITED = {"s3", "sqs", "sagemaker-runtime", "iam"}
_making = Lock()
PAUSE = 5.0  # seconds after a timeout in which people's pages ask nothing
_for_people = False
_silent_until = 0.0  # on the monotonic clock


class NoRoom(Unavailable):
    """The disk of the store is full: it helps to make room, not to wait."""


class Refused(Problem):
    """AWS will not do it. `code` is AWS's own, `response` boto3's dict."""

    def __init__(self, message: str, code: str = "", response: dict | None = None):
        super().__init__(message)
        self.code = code
        self.response = response or {}


class AlreadyExists(Refused):
    """The name is taken."""


class NotFound(Refused, Missing):
    """There is nothing of that name."""


def client(service: str, *, streamed: bool = False):
    """The boto3 client of `service`; thread-safe, made once. Raises Unavailable rather than talk to AWS by accident.

    A `streamed` one sends bodies as they come in, which can be read once only: it neither hashes them beforehand nor
    sends them again.
    """
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    if settings.BACKEND == "engine" and not endpoint:
        raise Unavailable(
            f"There is no engine to ask: AWS_ENDPOINT_URL is not set. Start with `{settings.START_COMMAND}`, or choose "
            "Amazon's own SageMaker with SAGEWRIGHT_BACKEND=aws."
        )
    with _making:
        access_key = os.environ.get("AWS_ACCESS_KEY_ID", "") or settings.CONSOLE_KEY
        return _client(service, endpoint, access_key, settings.REGION, streamed)


def serve_people() -> None:
    """From now on this process answers people: a call that hangs fails in seconds, and is not repeated for them.

    Tasks wait longer and try again, for nobody waits for them.
    """
    global _for_people
    _for_people = True
    _client.cache_clear()


@lru_cache(maxsize=32)
def _client(service: str, endpoint: str, access_key: str, region: str, streamed: bool):
    # A prediction is asked for once: a second try behind the person's back would double the wait.
    once = streamed or service == "sagemaker-runtime"
    quick = _for_people and not once
    retries = {"mode": "standard", "total_max_attempts": 1 if once or quick else 3}
    s3: dict = {"addressing_style": "path" if endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") else "auto"}
    if streamed:
        s3["payload_signing_enabled"] = False
    config = Config(
        connect_timeout=2 if quick else 3,
        read_timeout=4 if quick else 30,
        retries=retries,
        max_pool_connections=25,
        user_agent_extra=f"sagewright/{settings.VERSION}",
        s3=s3,
        # A checksum would have to be known before the body; whoever streams compares the ETag instead.
        request_checksum_calculation="when_required" if streamed else None,
    )
    aws_client = _session(access_key, region).client(service, config=config)
    if quick:
        aws_client.meta.events.register("before-call", _refuse_while_silent)
    if service not in _UNLIMITED:
        aws_client.meta.events.register("before-call", _wait_for_turn)
    return aws_client


@lru_cache(maxsize=4)
def _session(access_key: str, region: str) -> boto3.session.Session:
    """The session of all clients: each of its own would read and keep botocore's models of the services again.

    An `access_key` with its secret after a colon is used, else boto3 finds one as it always does.
    """
    name, _, secret = access_key.partition(":")
    keys = {"aws_access_key_id": name, "aws_secret_access_key": secret} if secret else {}
    return boto3.session.Session(region_name=region, botocore_session=aws_models.session(), **keys)


def _refuse_while_silent(**_) -> None:
    """Do not ask what did not answer a moment ago: a page asks several questions, and each would wait."""
    if time.monotonic() < _silent_until:
        raise Unavailable(f"No answer from {_where()}. Try again in a few seconds.")


def _where() -> str:
    return os.environ.get("AWS_ENDPOINT_URL") or f"AWS in {settings.REGION}"


def _wait_for_turn(model, **_) -> None:
    try:
        quota.take(model.name)
    except quota.Busy:
        raise Unavailable(f"Too many {model.name} calls at once. It is tried again shortly.") from None


@contextmanager
def plain_errors():
    """Turn whatever boto3 raises inside into Unavailable, Refused, AlreadyExists or NotFound."""
    try:
        yield
    except (exceptions.ClientError, S3UploadFailedError) as e:
        raise _outcome(e) from e
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as e:
        raise Unavailable("There are no AWS credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.") from e
    except (exceptions.ParamValidationError, exceptions.InvalidS3AddressingStyleError) as e:
        raise Refused(str(e).removeprefix("Parameter validation failed:\n"), "ParamValidation") from e
    except exceptions.BotoCoreError as e:
        if isinstance(e, exceptions.ReadTimeoutError | exceptions.ConnectTimeoutError):
            global _silent_until
            _silent_until = time.monotonic() + PAUSE
            raise Unavailable(f"No answer from {_where()}. Try again in a few seconds.") from e
        raise Unavailable(f"No answer from {_where()}: {_one_line(e)}") from e


def _outcome(e: Exception) -> Problem:
    if not isinstance(e, exceptions.ClientError):
        return Unavailable(_one_line(e))
    error = e.response.get("Error", {})
    code, text = error.get("Code", ""), error.get("Message") or _one_line(e)
    status = e.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    lower = text.lower()
    if code == "InsufficientStorage":
        return NoRoom(f"{e.operation_name} is not possible right now: {text}")
    if code in _LATER_CODES or "in-progress" in lower or (status >= 500 and status != 501):
        return Unavailable(f"{e.operation_name} is not possible right now: {text}")
    if code in _TAKEN_CODES or "already exist" in lower or "cannot create a duplicate" in lower:
        return AlreadyExists(text, code, e.response)
    if code in _GONE_CODES or lower.startswith(_GONE_TEXTS):
        return NotFound(text, code, e.response)
    return Refused(text, code, e.response)


def _one_line(e: Exception) -> str:
    return " ".join(str(e).split())
