"""The console's tables: S3 through the one door to AWS, as `tables` wants it."""

from collections.abc import Iterator
from typing import BinaryIO, cast

from django.utils.timezone import localtime

from common.messages import _
from models_app import aws
from models_app.aws import s3
from models_app.problems import Problem
from tables import Inspection, Object, Recipe, Source
from tables import inspect as _inspect
from tables import locate as _locate
from tables.objects import LOCATION
from tables.store import TranslatedStream


class S3:
    """A `tables.Store`: buckets and objects of the account the console works for."""

    def list_objects(self, bucket: str, prefix: str) -> Iterator[Object]:
        token = ""
        while True:
            page = s3.objects(bucket, prefix, token, delimiter="")
            yield from page.objects
            token = page.next_token
            if not token:
                return

    def fetch(self, bucket: str, key: str, start: int, end: int, etag: str = "") -> bytes:
        with aws.plain_errors():
            part = f"bytes={start}-{end - 1}"
            return aws.client("s3").get_object(Bucket=bucket, Key=key, Range=part, **_same(etag))["Body"].read()

    def open(self, bucket: str, key: str, etag: str = "") -> BinaryIO:
        with aws.plain_errors():
            body = aws.client("s3").get_object(Bucket=bucket, Key=key, **_same(etag))["Body"]
        return cast(BinaryIO, TranslatedStream(body, aws.plain_errors))

    def put(self, bucket: str, key: str, body: BinaryIO, content_type: str) -> None:
        s3.ensure_bucket(bucket)
        s3.upload(bucket, key, body, content_type)


def inspect(uri: str, recipe: Recipe | None = None, supervised: bool = True) -> Inspection:
    """`tables.inspect` of what is at `uri` in the console's own S3."""
    return _inspect(S3(), uri, recipe or Recipe(), supervised)


def locate(uri: str) -> Source:
    """`tables.locate` in the console's own S3."""
    return _locate(S3(), uri)


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
