"""Decodes aws-chunked bodies and checks the chain of chunk signatures, each of which covers the one before it."""

import hmac
from collections.abc import AsyncIterator
from hashlib import sha256

from engine.auth import Caller
from engine.auth.errors import RequestError
from engine.auth.sigv4 import EMPTY_SHA256, signature_of

MAX_LINE = 16 * 1024
CHUNK, TRAILER = "AWS4-HMAC-SHA256-PAYLOAD", "AWS4-HMAC-SHA256-TRAILER"


class ChunkedBody:
    """One aws-chunked body. `pieces()` yields the content; afterwards `trailers` holds the trailing headers."""

    def __init__(self, blocks: AsyncIterator[bytes], caller: Caller, signed: bool):
        self._blocks, self._caller, self._signed = blocks, caller, signed
        self._buffer = bytearray()
        self._previous = caller.signed.signature
        self.trailers: list[tuple[str, str]] = []

    async def pieces(self) -> AsyncIterator[bytes]:
        """The content, as it arrives; a piece is checked only with the chunk it belongs to."""
        while True:
            size, signature = _parse_head(await self._read_line())
            digest, remaining = sha256(), size
            while remaining:
                piece = await self._read_some(remaining)
                remaining -= len(piece)
                if self._signed:
                    digest.update(piece)
                yield piece
            if self._signed:
                self._check(CHUNK, f"{EMPTY_SHA256}\n{digest.hexdigest()}", signature)
            if size == 0:
                break
            if await self._read_line():
                raise _malformed("a chunk is longer than it says")
        await self._read_trailers()

    async def _read_trailers(self) -> None:
        while line := await self._read_line(at_end=True):
            name, _, value = line.decode("latin-1").partition(":")
            self.trailers.append((name.strip().lower(), value.strip()))
        signature = next((v for n, v in self.trailers if n == "x-amz-trailer-signature"), None)
        self.trailers[:] = [(n, v) for n, v in self.trailers if n != "x-amz-trailer-signature"]
        announced = self._caller.signed.headers.get("x-amz-trailer", "")
        expected = {name.strip().lower() for name in announced.split(",") if name.strip()}
        if {name for name, _ in self.trailers} != expected:
            raise RequestError(
                f"The trailing headers are not those announced: {announced!r}.", "MalformedTrailerError", 400
            )
        if self._signed and expected:
            lines = "".join(f"{name}:{value}\n" for name, value in self.trailers)
            self._check(TRAILER, sha256(lines.encode("latin-1")).hexdigest(), signature or "")

    def _check(self, algorithm: str, hashes: str, signature: str) -> None:
        signed = self._caller.signed
        text = f"{algorithm}\n{signed.timestamp}\n{signed.scope}\n{self._previous}\n{hashes}"
        expected = signature_of(self._caller.signing_key, text)
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise signed.texts.mismatch(signed.access_key_id, text, signature, "")
        self._previous = signature

    async def _read_line(self, at_end: bool = False) -> bytes:
        """The next line without its end. `at_end`, the body may stop here as if by an empty line."""
        while b"\r\n" not in self._buffer:
            if len(self._buffer) > MAX_LINE:
                raise _malformed("a chunk has no head")
            block = await anext(self._blocks, None)
            if block is None:
                if at_end and not self._buffer:
                    return b""
                raise _malformed("it ends too early")
            self._buffer += block
        end = self._buffer.index(b"\r\n")
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    async def _read_some(self, at_most: int) -> bytes:
        """One to `at_most` bytes."""
        if not self._buffer:
            block = await anext(self._blocks, None)
            if block is None:
                raise _malformed("it ends too early")
            self._buffer += block
        piece = bytes(self._buffer[:at_most])
        del self._buffer[:at_most]
        return piece


def _parse_head(line: bytes) -> tuple[int, str]:
    size, _, extension = line.decode("latin-1").partition(";")
    try:
        if len(size) > 12 or not size.isalnum():
            raise ValueError
        return int(size, 16), extension.removeprefix("chunk-signature=")
    except ValueError:
        raise _malformed(f"{size[:20]!r} is no chunk size") from None


def _malformed(why: str) -> RequestError:
    return RequestError(f"The aws-chunked body is malformed: {why}.", "IncompleteBody", 400)
