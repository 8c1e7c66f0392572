"""Cuts the text of an object into pieces that end where a row ends, unpacked and in UTF-8."""

import bz2
import codecs
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from common.messages import _
from common.problems import Problem
from tables.objects import LOCATION

PIECE = 4 * 1024 * 1024  # bytes
LONGEST = 64 * 1024 * 1024  # bytes without the end of a row; then the quotes are taken for text


def compression_of(head: bytes) -> str:
    """gzip, bz2, zstd or '' by the first bytes."""
    signs = ((b"\x1f\x8b", "gzip"), (b"BZh", "bz2"), (b"\x28\xb5\x2f\xfd", "zstd"))
    return next((name for sign, name in signs if head.startswith(sign)), "")


def unpacked(head: bytes, compression: str, most: int, where: str) -> bytes:
    """At most about the first `most` bytes of what is packed in `head`, the beginning of a file."""
    try:
        if compression == "gzip":
            return zlib.decompressobj(wbits=31).decompress(head, most)
        if compression == "bz2":
            return bz2.BZ2Decompressor().decompress(head, most)
        stream = pa.CompressedInputStream(pa.BufferReader(head), "zstd")
        made = b""
        while len(made) < most:
            try:
                piece = stream.read(min(65536, most - len(made)))
            except OSError:
                break  # the head ends in the middle of a frame
            if not piece:
                break
            made += piece
        return made
    except (zlib.error, OSError) as e:
        raise Problem(
            _(
                "%(where)s is not a readable %(compression)s file: %(why)s. Upload it again.",
                where=where,
                compression=compression,
                why=e,
            ),
            LOCATION,
        ) from e


class Counted:
    """A byte stream that knows how much of it has been read."""

    def __init__(self, body: BinaryIO):
        self.body, self.done, self.closed = body, 0, False

    def read(self, count: int = -1) -> bytes:
        found = self.body.read(count) if count >= 0 else self.body.read()
        self.done += len(found)
        return found

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def writable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True
        self.body.close()


def pieces(body: Counted, where: str, encoding: str, compression: str, delimiter: str) -> Iterator[bytes]:
    """The text of one object in UTF-8, line ends as \\n or \\r\\n, every piece ending with a row's end."""
    rest, newline = b"", b""
    for piece in _utf8(_raw(body, where, compression), encoding):
        if not newline and (b"\n" in piece or b"\r" in piece):
            newline = b"\n" if b"\n" in piece else b"\r"
        if newline == b"\r":
            piece = piece.replace(b"\r", b"\n")
        rest += piece
        end = row_end(rest, delimiter)
        if not end and len(rest) > LONGEST:
            end = rest.rfind(b"\n") + 1
        if end:
            yield rest[:end]
            rest = rest[end:]
    if rest:
        yield rest


def row_end(text: bytes, delimiter: str) -> int:
    """The place after the last line break that is not inside quotes; 0 when there is none."""
    if b'"' not in text:
        return text.rfind(b"\n") + 1
    ends = row_ends(text, delimiter)
    return int(ends[-1]) + 1 if len(ends) else 0


def row_ends(text: bytes, delimiter: str) -> np.ndarray:
    """The places of all line breaks that are not inside quotes, blank lines' too."""
    data = np.frombuffer(text, np.uint8)
    breaks = np.flatnonzero(data == 10)
    if b'"' not in text:
        return breaks
    quotes = np.flatnonzero(data == 34)
    # A quote counts only at the edge of a cell or beside another quote: not the inches in `5" pipe`.
    edge = np.zeros(256, bool)
    edge[[10, 13, 34, *delimiter.encode()]] = True
    before = np.where(quotes > 0, edge[data[quotes - 1]], True)
    after = np.where(quotes + 1 < len(data), edge[data[np.minimum(quotes + 1, len(data) - 1)]], True)
    quotes = quotes[before | after]
    return breaks[np.searchsorted(quotes, breaks) % 2 == 0]


def _raw(body: Counted, where: str, compression: str) -> Iterator[bytes]:
    if not compression:
        while piece := body.read(PIECE):
            yield piece
        return
    try:
        stream = pa.CompressedInputStream(pa.PythonFile(body, mode="r"), compression)
        while piece := stream.read(PIECE):
            yield piece
    except OSError as e:
        text = (str(e).splitlines() or [""])[0].rstrip(".")
        raise Problem(
            _("%(where)s cannot be decompressed: %(text)s. Upload it again.", where=where, text=text), LOCATION
        ) from e


def _utf8(raw: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    if encoding == "utf-8":
        yield from raw
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for piece in raw:
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", True).encode()
