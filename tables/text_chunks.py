"""Reads the text of an object as decompressed UTF-8 chunks of whole rows."""

import bz2
import codecs
import re
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from common.messages import _
from common.problems import Problem
from tables.dialect import Dialect
from tables.encodings import encoding_like
from tables.limits import MAX_ROW
from tables.objects import LOCATION

CHUNK = 4 * 1024 * 1024  # bytes
_ESCAPED = re.compile(rb'\\[\\"]')


def detect_compression(head: bytes) -> str:
    """gzip, bz2, zstd or '', by the magic number."""
    signs = ((b"\x1f\x8b", "gzip"), (b"BZh", "bz2"), (b"\x28\xb5\x2f\xfd", "zstd"))
    return next((name for sign, name in signs if head.startswith(sign)), "")


def decompress_head(head: bytes, compression: str, limit: int, uri: str) -> bytes:
    """About the first `limit` bytes that `head`, the beginning of a compressed file, decompresses to."""
    try:
        if compression == "gzip":
            return zlib.decompressobj(wbits=31).decompress(head, limit)
        if compression == "bz2":
            return bz2.BZ2Decompressor().decompress(head, limit)
        stream = pa.CompressedInputStream(pa.BufferReader(head), "zstd")
        text = b""
        while len(text) < limit:
            try:
                chunk = stream.read(min(65536, limit - len(text)))
            except OSError:
                break  # the head ends in the middle of a frame
            if not chunk:
                break
            text += chunk
        return text
    except (zlib.error, OSError) as e:
        raise Problem(
            _(
                "%(where)s is not a readable %(compression)s file: %(why)s. Upload it again.",
                where=uri,
                compression=compression,
                why=e,
            ),
            LOCATION,
        ) from e


class CountingReader:
    """A byte stream that counts the bytes read. `encoding` is that of its text, once it is known."""

    def __init__(self, body: BinaryIO):
        self.body, self.bytes_read, self.closed, self.encoding = body, 0, False, ""

    def read(self, count: int = -1) -> bytes:
        """Up to `count` bytes; all for -1."""
        data = self.body.read(count) if count >= 0 else self.body.read()
        self.bytes_read += len(data)
        return data

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """False."""
        return False

    def writable(self) -> bool:
        """False."""
        return False

    def close(self) -> None:
        """Close the stream below."""
        self.closed = True
        self.body.close()


def read_chunks(
    body: CountingReader, uri: str, encoding: str, compression: str, dialect: Dialect, *, may_differ: bool = False
) -> Iterator[bytes]:
    """The text of one object in UTF-8 with line ends LF or CRLF; every chunk but the last ends with a row.

    With `may_differ` the object may have another encoding; `body.encoding` then says which.

    After MAX_ROW bytes without a row end quotes are read as text. Raises Problem when there is no line end either.
    """
    pending, newline = b"", b""
    for chunk in _utf8(_raw(body, uri, compression), body, encoding, may_differ):
        if not newline and (b"\n" in chunk or b"\r" in chunk):
            newline = b"\n" if b"\n" in chunk else b"\r"
        if newline == b"\r":
            chunk = chunk.replace(b"\r", b"\n")
        pending += chunk
        end = last_row_end(pending, dialect)
        if not end and len(pending) > MAX_ROW:
            end = pending.rfind(b"\n") + 1
            if not end:
                raise Problem(
                    _(
                        "%(where)s has a row of more than %(limit)s MB. Rows end with a line break; check that the "
                        "file is a table.",
                        where=uri,
                        limit=MAX_ROW // 1024**2,
                    ),
                    LOCATION,
                )
        if end:
            yield pending[:end]
            pending = pending[end:]
    if pending:
        yield pending


def last_row_end(text: bytes, dialect: Dialect) -> int:
    """The offset after the last line break outside quotes; 0 when there is none."""
    quote = dialect.quote.encode()
    if not quote or quote not in text:
        return text.rfind(b"\n") + 1
    end = text.rfind(b"\n")
    if end < 0 or np.searchsorted(_quotes(text, dialect), end) % 2 == 0:
        return end + 1  # the last line break ends a row, as it nearly always does
    ends = row_ends(text, dialect)
    return int(ends[-1]) + 1 if len(ends) else 0


def row_ends(text: bytes, dialect: Dialect) -> np.ndarray:
    """The offsets of all line breaks outside quotes, those of blank lines included, as int64."""
    breaks = np.flatnonzero(np.frombuffer(text, np.uint8) == 10)
    return breaks[np.searchsorted(_quotes(text, dialect), breaks) % 2 == 0]


def _quotes(text: bytes, dialect: Dialect) -> np.ndarray:
    """The offsets of the quotes that begin or end a quoted text, as int64."""
    quote = dialect.quote.encode()
    if not quote or quote not in text:
        return np.empty(0, np.int64)
    if dialect.escapes:
        text = _ESCAPED.sub(b"  ", text)
    data = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero(data == quote[0])
    # A quote counts only at the edge of a cell or next to another quote: not the inches in `5" pipe`.
    edge = np.zeros(256, bool)
    edge[[10, 13, quote[0], *dialect.edges.encode()]] = True
    before = np.where(quotes > 0, edge[data[quotes - 1]], True)
    after = np.where(quotes + 1 < len(data), edge[data[np.minimum(quotes + 1, len(data) - 1)]], True)
    return quotes[before | after]


def _raw(body: CountingReader, uri: str, compression: str) -> Iterator[bytes]:
    if not compression:
        while chunk := body.read(CHUNK):
            yield chunk
        return
    try:
        stream = pa.CompressedInputStream(pa.PythonFile(body, mode="r"), compression)
        while chunk := stream.read(CHUNK):
            yield chunk
    except OSError as e:
        text = (str(e).splitlines() or [""])[0].rstrip(".")
        raise Problem(
            _("%(where)s cannot be decompressed: %(text)s. Upload it again.", where=uri, text=text), LOCATION
        ) from e


def _utf8(raw: Iterator[bytes], body: CountingReader, encoding: str, may_differ: bool) -> Iterator[bytes]:
    first = next(raw, b"")
    body.encoding = encoding_like(first, encoding) if may_differ else encoding
    if body.encoding == "utf-8":
        yield first
        yield from raw
        return
    decoder = codecs.getincrementaldecoder(body.encoding)(errors="replace")
    for chunk in chain((first,), raw):
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", True).encode()
