"""Buckets and objects, as the pages need them."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from common.messages import _, gettext_noop
from common.s3_uri import split_s3_uri
from models_app import aws
from models_app.problems import Problem
from tables.store import Object

DELETE_BATCH = 1000  # S3's own limit for one DeleteObjects call
CHUNK = 256 * 1024
BUCKET_NAME = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
BUCKET_RULE = gettext_noop(
    "A bucket name has 3 to 63 characters: small letters, digits, dots and hyphens, with a letter or digit at both "
    "ends. For example team-data-2026."
)


@dataclass(frozen=True)
class Bucket:
    """A bucket of the account."""

    name: str
    created: datetime


@dataclass(frozen=True)
class Listing:
    """One page of a bucket: `prefixes` are the folders below; `next_token` is '' on the last page."""

    prefixes: list[str]
    objects: list[Object]
    next_token: str


@dataclass(frozen=True)
class Download:
    """An object on its way to a person, in blocks."""

    body_iter: Iterator[bytes]
    size: int  # bytes
    content_type: str
    filename: str
    etag: str = ""


def buckets() -> list[Bucket]:
    """Every bucket, by name."""
    with aws.plain_errors():
        entries = aws.client("s3").list_buckets()["Buckets"]
    return sorted((Bucket(b["Name"], b["CreationDate"]) for b in entries), key=lambda b: b.name)


def create_bucket(name: str) -> None:
    """Make the bucket `name`. Raises Problem(field="name") when the name is ill-formed or taken."""
    if not BUCKET_NAME.fullmatch(name):
        raise Problem(_(BUCKET_RULE), "name")
    # In us-east-1, AWS answers a second CreateBucket as if it were the first; so it is looked up.
    exists = any(bucket.name == name for bucket in buckets())
    try:
        if exists:
            raise aws.AlreadyExists(name)
        _create(name)
    except aws.AlreadyExists:
        raise Problem(
            _(
                "Bucket %(name)s already exists. Enter a different name, for example %(name2)s-b.",
                name=name,
                name2=name[:60],
            ),
            "name",
        ) from None


def ensure_bucket(name: str) -> None:
    """Make the bucket `name` unless it is there. Repeatable."""
    try:
        with aws.plain_errors():
            aws.client("s3").head_bucket(Bucket=name)
    except aws.NotFound:
        with suppress(aws.AlreadyExists):
            _create(name)


def _create(name: str) -> None:
    s3 = aws.client("s3")
    region = s3.meta.region_name
    # us-east-1 is the one Region that must not be named here.
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    with aws.plain_errors():
        s3.create_bucket(Bucket=name, **where)


def delete_bucket(name: str) -> None:
    """Delete the bucket `name`, which must be empty."""
    try:
        with aws.plain_errors():
            aws.client("s3").delete_bucket(Bucket=name)
    except aws.Refused as e:
        if e.code == "BucketNotEmpty":
            raise Problem(_("Bucket %(name)s is not empty. Delete its objects first.", name=name)) from None
        raise


def objects(bucket: str, prefix: str, token: str = "", delimiter: str = "/") -> Listing:
    """Up to 1,000 objects and folders of `bucket` under `prefix`. Raises Missing when there is no such bucket."""
    more = {"ContinuationToken": token} if token else {}
    try:
        with aws.plain_errors():
            page = aws.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix, Delimiter=delimiter, **more)
    except aws.NotFound:
        raise aws.NotFound(_("There is no bucket called %(bucket)s.", bucket=bucket), "NoSuchBucket") from None
    return Listing(
        prefixes=[p["Prefix"] for p in page.get("CommonPrefixes", ())],
        objects=[
            Object(o["Key"], o["Size"], o["LastModified"], o.get("ETag", "").strip('"'))
            for o in page.get("Contents", ())
        ],
        next_token=page.get("NextContinuationToken", ""),
    )


def upload(bucket: str, key: str, fileobj, content_type: str = "") -> None:
    """Write `fileobj` to s3://bucket/key, streamed; above 8 MB in parts. Replaces what is there."""
    extra = {"ContentType": content_type} if content_type else None
    try:
        with aws.plain_errors():
            aws.client("s3").upload_fileobj(fileobj, bucket, key, ExtraArgs=extra)
    except aws.NotFound:
        raise aws.NotFound(
            _("There is no bucket called %(bucket)s. Create it first.", bucket=bucket), "NoSuchBucket"
        ) from None


def copy(source: str, target: str) -> None:
    """Copy every object below `source`, s3://bucket/prefix, to below `target`, without its bytes passing here."""
    of, to = split_s3_uri(source), split_s3_uri(target)
    client = aws.client("s3")
    with aws.plain_errors():
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=of.bucket, Prefix=of.key):
            for item in page.get("Contents", ()):
                origin = {"Bucket": of.bucket, "Key": item["Key"]}
                client.copy(origin, to.bucket, to.key + item["Key"].removeprefix(of.key))


def delete_objects(bucket: str, keys: list[str]) -> None:
    """Delete `keys`; those gone already are no error. Raises Problem naming the first that could not be deleted."""
    for start in range(0, len(keys), DELETE_BATCH):
        batch = [{"Key": key} for key in keys[start : start + DELETE_BATCH]]
        with aws.plain_errors():
            done = aws.client("s3").delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
        for error in done.get("Errors", ()):
            raise Problem(
                _("Could not delete %(error)s: %(n)s.", error=error["Key"], n=error.get("Message") or error.get("Code"))
            )


def size(uri: str) -> int:
    """The bytes of the object at `uri`. Raises aws.Refused, aws.Unavailable."""
    place = split_s3_uri(uri)
    with aws.plain_errors():
        return aws.client("s3").head_object(Bucket=place.bucket, Key=place.key)["ContentLength"]


def open_object(bucket: str, key: str) -> Download:
    """The object's bytes as a stream. Raises Missing when it is not there."""
    try:
        with aws.plain_errors():
            response = aws.client("s3").get_object(Bucket=bucket, Key=key)
    except aws.NotFound:
        raise aws.NotFound(
            _("There is no object %(key)s in bucket %(bucket)s.", key=key, bucket=bucket), "NoSuchKey"
        ) from None
    return Download(
        body_iter=response["Body"].iter_chunks(CHUNK),
        size=response["ContentLength"],
        content_type=response.get("ContentType") or "application/octet-stream",
        filename=key.rsplit("/", 1)[-1],
        etag=response.get("ETag", "").strip('"'),
    )
