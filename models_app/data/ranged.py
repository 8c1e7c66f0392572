"""Reads parts of an object as if it were a local file, which is all a Parquet footer needs."""

import io

from models_app import aws

BLOCK = 1024 * 1024


class RangedFile(io.RawIOBase):
    """A seekable, read-only view of one object by ranged GETs; small reads come from the last block fetched."""

    def __init__(self, bucket: str, key: str, size: int, etag: str = ""):
        self._bucket, self._key, self._size, self._etag = bucket, key, size, etag
        self._at = 0
        self._block_at, self._block = 0, b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def read(self, count: int = -1) -> bytes:
        end = self._size if count is None or count < 0 else min(self._size, self._at + count)
        if end <= self._at:
            return b""
        inside = self._at - self._block_at
        if inside < 0 or end > self._block_at + len(self._block):
            self._block_at, self._block = self._at, self._fetch(self._at, max(end, min(self._size, self._at + BLOCK)))
            inside = 0
        found = self._block[inside : inside + end - self._at]
        self._at += len(found)
        return found

    def readinto(self, buffer) -> int:
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def _fetch(self, start: int, end: int) -> bytes:
        return fetch(self._bucket, self._key, start, end, self._etag)


def fetch(bucket: str, key: str, start: int, end: int, etag: str = "") -> bytes:
    """Bytes `start` up to `end` of an object; refused by S3 when it is no longer the one of `etag`."""
    same = {"IfMatch": f'"{etag}"'} if etag else {}
    with aws.plain_errors():
        return (
            aws.client("s3").get_object(Bucket=bucket, Key=key, Range=f"bytes={start}-{end - 1}", **same)["Body"].read()
        )
