"""Fetches the schema that a model names in its environment from the object store, again after a failure.

While the store does not answer, it is the one that this machine fetched last.
"""

import logging
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from common.s3_uri import is_s3_uri, split_s3_uri
from engine import store
from engine.serving import last_known
from engine.serving.model_schema import SchemaError

VARIABLE = "SAGEWRIGHT_SCHEMA"  # of the model's environment: s3://bucket/key of its schema.json
MAX_SIZE = 32 * 1024**2  # bytes of a schema
RETRY_SECONDS = 10.0  # seconds before a schema that could not be read is tried again
REFRESH_SECONDS = 5.0  # seconds for which answers with labels may follow a schema that was replaced meanwhile
log = logging.getLogger(__name__)


class SchemaDocument:
    """The schema of one model. `error` says in words why it cannot be used, "" if it can or if the model has none."""

    def __init__(self, environment: Mapping[str, str]):
        self.uri = environment.get(VARIABLE, "")
        self.error = ""
        self._read_at = 0.0
        self._etag = ""

    @property
    def is_due(self) -> bool:
        """Whether a schema that could not be used is to be tried again."""
        return bool(self.error) and time.monotonic() - self._read_at > RETRY_SECONDS

    @property
    def is_stale(self) -> bool:
        """Whether a schema that is in use may have been replaced: its threshold is a person's to move."""
        return bool(self.uri) and not self.error and time.monotonic() - self._read_at > REFRESH_SECONDS

    def changed(self) -> Mapping[str, Any] | None:
        """The schema if it was replaced since it was fetched; None if not, or while that cannot be told."""
        self._read_at = time.monotonic()
        try:
            document, self._etag = _fetch(self.uri, self._etag)
        except SchemaError:
            return None
        return document

    def fetch(self) -> Mapping[str, Any] | None:
        """The schema, None if the model has none or it cannot be read; `error` says why."""
        if not self.uri:
            return None
        self._read_at = time.monotonic()
        try:
            (document, self._etag), self.error = _fetch(self.uri), ""
        except SchemaError as e:
            self.reject(e)
            return None
        return document

    def reject(self, error: SchemaError | str) -> None:
        """Note that the schema cannot be used."""
        self.error = f"The model's schema {self.uri} cannot be used: {error}."
        log.warning(self.error)


def _fetch(uri: str, etag: str = "") -> tuple[Mapping[str, Any] | None, str]:
    """(the schema, its ETag), None for the schema that has `etag`. Raises SchemaError."""
    bucket, key = split_s3_uri(uri)
    if not is_s3_uri(uri) or not key:
        raise SchemaError("its address must be s3://bucket/key")
    last = last_known.recall(uri)
    unless = {"IfNoneMatch": etag} if etag else {}
    try:
        response = store.client(quick=last is not None).get_object(Bucket=bucket, Key=key, **unless)
        if response["ContentLength"] > MAX_SIZE:
            raise SchemaError(f"it is larger than {MAX_SIZE} bytes")
        content, etag = response["Body"].read(), response["ETag"]
    except ClientError as e:
        if e.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_MODIFIED:
            return None, etag
        raise SchemaError("there is no such object") from e
    except BotoCoreError as e:
        if last is None:
            raise SchemaError(f"the object store does not answer ({type(e).__name__})") from e
        if etag:
            return None, etag
        content = last
    try:
        schema = orjson.loads(content)
    except orjson.JSONDecodeError as e:
        raise SchemaError(f"it is no JSON ({e})") from e
    if not isinstance(schema, dict):
        raise SchemaError("it is no JSON object")
    last_known.remember(uri, content)
    return schema, etag
