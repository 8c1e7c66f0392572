"""A small load generator: prepared requests over kept-alive connections, as fast as the answers come."""

import asyncio
import statistics
import time
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import urlsplit

import uvloop

ANSWER_SECONDS = 30.0  # within which the last answers come


@dataclass(frozen=True)
class Measured:
    """Requests per second, median and 99th percentile in milliseconds, and how many requests there were."""

    rps: float
    p50: float
    p99: float
    count: int


@dataclass
class Stream:
    """The latencies and errors of requests that were sent at a fixed rate."""

    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """The latency in milliseconds that this share of the answers stays below."""
        times = sorted(self.milliseconds) or [float("nan")]
        return times[min(int(len(times) * share), len(times) - 1)]

    def __str__(self) -> str:
        p50, p99, slowest = map(self.percentile, (0.5, 0.99, 1.0))
        count = len(self.milliseconds)
        return f"{count} answers, {len(self.errors)} errors, p50 {p50:.1f} p99 {p99:.1f} max {slowest:.1f} ms"


class _Connection(asyncio.Protocol):
    """Sends one request, waits for its answer, sends the next, until told to stop."""

    def __init__(self, requests: list[bytes], until: float, done: asyncio.Future):
        self.requests, self.until, self.done = cycle(requests), until, done
        self.seconds: list[float] = []
        self.received = b""

    def connection_made(self, transport) -> None:
        self.transport = transport
        self._send()

    def _send(self) -> None:
        self.began = time.perf_counter()
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        self.received = self.received + data if self.received else data
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.received[:end].lower()
        length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
        if len(self.received) < end + 4 + length:
            return
        if not head.startswith(b"http/1.1 200"):
            self._end(RuntimeError(self.received.decode("latin-1")))
            return
        self.received = b""
        now = time.perf_counter()
        self.seconds.append(now - self.began)
        if now < self.until:
            self._send()
        else:
            self._end()

    def connection_lost(self, exc) -> None:
        self._end(exc or ConnectionError("the server closed the connection"))

    def _end(self, problem: Exception | None = None) -> None:
        if not self.done.done():
            self.done.set_exception(problem) if problem else self.done.set_result(self.seconds)
        self.transport.close()


def request(url: str, headers: dict[str, str], body: bytes) -> bytes:
    """One POST as it goes over the wire."""
    parts = urlsplit(url)
    own = {"host": parts.netloc, "content-length": str(len(body))}
    parameters = {name.lower(): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in (parameters | own).items())
    return f"POST {parts.path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


class _Open(asyncio.Protocol):
    """A connection that sends a request when it is told to, and calls back with each answer."""

    def __init__(self) -> None:
        self.received = b""
        self.answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport) -> None:
        self.transport = transport

    def ask(self, request: bytes) -> asyncio.Future[bytes]:
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.answer

    def data_received(self, data: bytes) -> None:
        self.received += data
        end = self.received.find(b"\r\n\r\n")
        head = self.received[: max(end, 0)].lower()
        length = int(head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0] or 0)
        if end >= 0 and len(self.received) >= end + 4 + length and self.answer:
            answer, self.received = self.received, b""
            self.answer.set_result(answer)

    def connection_lost(self, exc) -> None:
        if self.answer and not self.answer.done():
            self.answer.set_exception(exc or ConnectionError("the server closed the connection"))


async def stream(url: str, request: bytes, rate: int, seconds: float) -> Stream:
    """Send `request` `rate` times a second, whether or not the answers come. Times count from when each was due."""
    loop, parts, result, idle = asyncio.get_running_loop(), urlsplit(url), Stream(), []

    async def one(due: float) -> None:
        try:
            connection = idle.pop() if idle else None
            if connection is None:
                _, connection = await loop.create_connection(_Open, parts.hostname, parts.port)
            answer = await connection.ask(request)
            if not answer.startswith(b"HTTP/1.1 200"):
                result.errors.append(answer.decode("latin-1"))
            idle.append(connection)
        except OSError as e:
            result.errors.append(repr(e))
        result.milliseconds.append((time.perf_counter() - due) * 1000)

    tasks, began = [], time.perf_counter()
    for number in range(int(seconds * rate)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.ensure_future(one(due)))
    await asyncio.gather(*tasks)
    for connection in idle:
        connection.transport.close()
    return result


def run(url: str, requests: list[bytes], connections: int, seconds: float) -> Measured:
    """Load `url` with `connections` at once. Raises on an answer that is not 200 or does not come (TimeoutError)."""

    async def all_of_them():
        loop = asyncio.get_running_loop()
        parts = urlsplit(url)
        began = time.perf_counter()
        ends = [loop.create_future() for _ in range(connections)]
        for done in ends:
            await loop.create_connection(
                lambda done=done: _Connection(requests, began + seconds, done), parts.hostname, parts.port
            )
        async with asyncio.timeout(seconds + ANSWER_SECONDS):
            taken = [s for each in await asyncio.gather(*ends) for s in each]
        return taken, time.perf_counter() - began

    taken, lasted = uvloop.run(all_of_them())
    taken.sort()
    return Measured(
        len(taken) / lasted, statistics.median(taken) * 1000, taken[int(len(taken) * 0.99)] * 1000, len(taken)
    )
