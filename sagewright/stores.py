"""Where the command's tables lie: any S3 by the standard AWS variables, or a path of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from botocore.exceptions import BotoCoreError, ClientError

from common.problems import Missing, Problem, Unavailable
from tables.store import Folder, Object, TranslatedStream

LOCAL = "local"  # the bucket that a local path is given as
_GONE = ("NoSuchBucket", "NoSuchKey", "404")


class S3:
    """A `tables.Store` on a boto3 client; it only reads."""

    def __init__(self, client: Any):
        self._client = client

    def list_objects(self, bucket: str, prefix: str) -> Iterator[Object]:
        """Yield the objects whose keys start with `prefix`. Raises Missing, Unavailable or Problem."""
        with _in_words():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            for page in pages:
                for o in page.get("Contents", ()):
                    yield Object(o["Key"], o["Size"], o["LastModified"], o["ETag"].strip('"'))

    def fetch(self, bucket: str, key: str, start: int, end: int, etag: str = "") -> bytes:
        """Return the bytes `start` to `end` (exclusive) of the version `etag`, "" for any. Raises as `list_objects`."""
        with _in_words():
            return self._get(bucket, key, etag, Range=f"bytes={start}-{end - 1}").read()

    def open(self, bucket: str, key: str, etag: str = "") -> BinaryIO:
        """Return the body of the version `etag`, "" for any, as a stream. Raises as `list_objects`."""
        return cast(BinaryIO, TranslatedStream(self._get(bucket, key, etag), _in_words))

    def put(self, bucket: str, key: str, body: BinaryIO, content_type: str) -> None:
        """Raise Problem: a check writes nothing."""
        raise Problem("Checking writes nothing.")

    def _get(self, bucket: str, key: str, etag: str, **more: str) -> Any:
        if etag:
            more["IfMatch"] = f'"{etag}"'
        with _in_words():
            return self._client.get_object(Bucket=bucket, Key=key, **more)["Body"]


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn what boto3 raises inside into a Problem."""
    try:
        yield
    except (ClientError, BotoCoreError) as e:
        raise _problem(e) from e


def _problem(e: ClientError | BotoCoreError) -> Problem:
    if not isinstance(e, ClientError):
        return Unavailable(f"S3 did not answer: {' '.join(str(e).split())}")
    code, text = e.response["Error"].get("Code", ""), e.response["Error"].get("Message", str(e))
    if code in _GONE:
        return Missing(text)
    status = e.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return Unavailable(text) if status >= 500 or code in ("SlowDown", "Throttling") else Problem(f"{code}: {text}")


class Here(Folder):
    """A file or a folder of this machine as the one bucket `local`."""

    def __init__(self, path: Path):
        path = path.expanduser().resolve()
        super().__init__(path if path.is_dir() else path.parent)
        self.only = "" if path.is_dir() else path.name
        self.uri = f"s3://{LOCAL}/{self.only}"

    def list_objects(self, bucket: str, prefix: str) -> Iterator[Object]:
        """Yield the files whose paths start with `prefix`; the one file, where the path is a file's."""
        if not self.only:
            yield from super().list_objects(bucket, prefix)
        elif self.only.startswith(prefix) and self._inside(LOCAL, self.only).is_file():
            yield from (o for o in self._of(self.only))

    def path(self, uri: str) -> str:
        """The path that `uri` stands for."""
        return str(self.root / uri.removeprefix(f"s3://{LOCAL}/"))

    def _of(self, name: str) -> Iterator[Object]:
        from tables.store import _object

        yield _object(self._inside(LOCAL, name), name)

    def _inside(self, *parts: str) -> Path:
        return super()._inside(*parts[1:])
