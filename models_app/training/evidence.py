"""The rows of a failed job's data that its failure names, and where in the file they are."""

import hashlib
import json
from dataclasses import asdict, dataclass

from django.core.cache import cache

from common.s3_uri import split_s3_uri
from models_app.aws import s3_store
from models_app.models import TrainingJob
from models_app.problems import Problem
from models_app.text.failures import DataLocation
from tables.rows_at import RowsAt, Wanted
from tables.store import Object

CACHE_SECONDS = 900
NOTHING = "nothing"  # in the cache: looked for, and not there
MAX_MARKS = 200
WIDTH = 1000  # of the picture of the file


@dataclass(frozen=True)
class Evidence:
    """Rows of the object at `uri` for the page. `marks` are where all of them are, 0 to 1000 of what was read."""

    uri: str
    bucket: str
    key: str
    rows_at: RowsAt

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.key.rsplit("/", 1)[-1]

    @property
    def folder(self) -> str:
        """The folder of the file, with its slash."""
        return self.key[: self.key.rfind("/") + 1]

    @property
    def count(self) -> int:
        """How many rows have the value."""
        return len(self.rows_at.lines)

    @property
    def marks(self) -> list[int]:
        """Where in the file the rows are, in pixels of a strip of WIDTH."""
        last = max(1, self.rows_at.last_line)
        return sorted({min(WIDTH - 3, WIDTH * (line - 1) // last) for line in self.rows_at.lines})[:MAX_MARKS]

    @property
    def first(self) -> int:
        """The line of the first row."""
        return self.rows_at.lines[0]

    @property
    def last(self) -> int:
        """The line of the last row that is listed."""
        return self.rows_at.lines[-1]


def evidence_of(job: TrainingJob) -> Evidence | None:
    """The rows that the failure of `job` names, read from its data; None when it names none or they are gone."""
    failure = job.failure
    if failure is None or not failure.location:
        return None
    try:
        return _read(job, failure.location)
    except Problem:
        return None


def _read(job: TrainingJob, location: DataLocation) -> Evidence | None:
    uri = _address(job, location.file)
    if not uri:
        return None
    source = s3_store.locate(uri)
    item = _object(source.objects, location.file)
    if item is None:
        return None
    rows = _rows(job, source.bucket, item, location)
    return Evidence(f"s3://{source.bucket}/{item.key}", source.bucket, item.key, rows) if rows else None


def _address(job: TrainingJob, file: str) -> str:
    """Where the file is that a message calls `file`: an address, or the name of an object of a channel."""
    if file.startswith("s3://"):
        return file
    if job.model:
        return job.model.data_uri
    channels = [channel for channel in job.described.get("InputDataConfig", ()) if channel.get("DataSource")]
    named = [c for c in channels if f"/{c['ChannelName']}/" in file]
    for channel in named or channels:
        if uri := channel["DataSource"].get("S3DataSource", {}).get("S3Uri"):
            return uri
    return ""


def _object(objects: list[Object], file: str) -> Object | None:
    """The object of the name `file`; the only one when no name is given."""
    name = split_s3_uri(file).key.rsplit("/", 1)[-1] if file.startswith("s3://") else file.rsplit("/", 1)[-1]
    if not name:
        return objects[0] if len(objects) == 1 else None
    return next((o for o in objects if o.name == name), objects[0] if len(objects) == 1 else None)


def _rows(job: TrainingJob, bucket: str, item: Object, location: DataLocation) -> RowsAt | None:
    """The rows at `location`, remembered for as long as the object stays the same."""
    has_header = bool(job.model and job.model.has_header)
    wanted = Wanted(
        location.line or (location.row and location.row + has_header), location.column, location.value, location.allowed
    )
    delimiter = job.model.delimiter if job.model else ""
    parts = json.dumps([bucket, item.key, item.etag, asdict(wanted), delimiter, has_header])
    key = f"rows-at:{hashlib.sha256(parts.encode()).hexdigest()}"
    stored = cache.get(key)
    if stored is None:
        uri, store = f"s3://{bucket}/{item.key}", s3_store.STORE
        function = "tables.rows_at:read_rows_at"
        args = (store, bucket, item.key, item.size, item.etag, wanted, delimiter, has_header)
        stored = s3_store.readers.call(function, store, uri, *args, reads=[uri]) or NOTHING
        cache.set(key, stored, CACHE_SECONDS)
    return None if stored == NOTHING else stored
