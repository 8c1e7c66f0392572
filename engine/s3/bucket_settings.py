"""Reads and writes the settings of buckets that the gateway keeps in its own database."""

import json
import logging
import time

from django.db import DatabaseError

from common.db import away
from engine.http.caller import in_database
from engine.models import BucketSetting, PartChecksums

log = logging.getLogger(__name__)
CACHE_SECONDS = 5.0  # seconds; another gateway's change is seen after at most this long
MAX_CACHED = 1000
Document = dict | None  # {} when somebody deleted it, None when nobody ever set it
Cached = tuple[float, Document]  # when it was read, on the monotonic clock
_cache: dict[tuple[str, str], Cached] = {}


async def get(bucket: str, name: str) -> Document:
    """Return the setting `name` of `bucket`. While the database is away, what it said last counts."""
    cached = _cache.get((bucket, name))
    age = time.monotonic() - cached[0] if cached else 0.0
    if cached and age < CACHE_SECONDS:
        return cached[1]
    read = await in_database(_last_known, bucket, name, cached, age)
    if read is not cached:
        _remember(bucket, name, read)
    return read[1]


async def put(bucket: str, name: str, document: dict) -> None:
    """Set it; {} says that there is none where S3 has a default."""
    await in_database(_write, bucket, name, json.dumps(document) if document else "")
    _remember(bucket, name, (time.monotonic(), document))


async def forget(bucket: str) -> None:
    """Delete all rows of a bucket that is gone. What the database does not delete is logged."""
    try:
        await delete(bucket)
        await in_database(_delete_checksums, bucket)
    except DatabaseError as error:
        log.warning("the settings of the deleted bucket %s stay: %s", bucket, error)


async def delete(bucket: str, name: str = "") -> None:
    """Delete the setting, or all of them, so that defaults hold again."""
    await in_database(_delete, bucket, name)
    for key in [key for key in _cache if key[0] == bucket and name in ("", key[1])]:
        del _cache[key]


def _remember(bucket: str, name: str, read: Cached) -> None:
    if len(_cache) > MAX_CACHED:
        _cache.clear()
    _cache[bucket, name] = read


def _last_known(bucket: str, name: str, cached: Cached | None, age: float) -> Cached:
    read = away.ask(lambda: (time.monotonic(), _read(bucket, name)), cached, age)
    assert read is not None
    return read


def _read(bucket: str, name: str) -> Document:
    row = BucketSetting.objects.filter(bucket=bucket, name=name).first()
    return (json.loads(row.document) if row.document else {}) if row else None


def _write(bucket: str, name: str, document: str) -> None:
    BucketSetting.objects.update_or_create(bucket=bucket, name=name, defaults={"document": document})


def _delete(bucket: str, name: str) -> None:
    BucketSetting.objects.filter(bucket=bucket, **({"name": name} if name else {})).delete()


def _delete_checksums(bucket: str) -> None:
    PartChecksums.objects.filter(bucket=bucket).delete()
