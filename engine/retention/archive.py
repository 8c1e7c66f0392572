"""Writes log events and metric data to an archive in S3 before they are deleted.

A batch is a file of JSON Lines in gzip and a manifest beside it, below `logs/` or `metrics/` of the archive and the day
of its first row. It is named by its first and last id and by its content: a run that was killed is repeated under the
same names, and another installation, whose ids begin at 1 too, replaces nothing.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import models

from common.jsonl_archive import CONTENT_TYPE, ArchiveFile, DamagedArchive, verify, write
from common.s3_uri import S3Uri
from engine import store
from engine.models import LogEvent, MetricDatum

AT_ONCE = 5000  # rows of a file
MAX_TEXT = 1 << 25  # characters of log lines, after which a file has no further row
IN_MEMORY = 1 << 23  # bytes of a file, above which it is written to the disk


class Kind(NamedTuple):
    """A table that is archived: how old a row is, what is written of it, and what a manifest counts its rows by.

    `size` is about how many characters a row has.
    """

    name: str
    rows: type[models.Model]
    at: Callable[[Any], datetime]
    row: Callable[[Any], dict[str, Any]]
    group: Callable[[Any], str]
    size: Callable[[Any], int]


def _milliseconds(value: int) -> datetime:
    return datetime.fromtimestamp(value / 1000, UTC)


def _event(event: LogEvent) -> dict[str, Any]:
    """A log event by CloudWatch's names."""
    return {
        "region": event.region,
        "logGroupName": event.group,
        "logStreamName": event.stream,
        "timestamp": event.timestamp,
        "ingestionTime": event.ingested,
        "message": event.message,
        "id": event.pk,
    }


def _datum(datum: MetricDatum) -> dict[str, Any]:
    """A statistic set by CloudWatch's names."""
    return {
        "region": datum.region,
        "Namespace": datum.namespace,
        "MetricName": datum.name,
        "Dimensions": datum.dimensions,
        "Timestamp": datum.timestamp.isoformat(),
        "Unit": datum.unit,
        "SampleCount": datum.count,
        "Sum": datum.sum,
        "Minimum": datum.minimum,
        "Maximum": datum.maximum,
        **({"sketch": datum.sketch} if datum.sketch else {}),
        "id": datum.pk,
    }


KINDS = (
    Kind(
        "logs",
        LogEvent,
        lambda row: _milliseconds(row.ingested),
        _event,
        lambda row: f"{row.group}:{row.stream}",
        lambda row: len(row.message),
    ),
    Kind(
        "metrics",
        MetricDatum,
        lambda row: row.timestamp,
        _datum,
        lambda row: f"{row.namespace}:{row.name}",
        lambda row: 100,
    ),
)


def expire(kind: Kind, before: datetime, archive: S3Uri | None) -> bool:
    """Delete the oldest AT_ONCE rows that are older than `before`, once they are in `archive`; False for none.

    Ids ascend with time: it reads from the oldest row on and ends at the first that stays, without an index by time.
    Repeatable. Raises ClientError, BotoCoreError or DamagedArchive, and then has deleted nothing.
    """
    rows = _oldest(kind, before)
    if not rows:
        return False
    if archive:
        _write(kind, rows, archive)
    _delete(kind, rows)
    return True


def _oldest(kind: Kind, before: datetime) -> list[Any]:
    rows: list[Any] = []
    size = 0
    for row in kind.rows._default_manager.order_by("pk")[:AT_ONCE].iterator(chunk_size=500):
        if kind.at(row) >= before or size > MAX_TEXT:
            break
        rows.append(row)
        size += kind.size(row)
    return rows


def _delete(kind: Kind, rows: list[Any]) -> None:
    """Delete exactly `rows`: a row between them that another transaction had not committed yet was not archived."""
    keys = [row.pk for row in rows]
    for start in range(0, len(keys), 500):
        kind.rows._default_manager.filter(pk__in=keys[start : start + 500]).delete()


def _write(kind: Kind, rows: list[Any], archive: S3Uri) -> None:
    first, last = rows[0], rows[-1]
    folder = "/".join(part for part in (archive.key.strip("/"), kind.name, f"{kind.at(first):%Y/%m/%d}") if part)
    s3 = store.client()
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        written = write(map(kind.row, rows), file)  # type: ignore[arg-type]
        key = f"{folder}/{first.pk:012d}-{last.pk:012d}-{written.sha256[:12]}"
        s3.put_object(Bucket=archive.bucket, Key=f"{key}.jsonl.gz", Body=file, ContentType=CONTENT_TYPE)
    verify(written, s3.get_object(Bucket=archive.bucket, Key=f"{key}.jsonl.gz")["Body"])
    manifest = json.dumps(_manifest(kind, rows, written, f"{key}.jsonl.gz"), ensure_ascii=False).encode()
    s3.put_object(
        Bucket=archive.bucket, Key=f"{key}.manifest.json", Body=manifest, ContentType="application/json; charset=utf-8"
    )
    if s3.get_object(Bucket=archive.bucket, Key=f"{key}.manifest.json")["Body"].read() != manifest:
        raise DamagedArchive(f"The manifest {key}.manifest.json is not what was written.")


def _manifest(kind: Kind, rows: list[Any], written: ArchiveFile, key: str) -> dict[str, Any]:
    times = [kind.at(row) for row in rows]
    return {
        "kind": kind.name,
        "key": key,
        **written.as_json(),
        "from": min(times).isoformat(),
        "to": max(times).isoformat(),
        "groups": dict(Counter(map(kind.group, rows))),
    }
