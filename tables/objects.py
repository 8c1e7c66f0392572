"""Finds the objects behind an S3 address."""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import unquote

from common.messages import _
from common.problems import Missing, Problem, Unavailable
from common.s3_uri import parse_s3_uri
from tables.store import Object, Store

LOCATION = "location"  # `Problem.field` of what is wrong with the address or with what lies there
MAX_OBJECTS = 10_000
NO_PARTITION = "__HIVE_DEFAULT_PARTITION__"
# Endings and names of files that lie beside tables and are none.
STRAY_ENDINGS = (
    ".pdf", ".json", ".md", ".rst", ".txt.bak", ".ipynb", ".py", ".r", ".sql", ".xlsx", ".xls", ".docx", ".zip",
    ".html", ".tmp", ".manifest", ".yaml", ".yml", ".xml", ".log", ".png", ".jpg", ".pkl", ".csv.metadata",
    ".md5", ".sha256",
)  # fmt: skip
STRAY_NAMES = ("readme", "license", "licence", "notice", "changelog", "manifest", "checksums", "data_dictionary")


class NoData(Problem):
    """There is nothing to read at the address."""


class AccessDenied(NoData):
    """The data may not be read."""


class ObjectChanged(Problem):
    """The objects were replaced after they were inspected."""


@dataclass(frozen=True)
class Source:
    """The objects of one table in the order of their keys.

    `etag` changes when any object does. `whole_prefix` is True if SageMaker, given `uri` as an S3 prefix, reads
    exactly these objects.
    """

    uri: str
    store: Store
    bucket: str
    objects: list[Object]
    etag: str
    whole_prefix: bool
    skipped: tuple[str, ...] = ()  # keys below the prefix that are no tables

    @property
    def size(self) -> int:
        """Bytes of all objects."""
        return sum(o.size for o in self.objects)

    @property
    def first(self) -> Object:
        """The first object."""
        return self.objects[0]

    def name(self, o: Object) -> str:
        """The s3:// address of `o`."""
        return f"s3://{self.bucket}/{o.key}"

    def partitions(self) -> list[str]:
        """The names of the folders name=value that all objects lie in, below `uri`, where the values differ."""
        values = [self.partition_values(o) for o in self.objects]
        names = [name for name in values[0] if all(name in other for other in values)]
        return [name for name in names if len({other[name] for other in values}) > 1]

    def partition_values(self, o: Object) -> dict[str, str | None]:
        """{name: value} of the folders name=value that `o` lies in, below `uri`; None is Hive's word for no value."""
        folder = parse_location(self.uri)[1].rpartition("/")[0]
        pairs = (part.partition("=") for part in o.key.removeprefix(folder).split("/")[:-1] if "=" in part)
        return {unquote(name): None if value == NO_PARTITION else unquote(value) for name, _, value in pairs}

    def require_etag(self, etag: str) -> None:
        """Raise ObjectChanged unless the source's etag is `etag`; "" accepts any."""
        if etag and self.etag != etag:
            raise ObjectChanged(
                _("%(uri)s has changed since it was inspected. Look at the data again.", uri=self.uri), LOCATION
            )

    def fetch(self, o: Object, start: int, end: int) -> bytes:
        """Bytes `start` up to `end` of `o`. Raises Problem if `o` was replaced after it was located."""
        return self.store.fetch(self.bucket, o.key, start, end, o.etag)

    def open(self, o: Object) -> BinaryIO:
        """All of `o` as a stream. Raises Problem if `o` was replaced after it was located."""
        return self.store.open(self.bucket, o.key, o.etag)


def parse_location(uri: str) -> tuple[str, str]:
    """(bucket, key) of an S3 address. Raises NoData for anything else."""
    try:
        return parse_s3_uri(uri)
    except ValueError:
        raise NoData(
            _(
                "%(uri)s is not an S3 address. Write s3://bucket/key, for example s3://team-data/churn/train.csv.",
                uri=repr(uri),
            )
            if uri
            else _("Training data is required. Choose an object with Browse S3, or write s3://bucket/key."),
            LOCATION,
        ) from None


def locate(store: Store, uri: str) -> Source:
    """Find the object at `uri`, or all data objects whose keys start with it.

    Raises NoData when there is nothing to read, AccessDenied when it may not be read, Unavailable when the store does
    not answer.
    """
    bucket, key = parse_location(uri)
    objects = _list_objects(store, bucket, key)
    exact = [o for o in objects if o.key == key]
    chosen = exact or [o for o in objects if o.key.startswith(_as_folder(key))] or objects
    data = [o for o in chosen if _is_data(o)]
    tables = data if exact else [o for o in data if not is_stray(o.name)]
    skipped = tuple(o.key for o in data if o not in tables) if tables else ()
    data = tables or data
    if not chosen:
        raise NoData(
            _(
                "There is nothing at %(uri)s. Bucket %(bucket)s exists, but no object's key starts with %(key)s.",
                uri=uri,
                bucket=bucket,
                key=repr(key),
            )
            if key
            else _("Bucket %(bucket)s is empty. Upload a table to it first.", bucket=bucket),
            LOCATION,
        )
    filled = [o for o in data if o.size]
    if not filled:
        what = (
            _("The object %(uri)s is empty (0 bytes)", uri=uri)
            if exact
            else _("There are only empty or hidden objects at %(uri)s", uri=uri)
        )
        raise NoData(_("%(what)s. Choose a file with a table in it.", what=what), LOCATION)
    etag = filled[0].etag if len(filled) == 1 else _digest(filled)
    return Source(uri.strip(), store, bucket, filled, etag, len(filled) == len(objects), skipped)


def _list_objects(store: Store, bucket: str, key: str) -> list[Object]:
    objects: list[Object] = []
    try:
        for o in store.list_objects(bucket, key):
            objects.append(o)
            if len(objects) > MAX_OBJECTS:
                raise NoData(
                    _(
                        "There are more than %(most_objects)s objects at s3://%(bucket)s/%(key)s. Choose a narrower "
                        "prefix.",
                        most_objects=f"{MAX_OBJECTS:,}",
                        bucket=bucket,
                        key=key,
                    ),
                    LOCATION,
                )
    except Missing:
        raise NoData(
            _("There is no bucket called %(bucket)s. Choose one with Browse S3, or create it.", bucket=bucket), LOCATION
        ) from None
    except Unavailable:
        raise
    except Problem as e:
        if e.field:
            raise
        raise AccessDenied(
            _(
                "The console may not read bucket %(bucket)s: %(message)s. Its access key and the bucket's policy must "
                "allow s3:ListBucket and s3:GetObject.",
                bucket=bucket,
                message=e.message.rstrip("."),
            ),
            LOCATION,
        ) from e
    return objects


def _as_folder(key: str) -> str:
    return key if not key or key.endswith("/") else f"{key}/"


def _is_data(o: Object) -> bool:
    """False for folder markers and for what SageMaker ignores as hidden (`.crc`, `_SUCCESS`)."""
    return bool(o.name) and not o.name.startswith((".", "_"))


def is_stray(name: str) -> bool:
    """True if a file called `name` lies beside tables and is none, such as a README."""
    plain = name.lower()
    return plain.endswith(STRAY_ENDINGS) or plain.removesuffix(".txt") in STRAY_NAMES


def _digest(objects: list[Object]) -> str:
    return hashlib.sha256("\n".join(f"{o.key} {o.etag}" for o in objects).encode()).hexdigest()[:40]
