"""Asks whether a process answers. A probe returns False, never raises, while it does not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from console.supervisor.addresses import own_host

TIMEOUT = 2.0


@dataclass(frozen=True)
class Probe:
    """One question to a process. `name` goes on after "does not answer"."""

    name: str
    ask: Callable[[], Awaitable[bool]]


def http(at: int | Path, path: str = "/", ok: Callable[[int], bool] = lambda status: status < 500) -> Probe:
    """The HTTP server on port or unix socket `at` of this machine gives a status that `ok` accepts."""

    async def probe() -> bool:
        if isinstance(at, Path):
            host, connecting = "localhost", asyncio.open_unix_connection(str(at))
        else:
            host, connecting = f"127.0.0.1:{at}", asyncio.open_connection(own_host(), at)
        line = await _ask(connecting, f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        words = line.split()
        return len(words) > 1 and words[0].startswith(b"HTTP/") and words[1].isdigit() and ok(int(words[1]))

    return Probe(f"GET {path}", probe)


def valkey(socket: Path) -> Probe:
    """Valkey answers PING: while it loads its file it says LOADING instead. One connection serves all questions."""
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def probe() -> bool:
        nonlocal connection
        answer = b""
        try:
            async with asyncio.timeout(TIMEOUT):
                reader, writer = connection = connection or await asyncio.open_unix_connection(str(socket))
                writer.write(b"PING\r\n")
                answer = await reader.readline()
        except (OSError, TimeoutError, ValueError):
            pass
        finally:
            if answer != b"+PONG\r\n" and connection:  # a later answer would be taken for that to the next question
                connection[1].close()
                connection = None
        return answer == b"+PONG\r\n"

    return Probe("PING", probe)


def file(path: Path) -> Probe:
    """The process has made `path`, which is how Celery's say that they are ready."""

    async def probe() -> bool:
        return path.exists()

    return Probe("with its file", probe)


def heartbeat(path: Path) -> Probe:
    """The process has touched `path` since the last question."""
    last = 0

    async def probe() -> bool:
        nonlocal last
        before = last
        try:
            last = path.stat().st_mtime_ns
        except OSError:
            return False
        return last != before

    return Probe("with a heartbeat", probe)


def both(cheap: Probe, whole: Probe, every: int) -> Probe:
    """`cheap` at each question and `whole` at each `every`th, which is then repeated until it is answered."""
    questions, is_well = 0, True

    async def probe() -> bool:
        nonlocal questions, is_well
        questions += 1
        if not is_well or questions % every == 0:
            is_well = await whole.ask()
        return await cheap.ask() and is_well

    return Probe(f"{cheap.name} or to {whole.name}", probe)


async def number(socket: Path, command: str) -> int:
    """What Valkey answers to `command` when that is a number, 0 when it is not."""
    line = await _ask(asyncio.open_unix_connection(str(socket)), f"{command}\r\n".encode())
    return int(line[1:]) if line.startswith(b":") else 0


async def _ask(connecting: Awaitable, request: bytes) -> bytes:
    """The first line of the answer to `request`, or b'' when there is none in time."""
    try:
        async with asyncio.timeout(TIMEOUT):
            reader, writer = await connecting
            try:
                writer.write(request)
                return await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):
        return b""
