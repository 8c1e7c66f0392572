"""The HTTP proxy of one instance: leads AWS's host names to this engine's gateway, and refuses every other host.

TLS ends here, and what is inside passes unread. The gateway sees the Host that the client signed.
"""

import asyncio
import contextlib
import logging
import re
from urllib.parse import SplitResult, urlsplit

from engine.notebooks.certificates import Authority, is_aws

HEAD_BYTES, HEAD_SECONDS, TLS_SECONDS = 65536, 60.0, 60.0
CHUNK = 65536
HOST = re.compile(r"[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\]")
REFUSED = (
    "{} is outside of this notebook. It reaches S3 and SageMaker of this engine, by AWS's addresses, and nothing else"
)
PORT_REFUSED = "{} is reached at port {} alone"
UNREADABLE = "This is no request to an HTTP proxy"
AWAY = "The gateway of this engine does not answer. Try again in a few seconds"
log = logging.getLogger(__name__)


class RefusedError(Exception):
    """A request that is answered with a status and a sentence."""

    def __init__(self, status: int, sentence: str):
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class AwsProxy:
    """Listens on this machine's loopback, for the door of one instance. `gateway` is "HOST:PORT"."""

    def __init__(self, gateway: str):
        self.authority, self.address = Authority(), ""
        self._gateway = gateway
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task] = set()

    async def start(self) -> None:
        """Listen at `address`, which is "HOST:PORT" from now on. Raises OSError."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_BYTES)
        host, port = self._server.sockets[0].getsockname()
        self.address = f"{host}:{port}"

    async def close(self) -> None:
        """Close every connection, and listen no more. Repeatable."""
        if self._server:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        try:
            await self._answer(reader, writer)
        except RefusedError as e:
            await _refuse(writer, e)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as e:
            log.debug("a connection through the proxy of an instance ended: %r", e)
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        line, _, fields = head.partition(b"\r\n")
        method, target, version = _words(line)
        parts = _parts(f"//{target}" if method == "CONNECT" else target)
        host = parts.hostname or ""
        if method == "CONNECT":
            _check_port(parts, 443)
            there = await self._connect()
            with contextlib.closing(there[1]):
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await writer.drain()
                context = self.authority.context(host)
                await writer.start_tls(context, ssl_handshake_timeout=TLS_SECONDS)
                await _pipe_both(reader, writer, *there)
        else:
            _check_port(parts, 80)
            there = await self._connect()
            with contextlib.closing(there[1]):
                # The next request of this connection could be for another host: it gets a connection of its own.
                path = parts._replace(scheme="", netloc="").geturl() or "/"
                there[1].write(f"{method} {path} {version}\r\nConnection: close\r\n".encode("latin-1"))
                there[1].write(_without_hops(fields))
                await _pipe_both(reader, writer, *there)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, _, port = self._gateway.rpartition(":")
        try:
            return await asyncio.open_connection(host.strip("[]"), int(port))
        except OSError as e:
            raise RefusedError(502, AWAY) from e


def _words(line: bytes) -> list[str]:
    words = line.decode("latin-1").split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise RefusedError(400, UNREADABLE)
    return words


def _parts(target: str) -> SplitResult:
    """Return the parts of an address below AWS's domains. Raises RefusedError for any other."""
    try:
        parts = urlsplit(target)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if not HOST.fullmatch(host):
        raise RefusedError(400, UNREADABLE)
    if not is_aws(host):
        raise RefusedError(403, REFUSED.format(host))
    return parts


def _check_port(parts: SplitResult, port: int) -> None:
    try:
        if parts.port in (None, port):
            return
    except ValueError:
        pass
    raise RefusedError(403, PORT_REFUSED.format(parts.hostname, port))


def _without_hops(fields: bytes) -> bytes:
    """Header fields, up to the empty line, without those that are for the proxy."""
    names = (b"connection", b"proxy-connection", b"proxy-authorization", b"keep-alive")
    return b"\r\n".join(field for field in fields.split(b"\r\n") if field.partition(b":")[0].lower() not in names)


async def _refuse(writer: asyncio.StreamWriter, refused: RefusedError) -> None:
    """Answer with the sentence as the reason too: many clients print nothing else of what a proxy says."""
    body = f"{refused.sentence}.\n"
    head = f"HTTP/1.1 {refused.status} {refused.sentence}\r\nContent-Type: text/plain\r\nConnection: close\r\n"
    with contextlib.suppress(OSError):
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()


async def _pipe_both(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    there_reader: asyncio.StreamReader,
    there_writer: asyncio.StreamWriter,
) -> None:
    """Pass on what each side sends, until one of them ends."""
    pipes = (
        asyncio.ensure_future(_pipe(reader, there_writer)),
        asyncio.ensure_future(_pipe(there_reader, writer)),
    )
    try:
        await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pipe in pipes:
            pipe.cancel()
        await asyncio.gather(*pipes, return_exceptions=True)
    writer.close()
    await writer.wait_closed()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
