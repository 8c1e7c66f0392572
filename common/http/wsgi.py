"""Runs a WSGI application behind an event loop: the loop waits for slow clients, threads only run the application.

A request reaches a thread when its body has come in whole, up to SMALL bytes, and leaves it with the whole response, up
to SMALL bytes. What is larger is streamed from and to a second pool of threads, so that pages never wait for transfers.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from common.http.environ import Body, environ_of
from common.http.proxies import Networks

SMALL = 256 * 1024  # bytes of a body, or of a response, that are held in memory
TRANSFERS = 16  # threads for larger ones
STUCK = 60.0  # seconds in which no thread has finished although all are taken: then the process is not healthy
NO_BODY = (204, 304)
log = logging.getLogger(__name__)
is_ending = threading.Event()  # the server of this process is told to end: a request that waits for something answers


class Response(NamedTuple):
    """The beginning of a response; `rest` has the blocks after `body`, None when there are none. `close` ends it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    rest: Iterator[bytes] | None
    close: Callable[[], None]


class WsgiServer:
    """An ASGI application that answers with a WSGI one in `threads` threads, and at `health` for itself.

    `proxies` are the networks whose X-Forwarded-Proto counts.
    """

    def __init__(self, application: Callable, threads: int, health: str, proxies: Networks = ()):
        self.application, self.threads, self.health, self.proxies = application, threads, health, proxies
        self.pages = ThreadPoolExecutor(threads, "page")
        self.transfers = ThreadPoolExecutor(TRANSFERS, "transfer")
        self.running, self.moved_at = 0, time.monotonic()

    async def __call__(self, scope, receive, send) -> None:
        """Answer one ASGI event: `lifespan`, the health check, or a request through the WSGI application."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["path"] == self.health and scope["method"] in ("GET", "HEAD"):
            await self._answer_health(send)
        else:
            await self._answer(scope, receive, send)

    def is_stuck(self) -> bool:
        """True when all threads are taken and none has finished for STUCK seconds."""
        return self.running >= self.threads and time.monotonic() - self.moved_at > STUCK

    def prepare_end(self) -> None:
        """Tell the requests that wait."""
        is_ending.set()

    async def _answer(self, scope, receive, send) -> None:
        content, more = bytearray(), True
        while more and len(content) <= SMALL:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            content += message["body"]
            more = message.get("more_body", False)
        body = Body(bytes(content), receive if more else None, asyncio.get_running_loop())
        environ = environ_of(scope, body, None if more else len(content), self.proxies)
        response = await (self._in_transfer(self._respond, environ) if more else self._in_page(environ))
        await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
        streams = response.rest is not None
        await send({"type": "http.response.body", "body": response.body, "more_body": streams})
        if streams:
            await self._stream(response, body, receive, send)

    async def _in_page(self, environ: dict) -> Response:
        if self.running < self.threads:
            self.moved_at = time.monotonic()
        self.running += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.pages, self._respond, environ)
        finally:
            self.running -= 1
            self.moved_at = time.monotonic()

    async def _in_transfer(self, work: Callable, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.transfers, work, *arguments)

    def _respond(self, environ: dict) -> Response:
        """Call the application and take the first SMALL bytes of its response."""
        start: list = []
        result = self.application(environ, lambda status, headers, exc_info=None: start.append((status, headers)))
        close = getattr(result, "close", lambda: None)
        try:
            blocks = iter(result)
            body, complete = _take(blocks)
        except BaseException:
            close()
            raise
        status, headers = int(start[0][0][:3]), _encoded(start[0][1])
        if not complete:
            return Response(status, headers, body, blocks, close)
        close()
        if status not in NO_BODY and not any(name == b"content-length" for name, _ in headers):
            headers.append((b"content-length", str(len(body)).encode()))
        return Response(status, headers, body, None, close)

    async def _stream(self, response: Response, body: Body, receive, send) -> None:
        """Send the rest of a response block by block, until it ends or the client has gone."""
        loop = asyncio.get_running_loop()
        gone = asyncio.create_task(_wait_for_disconnect(receive)) if body.complete else None

        def pump() -> None:
            try:
                for block in response.rest or ():
                    if gone is not None and gone.done():
                        return
                    message = {"type": "http.response.body", "body": block, "more_body": True}
                    asyncio.run_coroutine_threadsafe(send(message), loop).result()
            finally:
                response.close()

        try:
            await self._in_transfer(pump)
        finally:
            if gone is not None:
                gone.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _answer_health(self, send) -> None:
        stuck = self.is_stuck()
        text = b"all threads are taken and none has finished for a minute" if stuck else b"ok"
        headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(text)).encode())]
        await send({"type": "http.response.start", "status": 503 if stuck else 200, "headers": headers})
        await send({"type": "http.response.body", "body": text})


def _take(blocks: Iterator[bytes]) -> tuple[bytes, bool]:
    """The first blocks, up to SMALL bytes and the block that passes it, and whether these are all."""
    taken = bytearray()
    for block in blocks:
        taken += block
        if len(taken) > SMALL:
            return bytes(taken), False
    return bytes(taken), True


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def _wait_for_disconnect(receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _lifespan(receive, send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
