"""Finds the objects behind an S3 address."""

import hashlib
import re
from dataclasses import dataclass

from models_app import aws, storage
from models_app.problems import Problem

FIELD = "data_uri"
MOST_OBJECTS = 10_000
_URI = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<key>.*))?", re.DOTALL)


@dataclass(frozen=True)
class Source:
    """The objects of one table, in the order of their keys. `etag` changes when any of them does.

    `whole_prefix` tells whether SageMaker, given `uri` as a prefix, would read exactly these objects.
    """

    uri: str
    bucket: str
    objects: list[storage.Object]
    etag: str
    whole_prefix: bool

    @property
    def size(self) -> int:
        return sum(o.size for o in self.objects)

    @property
    def first(self) -> storage.Object:
        return self.objects[0]

    def name(self, o: storage.Object) -> str:
        return f"s3://{self.bucket}/{o.key}"


def split(uri: str) -> tuple[str, str]:
    """("bucket", "key") of an S3 address. Raises Problem when it is none."""
    found = _URI.fullmatch(uri.strip())
    if not found:
        raise Problem(
            f"{uri!r} is not an S3 address. Write s3://bucket/key, for example s3://team-data/churn/train.csv."
            if uri
            else "Training data is required. Choose an object with Browse S3, or write s3://bucket/key.",
            FIELD,
        )
    return found["bucket"], found["key"] or ""


def locate(uri: str) -> Source:
    """The object at `uri`, or all data objects below it as a prefix. Raises Problem when there is nothing to read."""
    bucket, key = split(uri)
    found = _below(bucket, key)
    exact = [o for o in found if o.key == key]
    chosen = exact or [o for o in found if o.key.startswith(_as_folder(key))] or found
    data = [o for o in chosen if _is_data(o)]
    if not chosen:
        raise Problem(
            f"There is nothing at {uri}. Bucket {bucket} exists, but no object's key starts with {key!r}."
            if key
            else f"Bucket {bucket} is empty. Upload a table to it first.",
            FIELD,
        )
    filled = [o for o in data if o.size]
    if not filled:
        what = f"The object {uri} is empty (0 bytes)" if exact else f"There are only empty or hidden objects at {uri}"
        raise Problem(f"{what}. Choose a file with a table in it.", FIELD)
    etag = filled[0].etag if len(filled) == 1 else _digest(filled)
    return Source(uri.strip(), bucket, filled, etag, whole_prefix=len(filled) == len(found))


def _below(bucket: str, key: str) -> list[storage.Object]:
    found: list[storage.Object] = []
    token = ""
    while True:
        try:
            page = storage.objects(bucket, key, token, delimiter="")
        except aws.NotThere:
            raise Problem(
                f"There is no bucket called {bucket}. Choose one with Browse S3, or create it.", FIELD
            ) from None
        except aws.Refused as e:
            raise Problem(f"The console may not read bucket {bucket}: {e.message}", FIELD) from e
        found += page.objects
        token = page.next_token
        if not token:
            return found
        if len(found) > MOST_OBJECTS:
            raise Problem(
                f"There are more than {MOST_OBJECTS:,} objects at s3://{bucket}/{key}. Choose a narrower prefix.", FIELD
            )


def _as_folder(key: str) -> str:
    return key if not key or key.endswith("/") else f"{key}/"


def _is_data(o: storage.Object) -> bool:
    """Not a folder's marker, and not what SageMaker calls hidden (`.crc`, `_SUCCESS`)."""
    return bool(o.name) and not o.name.startswith((".", "_"))


def _digest(objects: list[storage.Object]) -> str:
    return hashlib.sha256("\n".join(f"{o.key} {o.etag}" for o in objects).encode()).hexdigest()[:40]
