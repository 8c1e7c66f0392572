"""An HTTP request and its response over raw ASGI."""

import os
from collections.abc import AsyncIterator

from django.conf import settings

from common.http.proxies import client_of

Headers = list[tuple[bytes, bytes]]


def request_id() -> str:
    """Return a new request id in AWS's form; five times as fast as uuid4."""
    return format_id(os.urandom(16).hex())


def format_id(h: str) -> str:
    """Return 32 hexadecimal digits in the form of a request id."""
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


class ClientDisconnected(Exception):
    """The client disconnected in the middle of its request, or was disconnected for being too slow."""


class TooLarge(Exception):
    """The body is longer than the limit given to `Request.body`."""


class Request:
    """One request. `path` and `query` are raw; `headers` has lower-case names, repeated ones joined by ",".

    `client` is the address that it came from, as far as our own proxies can tell. `cors` are headers that every answer
    to it has, for the page that sent it.
    """

    __slots__ = ("_peer", "_receive", "_send", "_started", "cors", "headers", "method", "path", "query")

    def __init__(self, scope, receive, send):
        self.method: str = scope["method"]
        self.path: str = scope["raw_path"].decode("latin-1")
        self.query: str = scope["query_string"].decode("latin-1")
        self.headers: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            self.headers[name] = f"{self.headers[name]},{value}" if name in self.headers else value
        self._peer: str = (scope.get("client") or ("",))[0]
        self.cors: Headers = []
        self._receive, self._send, self._started = receive, send, False

    @property
    def client(self) -> str | None:
        """The address of the client; None behind a unix socket."""
        return client_of(self._peer, self.headers.get("x-forwarded-for", ""), settings.TRUSTED_PROXIES) or None

    @property
    def length(self) -> int | None:
        """The value of Content-Length in bytes; None when it is absent or not a number."""
        length = self.headers.get("content-length", "")
        return int(length) if length.isdigit() else None

    @property
    def has_body(self) -> bool:
        """True if the head announces a body, of a known length or chunked."""
        return bool(self.length) or "transfer-encoding" in self.headers

    async def blocks(self) -> AsyncIterator[bytes]:
        """The body as it arrives; asking for the next block is what lets the client send it."""
        more = True
        while more:
            self._started = True
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnected
            more = message.get("more_body", False)
            if message["body"]:
                yield message["body"]

    async def body(self, limit: int) -> bytes:
        """The whole body; TooLarge, before reading where possible, when it has more than `limit` bytes."""
        if (self.length or 0) > limit:
            raise TooLarge
        self._started = True
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        if not message.get("more_body", False):
            return message["body"]
        parts = [message["body"]]
        size = len(parts[0])
        async for block in self.blocks():
            parts.append(block)
            size += len(block)
            if size > limit:
                raise TooLarge
        return b"".join(parts)

    async def wait_for_disconnect(self) -> None:
        """Return when the client disconnects. Call it only after the body was read."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def start(self, status: int, headers: Headers) -> None:
        """Begin the answer. A client still waiting for "100 Continue" would send its next request into the void."""
        if not self._started and self.headers.get("expect", "").lower() == "100-continue":
            headers = [*headers, (b"connection", b"close")]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, block: bytes, more: bool = True) -> None:
        """Send a block of the answer; waits while the client is slow."""
        await self._send({"type": "http.response.body", "body": block, "more_body": more})

    async def answer(self, status: int, headers: Headers, body: bytes = b"") -> None:
        """The whole answer at once. What is left of the request's body is read and dropped by the server."""
        await self.start(status, [*headers, (b"content-length", b"%d" % len(body))])
        await self.write(body, more=False)
