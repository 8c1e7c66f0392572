"""aws-chunked bodies: unwraps the chunks and checks their signatures, each of which covers the one before it."""

import hmac
from collections.abc import AsyncIterator
from hashlib import sha256

from engine.auth import Caller
from engine.auth.refusals import Refusal
from engine.auth.sigv4 import EMPTY
from engine.http.request import Gone

LONGEST_LINE = 16 * 1024
CHUNK, TRAILER = "AWS4-HMAC-SHA256-PAYLOAD", "AWS4-HMAC-SHA256-TRAILER"


class Chunked:
    """One aws-chunked body. `pieces()` yields the content; afterwards `trailers` holds the trailing headers."""

    def __init__(self, blocks: AsyncIterator[bytes], caller: Caller, signed: bool):
        self._blocks, self._caller, self._signed = blocks, caller, signed
        self._rest = bytearray()
        self._previous = caller.claim.signature
        self.trailers: list[tuple[str, str]] = []

    async def pieces(self) -> AsyncIterator[bytes]:
        """The content, as it arrives; a piece is checked only with the chunk it belongs to."""
        while True:
            size, signature = _head(await self._line())
            digest, left = sha256(), size
            while left:
                piece = await self._some(left)
                left -= len(piece)
                if self._signed:
                    digest.update(piece)
                yield piece
            if self._signed:
                self._check(CHUNK, f"{EMPTY}\n{digest.hexdigest()}", signature)
            if size == 0:
                break
            if await self._line():
                raise _broken("a chunk is longer than it says")
        await self._read_trailers()

    async def _read_trailers(self) -> None:
        while line := await self._line(at_end=True):
            name, _, value = line.decode("latin-1").partition(":")
            self.trailers.append((name.strip().lower(), value.strip()))
        signature = next((v for n, v in self.trailers if n == "x-amz-trailer-signature"), None)
        self.trailers = [(n, v) for n, v in self.trailers if n != "x-amz-trailer-signature"]
        announced = self._caller.claim.headers.get("x-amz-trailer", "")
        expected = {name.strip().lower() for name in announced.split(",") if name.strip()}
        if {name for name, _ in self.trailers} != expected:
            raise Refusal(f"The trailing headers are not those announced: {announced!r}.", "MalformedTrailerError", 400)
        if self._signed and expected:
            lines = "".join(f"{name}:{value}\n" for name, value in self.trailers)
            self._check(TRAILER, sha256(lines.encode("latin-1")).hexdigest(), signature or "")

    def _check(self, algorithm: str, hashes: str, signature: str) -> None:
        claim = self._caller.claim
        text = f"{algorithm}\n{claim.timestamp}\n{claim.scope}\n{self._previous}\n{hashes}"
        expected = hmac.digest(self._caller.signing_key, text.encode(), "sha256").hex()
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise claim.words.mismatch(claim.access_key_id, text, signature, "")
        self._previous = signature

    async def _line(self, at_end: bool = False) -> bytes:
        """The next line without its end. `at_end`, the body may stop here as if by an empty line."""
        while b"\r\n" not in self._rest:
            if len(self._rest) > LONGEST_LINE:
                raise _broken("a chunk has no head")
            block = await anext(self._blocks, None)
            if block is None:
                if at_end and not self._rest:
                    return b""
                raise _broken("it ends too early")
            self._rest += block
        end = self._rest.index(b"\r\n")
        line = bytes(self._rest[:end])
        del self._rest[: end + 2]
        return line

    async def _some(self, at_most: int) -> bytes:
        """One to `at_most` bytes."""
        if not self._rest:
            block = await anext(self._blocks, None)
            if block is None:
                raise Gone
            self._rest += block
        piece = bytes(self._rest[:at_most])
        del self._rest[:at_most]
        return piece


def _head(line: bytes) -> tuple[int, str]:
    size, _, rest = line.decode("latin-1").partition(";")
    try:
        if len(size) > 12 or not size.isalnum():
            raise ValueError
        return int(size, 16), rest.removeprefix("chunk-signature=")
    except ValueError:
        raise _broken(f"{size[:20]!r} is no chunk size") from None


def _broken(why: str) -> Refusal:
    return Refusal(f"The aws-chunked body is malformed: {why}.", "IncompleteBody", 400)
