"""The archive of finished training jobs in S3: a folder for each, with its log, its events and a manifest.

The manifest is written last, so a folder without one is no archive. It has the size and checksum of each file.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError

from common.jsonl_archive import CONTENT_TYPE, DAMAGE, ArchiveFile, DamagedArchive, read, verify, write
from common.messages import _
from common.s3_uri import S3Uri, split_s3_uri
from models_app import aws
from models_app.problems import Problem

IN_MEMORY = 1 << 23  # bytes of a file, above which it is written to the disk
MANIFEST = "manifest.json"
LOG, EVENTS = "log.jsonl.gz", "events.jsonl.gz"
DIGEST = "{digest}"
MOST_EVENTS = 1 << 24  # bytes of unpacked events that are read: whoever can write to the bucket may put a bomb there


def address(archive: S3Uri, *parts: str) -> str:
    """s3://bucket/prefix/part/part of `archive`."""
    return str(S3Uri(archive.bucket, "/".join(part for part in (archive.key.strip("/"), *parts) if part)))


def put(uri: str, rows: Iterable[Mapping[str, Any]]) -> ArchiveFile:
    """Write `rows` to the object `uri` and read it back. Raises Problem, DamagedArchive.

    DIGEST in `uri` becomes the beginning of the file's SHA-256.
    """
    s3 = aws.client("s3")
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        written = write(rows, file)  # type: ignore[arg-type]
        place = split_s3_uri(uri.replace(DIGEST, written.sha256[:12]))
        with aws.plain_errors():
            s3.put_object(Bucket=place.bucket, Key=place.key, Body=file, ContentType=CONTENT_TYPE)
    with aws.plain_errors():
        verify(written, s3.get_object(Bucket=place.bucket, Key=place.key)["Body"])
    return written


def put_manifest(folder: str, document: Mapping[str, Any]) -> None:
    """Write the manifest of `folder` and read it back. Raises Problem, DamagedArchive."""
    place = split_s3_uri(f"{folder}/{MANIFEST}")
    body = json.dumps(document, ensure_ascii=False, indent=1).encode()
    s3 = aws.client("s3")
    with aws.plain_errors():
        s3.put_object(Bucket=place.bucket, Key=place.key, Body=body, ContentType="application/json; charset=utf-8")
        if s3.get_object(Bucket=place.bucket, Key=place.key)["Body"].read() != body:
            raise DamagedArchive(f"{folder}/{MANIFEST} is not what was written.")


def log_lines(folder: str, most: int | None = None) -> Iterator[tuple[datetime, str]]:
    """(time, text) of each line of the archived log. Raises Problem, also for more than `most` unpacked bytes."""
    uri = f"{folder}/{LOG}"
    for at, text in _values(uri, most, "timestamp", "message"):
        try:
            moment = datetime.fromtimestamp(at / 1000, UTC)
        except (TypeError, ValueError, OverflowError, OSError):  # no number, NaN, or a year that no calendar has
            raise _damaged(uri, at) from None
        yield moment, _whole_text(text)


def events(folder: str) -> list[dict[str, str]]:
    """The archived events, oldest first: at, was, became and text, in English. Raises Problem."""
    names = ("at", "was", "became", "text")
    rows = _values(f"{folder}/{EVENTS}", MOST_EVENTS, *names)
    return [dict(zip(names, map(_whole_text, row), strict=True)) for row in rows]


def _whole_text(value: Any) -> str:
    """The text of `value`, with ? for half a character, which JSON can write and no page can."""
    return str(value).encode(errors="replace").decode()


def _damaged(uri: str, why: object) -> Problem:
    return Problem(_("%(uri)s is damaged: %(why)s", uri=uri, why=_whole_text(why)[:200]))


def _values(uri: str, most: int | None, *names: str) -> Iterator[list[Any]]:
    """The values of `names` in each row."""
    for row in _rows(uri, most):
        if not isinstance(row, dict) or not row.keys() >= {*names}:
            raise _damaged(uri, str(row)[:80])
        yield [row[name] for name in names]


def _rows(uri: str, most: int | None = None) -> Iterator[dict[str, Any]]:
    place = split_s3_uri(uri)
    try:
        with aws.plain_errors():
            body = aws.client("s3").get_object(Bucket=place.bucket, Key=place.key)["Body"]
        yield from read(body, most)
    except (*DAMAGE, BotoCoreError) as error:
        raise _damaged(uri, error) from None
