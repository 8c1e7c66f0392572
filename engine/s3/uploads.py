"""Checks uploads while they stream to the store, and delays the last block until all checks have passed.

The store only keeps a body that arrives whole, so a body that is wrong at its very end still leaves nothing behind.
"""

import base64
import contextlib
import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256

from engine.auth import Caller
from engine.auth.errors import RequestError
from engine.auth.sigv4 import UNSIGNED
from engine.http.request import ClientDisconnected, Request
from engine.s3.chunked_body import ChunkedBody

SMALL_BODY = 256 * 1024  # bytes; up to here a body is read whole and sent in one piece
MAX_BODY = 5 * 1024**3  # bytes; S3's limit for an object or part that comes in one piece
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
UNSIGNED_CHUNKS = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
TRAILER_KIND = UNSIGNED_CHUNKS  # how chunks with trailing headers go on to the store: unsigned, on our own connection


@dataclass
class Upload:
    """A body for the store: the content, and the headers that describe its transfer."""

    content: bytes | AsyncIterator[bytes]
    headers: dict[str, str] = field(default_factory=dict)
    payload: str = UNSIGNED  # what is signed in the body's stead
    error: RequestError | ClientDisconnected | None = None  # why the content was cut off, if it was

    async def begin(self) -> None:
        """Wait for the first block.

        The store keeps an empty object when a connection ends before any byte of its body came, so it is not asked for
        anything before there is one.
        """
        if not isinstance(self.content, bytes):
            remaining = self.content
            self.content = _prepend(await anext(remaining), remaining)


async def upload_of(request: Request, caller: Caller) -> Upload | None:
    """The body of `request`, ready to be sent on; None when it has none. Raises RequestError for a wrong head."""
    _check_digest(request)
    kind = caller.signed.payload or UNSIGNED
    if kind.startswith("STREAMING-"):
        return _decode(request, caller, kind)
    expected = None if kind == UNSIGNED else kind.lower()
    if not request.has_body:
        _check_hash(sha256(b""), expected)
        return Upload(b"", {"content-length": "0"}) if request.method in ("PUT", "POST") else None
    if request.length is None:
        raise RequestError("You must provide the Content-Length HTTP header.", "MissingContentLength", 411)
    _check_size(request.length)
    if request.length <= SMALL_BODY:
        body = await request.body(SMALL_BODY)
        _check_hash(sha256(body), expected)
        return Upload(body, {"content-length": str(len(body))})
    upload = Upload(b"", {"content-length": str(request.length)})
    upload.content = _delay_last(upload, _check_hash_of(request.blocks(), expected))
    return upload


async def read_body(request: Request, caller: Caller, limit: int) -> tuple[bytes, dict[str, str]]:
    """The whole content of a body, checked, and its trailing headers.

    Raises RequestError when it is wrong or longer than `limit` bytes.
    """
    kind, trailers = caller.signed.payload or UNSIGNED, []
    if kind.startswith("STREAMING-"):
        chunked, length = _chunks_of(request, caller, kind)
        blocks, trailers = _check_length(chunked.pieces(), length), chunked.trailers
    else:
        blocks = _check_hash_of(request.blocks(), None if kind == UNSIGNED else kind.lower())
    content = bytearray()
    async for block in blocks:
        content += block
        if len(content) > limit:
            raise RequestError("Your request was too big.", "MaxMessageLengthExceeded", 400)
    return bytes(content), dict(trailers)


def _chunks_of(request: Request, caller: Caller, kind: str) -> tuple[ChunkedBody, int]:
    """An aws-chunked body and the length of its content."""
    if kind not in (SIGNED, f"{SIGNED}-TRAILER", UNSIGNED_CHUNKS):
        raise RequestError(f"The payload kind {kind} is not supported.", "NotImplemented", 501)
    length = request.headers.get("x-amz-decoded-content-length", "")
    if not (length.isascii() and length.isdecimal()):
        raise RequestError("You must provide the x-amz-decoded-content-length header.", "MissingContentLength", 411)
    _check_size(int(length) if len(length) < 20 else MAX_BODY + 1)
    return ChunkedBody(request.blocks(), caller, signed=kind.startswith(SIGNED)), int(length)


def _decode(request: Request, caller: Caller, kind: str) -> Upload:
    chunked, size = _chunks_of(request, caller, kind)
    pieces, length = _check_length(chunked.pieces(), size), str(size)
    if kind == SIGNED:
        upload = Upload(b"", {"content-length": length})
        upload.content = _delay_last(upload, pieces)
        return upload
    # Trailing headers are known only at the end, and the store is to keep them: so it gets chunks again, unsigned.
    upload = Upload(b"", {"x-amz-decoded-content-length": length}, TRAILER_KIND)
    if trailer := request.headers.get("x-amz-trailer"):
        upload.headers["x-amz-trailer"] = trailer
    upload.content = _delay_last(upload, _chunk(pieces, chunked))
    return upload


async def _prepend(first: bytes, remaining: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for block in remaining:
        yield block


async def _chunk(pieces: AsyncIterator[bytes], chunked: ChunkedBody) -> AsyncIterator[bytes]:
    async for piece in pieces:
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    trailers = "".join(f"{name}:{value}\r\n" for name, value in chunked.trailers)
    yield b"0\r\n%b\r\n" % trailers.encode("latin-1")


async def _check_hash_of(blocks: AsyncIterator[bytes], expected: str | None) -> AsyncIterator[bytes]:
    digest = sha256()
    async for block in blocks:
        if expected:
            digest.update(block)
        yield block
    _check_hash(digest, expected)


async def _check_length(pieces: AsyncIterator[bytes], length: int) -> AsyncIterator[bytes]:
    size = 0
    async for piece in pieces:
        size += len(piece)
        yield piece
    if size != length:
        text = f"The body has {size} bytes, and x-amz-decoded-content-length says {length}."
        raise RequestError(text, "IncompleteBody", 400)


async def _delay_last(upload: Upload, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """`blocks`, each one only once the next is there, so that the last waits for the end of all checks."""
    cached = b""
    try:
        async for block in blocks:
            if cached:
                yield cached
            cached = block
    except (RequestError, ClientDisconnected) as reason:
        upload.error = reason
        raise
    yield cached


def _check_size(length: int) -> None:
    if length > MAX_BODY:
        text = "Your proposed upload exceeds the maximum allowed size"
        raise RequestError(text, "EntityTooLarge", 400, MaxSizeAllowed=str(MAX_BODY))


def _check_digest(request: Request) -> None:
    """Refuse a Content-MD5 that cannot be one; the store compares the others with the body."""
    digest = request.headers.get("content-md5")
    with contextlib.suppress(ValueError):
        if digest is None or len(base64.b64decode(digest, validate=True)) == 16:
            return
    raise RequestError("The Content-MD5 you specified was invalid.", "InvalidDigest", 400)


def _check_hash(digest, expected: str | None) -> None:
    if expected is not None and not hmac.compare_digest(digest.hexdigest(), expected):
        raise RequestError(
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            "XAmzContentSHA256Mismatch",
            400,
            ClientComputedContentSHA256=expected,
            S3ComputedContentSHA256=digest.hexdigest(),
        )
