"""The console's tables: S3 through the one door to AWS, as `tables` wants it."""

from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.utils.timezone import localtime

from common.messages import _
from jobs import JobSpec
from models_app import aws
from models_app.aws import s3
from models_app.problems import Problem
from preflight import JobData
from tables import Inspection, Object, Recipe, Source
from tables import locate as _locate
from tables.isolated import IsolatedReaders, WholeTableReaders
from tables.objects import LOCATION
from tables.store import TranslatedStream

readers = IsolatedReaders(settings.READER_MEMORY)  # of what pages look at; no table can harm the process of the pages
whole_tables = WholeTableReaders(settings.READER_MEMORY)  # of scans and preparations


class S3:
    """A `tables.Store`: buckets and objects of the account the console works for."""

    def list_objects(self, bucket: str, prefix: str) -> Iterator[Object]:
        """All objects below `prefix`, in S3's order, page by page. Raises Problem."""
        token = ""
        while True:
            page = s3.objects(bucket, prefix, token, delimiter="")
            yield from page.objects
            token = page.next_token
            if not token:
                return

    def fetch(self, bucket: str, key: str, start: int, end: int, etag: str = "") -> bytes:
        """Bytes `start` to `end`, excluded, of an object; with `etag`, of that version only. Raises Problem."""
        with aws.plain_errors():
            part = f"bytes={start}-{end - 1}"
            return aws.client("s3").get_object(Bucket=bucket, Key=key, Range=part, **_same(etag))["Body"].read()

    def open(self, bucket: str, key: str, etag: str = "") -> BinaryIO:
        """A stream of a whole object; with `etag`, of that version only. Raises Problem, when it is read too."""
        with aws.plain_errors():
            body = aws.client("s3").get_object(Bucket=bucket, Key=key, **_same(etag))["Body"]
        return cast(BinaryIO, TranslatedStream(body, aws.plain_errors))

    def put(self, bucket: str, key: str, body: BinaryIO, content_type: str) -> None:
        """Write an object; the bucket is created if there is none. Raises Problem."""
        content = _Unclosed(body)
        try:
            s3.upload(bucket, key, content, content_type)
        except aws.NotFound:
            s3.ensure_bucket(bucket)
            content.seek(0)
            s3.upload(bucket, key, content, content_type)


class _Unclosed:
    """A file that stays open when boto3 has sent it, so that it can be sent again."""

    def __init__(self, file: BinaryIO):
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def close(self) -> None:
        """Leave it to whoever opened it."""


STORE = S3()


def inspect(uri: str, recipe: Recipe | None = None, supervised: bool = True) -> Inspection:
    """`tables.inspect` of what is at `uri` in the console's own S3, in a process of its own."""
    return inspect_source(locate(uri), recipe or Recipe(), supervised)


def inspect_source(source: Source, recipe: Recipe, supervised: bool = True) -> Inspection:
    """`inspect` of objects that are located already."""
    function = "tables.inspector:inspect_source"
    return readers.call(function, source.store, source.uri, source, recipe, supervised)


def read_job_data(job: JobSpec, etag: str) -> JobData:
    """`preflight.read_job_data` from the console's own S3, in a process of its own."""
    function = "preflight.job_data:read_job_data"
    try:
        return readers.call(function, STORE, job.data_uri, job, STORE, reads=tables_of(job), etag=etag)
    except Problem as e:
        return JobData(problems=[e])


def tables_of(job: JobSpec) -> list[Source | str]:
    """What reading the data of `job` reads: objects of tables, and all below the addresses of channels.

    Raises Problem for a table that is not there.
    """
    recipe = job.recipe
    if not recipe.prepare:
        return [job.data_uri, *job.channels.values()]
    tables: list[Source | str] = [locate(job.data_uri)]
    if recipe.validation == "location" and (uri := recipe.validation_uri):
        try:
            tables.append(locate(uri))
        except Problem:
            tables.append(uri)  # reading it says the same, beside what is known of the table itself
    return tables


def unpack_code(content: bytes) -> dict[str, bytes]:
    """`jobs.code.unpack.unpack` of a zip that somebody has uploaded, in a process of its own."""
    return readers.call("jobs.code.unpack:unpack", STORE, _("The archive"), content)


def locate(uri: str) -> Source:
    """`tables.locate` in the console's own S3."""
    return _locate(STORE, uri)


def must_be(source: Source, etag: str, so: str = "") -> None:
    """Raises Problem unless `source` is still the version `etag` that was checked; `so` says what that means.

    Of several objects the one that changed last is named.
    """
    if not etag or source.etag == etag:
        return
    last = max(source.objects, key=lambda o: o.modified)
    so = f"; {so}" if so else ""
    raise Problem(
        _(
            "%(n)s was replaced at %(n2)s after it was checked%(so)s. Look at the data again.",
            n=source.name(last),
            n2=f"{localtime(last.modified):%H:%M %Z}",
            so=so,
        ),
        LOCATION,
    )


def _same(etag: str) -> dict:
    return {"IfMatch": f'"{etag}"'} if etag else {}
