"""Tells whether a tar.gz is so small and plain that unpacking it takes hardly any memory and time, whoever made it."""

import re
import zlib
from pathlib import Path

MAX_PACKED = 2**20  # bytes of the archive
MAX_BYTES = 16 * 2**20  # of what it unpacks to, headers and padding included
MAX_MEMBERS = 64
BLOCK = 512  # bytes; what a tar file consists of
_GZIP = 31  # zlib's window bits for a stream with the header of gzip
_SIZE, _MAGIC = slice(124, 136), slice(257, 263)
_TYPE, _FILE, _FOLDER = slice(156, 157), b"0", b"5"
_OCTAL = re.compile(rb"[0-7]{1,11}[ \0]+")


def is_plain(archive: Path) -> bool:
    """Return whether `archive` is one small gzip stream of a tar file that has a few plain files and folders, no more.

    Links, devices and records of attributes, of long names or of holes are not plain: tarfile copies attributes for
    each member. Names are not looked at; who unpacks the archive does. Whatever the file holds, this reads MAX_PACKED
    bytes and unpacks MAX_BYTES in memory at most.
    """
    with archive.open("rb") as file:
        packed = file.read(MAX_PACKED + 1)
    if len(packed) > MAX_PACKED:
        return False
    unpacker = zlib.decompressobj(_GZIP)
    try:
        content = unpacker.decompress(packed, MAX_BYTES)
    except zlib.error:
        return False
    return unpacker.eof and not unpacker.unused_data and _has_plain_members(content)


def _has_plain_members(content: bytes) -> bool:
    """Return whether the tar file `content` is plain from its first header to the empty blocks at its end."""
    start = 0
    for _ in range(MAX_MEMBERS + 1):
        header = content[start : start + BLOCK]
        if len(header) < BLOCK:
            return False
        if not any(header):
            return not content[start:].strip(b"\0")
        size, kind = header[_SIZE], header[_TYPE]
        if header[_MAGIC] != b"ustar\0" or not _OCTAL.fullmatch(size) or kind not in (_FILE, _FOLDER):
            return False
        length = int(size.rstrip(b" \0"), 8)
        if kind == _FOLDER and length:
            return False
        start += BLOCK + -(-length // BLOCK) * BLOCK
    return False
