"""Uploads on their way to the store: checked while they stream, with the last block held back until all is right.

The store only keeps a body that arrives whole, so a body found wrong at its very end still leaves nothing behind.
"""

import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256

from engine.auth import Caller
from engine.auth.refusals import Refusal
from engine.auth.sigv4 import UNSIGNED
from engine.gateway.chunked import Chunked
from engine.http.request import Gone, Request

SMALL = 256 * 1024  # bytes; up to here a body is read whole and sent in one piece
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
UNSIGNED_CHUNKS = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
TRAILER_KIND = UNSIGNED_CHUNKS  # how chunks with trailing headers go on to the store: unsigned, on our own connection


@dataclass
class Upload:
    """What goes to the store: the content, and the headers that describe how it is sent."""

    content: bytes | AsyncIterator[bytes]
    headers: dict[str, str] = field(default_factory=dict)
    payload: str = UNSIGNED  # what is signed in the body's stead
    stopped: Refusal | Gone | None = None  # why the content was cut off, if it was

    async def begin(self) -> None:
        """Wait for the first block. The store keeps an empty object when a connection ends before any byte of its
        body came, so it is not asked for anything before there is one."""
        if not isinstance(self.content, bytes):
            rest = self.content
            self.content = _after(await anext(rest), rest)


async def upload_of(request: Request, caller: Caller) -> Upload | None:
    """The body of `request`, ready to be sent on; None when it has none. Refusal when its head is wrong."""
    kind = caller.claim.payload or UNSIGNED
    if kind.startswith("STREAMING-"):
        return _unwrapped(request, caller, kind)
    expected = None if kind == UNSIGNED else kind.lower()
    if not request.has_body:
        _compare(sha256(b""), expected)
        return Upload(b"", {"content-length": "0"}) if request.method in ("PUT", "POST") else None
    if request.length is None:
        raise Refusal("You must provide the Content-Length HTTP header.", "MissingContentLength", 411)
    if request.length <= SMALL:
        body = await request.body(SMALL)
        _compare(sha256(body), expected)
        return Upload(body, {"content-length": str(len(body))})
    upload = Upload(b"", {"content-length": str(request.length)})
    upload.content = _held_back(upload, _hashed(request.blocks(), expected))
    return upload


def _unwrapped(request: Request, caller: Caller, kind: str) -> Upload:
    if kind not in (SIGNED, f"{SIGNED}-TRAILER", UNSIGNED_CHUNKS):
        raise Refusal(f"The payload kind {kind} is not supported.", "NotImplemented", 501)
    length = request.headers.get("x-amz-decoded-content-length", "")
    if not length.isdigit():
        raise Refusal("You must provide the x-amz-decoded-content-length header.", "MissingContentLength", 411)
    chunked = Chunked(request.blocks(), caller, signed=kind.startswith(SIGNED))
    pieces = _measured(chunked.pieces(), int(length))
    if kind == SIGNED:
        upload = Upload(b"", {"content-length": length})
        upload.content = _held_back(upload, pieces)
        return upload
    # Trailing headers are known only at the end, and the store is to keep them: so it gets chunks again, unsigned.
    upload = Upload(b"", {"x-amz-decoded-content-length": length}, TRAILER_KIND)
    if trailer := request.headers.get("x-amz-trailer"):
        upload.headers["x-amz-trailer"] = trailer
    upload.content = _held_back(upload, _wrapped(pieces, chunked))
    return upload


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for block in rest:
        yield block


async def _wrapped(pieces: AsyncIterator[bytes], chunked: Chunked) -> AsyncIterator[bytes]:
    async for piece in pieces:
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    trailers = "".join(f"{name}:{value}\r\n" for name, value in chunked.trailers)
    yield b"0\r\n%b\r\n" % trailers.encode("latin-1")


async def _hashed(blocks: AsyncIterator[bytes], expected: str | None) -> AsyncIterator[bytes]:
    digest = sha256()
    async for block in blocks:
        if expected:
            digest.update(block)
        yield block
    _compare(digest, expected)


async def _measured(pieces: AsyncIterator[bytes], length: int) -> AsyncIterator[bytes]:
    seen = 0
    async for piece in pieces:
        seen += len(piece)
        yield piece
    if seen != length:
        text = f"The body has {seen} bytes, and x-amz-decoded-content-length says {length}."
        raise Refusal(text, "IncompleteBody", 400)


async def _held_back(upload: Upload, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """`blocks`, each one only once the next is there, so that the last waits for the end of all checks."""
    held = b""
    try:
        async for block in blocks:
            if held:
                yield held
            held = block
    except (Refusal, Gone) as reason:
        upload.stopped = reason
        raise
    yield held


def _compare(digest, expected: str | None) -> None:
    if expected is not None and not hmac.compare_digest(digest.hexdigest(), expected):
        raise Refusal(
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            "XAmzContentSHA256Mismatch",
            400,
            ClientComputedContentSHA256=expected,
            S3ComputedContentSHA256=digest.hexdigest(),
        )
