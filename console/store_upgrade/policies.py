"""Takes bucket policies that an earlier version passed to the store out of the buckets' entries.

A policy binds the store's only key: one that denies everything cannot be read or deleted through S3 any more. So the
bucket's entry is written again without it, by `fs.meta.load` of the store's shell.
"""

from collections.abc import Iterator

from console.store_upgrade import entries

POLICY, PARENT = b"s3-bucket-policy", b"/buckets"


def without_policies(data: bytes) -> Iterator[bytes]:
    """Return the records of a saved file that are buckets with a policy, without it and with their length in front."""
    for record in entries.records(data):
        whole = {number: value for number, value, _ in entries.fields(record)}
        parts = list(entries.fields(whole[entries.ENTRY]))
        remaining = b"".join(raw for number, value, raw in parts if not _is_policy(number, value))
        if whole.get(entries.DIRECTORY) == PARENT and remaining != whole[entries.ENTRY]:
            changed = _field(entries.DIRECTORY, PARENT) + _field(entries.ENTRY, remaining)
            yield len(changed).to_bytes(4) + changed


def _is_policy(number: int, value: bytes) -> bool:
    return number == entries.EXTENDED and next(entries.fields(value))[1] == POLICY


def _field(number: int, value: bytes) -> bytes:
    size, length = len(value), b""
    while size > 127:
        length, size = length + bytes([size & 127 | 128]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + value
