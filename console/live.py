"""Server-sent events for the live pages: one Redis subscription, fanned out to every open tab.

A raw ASGI application, apart from Django's request cycle: it needs the settings, the signing key, and the database to
know who is disabled. GET /live/?token=...&topics=a,b streams the names of topics as they change; the page then asks
again.
"""

import asyncio
import contextlib
import logging
import os
import random
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import parse_qs

from redis.asyncio import Redis
from redis.exceptions import RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections

from common.db.nudge import CHANNEL
from console.active_people import active_people
from models_app.account import live_token

log = logging.getLogger(__name__)
HEARTBEAT = 15  # seconds; proxies close what is silent for longer
QUEUE = 100  # nudges a slow tab may be behind before the oldest go: each only says "ask again"
MAX_TOPICS = 20
AT_ONCE = 16  # listeners that a topic reaches in the same moment
GAP = 0.004  # seconds between two further ones: a part of a page costs the web process about 4 ms
NOSNIFF = (b"x-content-type-options", b"nosniff")
END = ""  # in place of a topic: the stream ends
RETRY = 1  # seconds between attempts to reach Redis
PEOPLE = 2  # seconds between two looks at who is disabled; their streams end within five seconds
LOOK = 3  # seconds that such a look may take


class Listener(NamedTuple):
    """Whose stream it is, and what it is about."""

    user: int
    topics: frozenset[str]


class Hub:
    """The listeners of this process and the one subscription that feeds them."""

    def __init__(self, redis_url: str):
        self.redis_url = redis_url
        self.listeners: dict[asyncio.Queue[str], Listener] = {}
        self.waiting: set[tuple[asyncio.Queue[str], str]] = set()

    @contextlib.contextmanager
    def listening(self, user: int, topics: frozenset[str]):
        """A queue that gets the topics in `topics` as they are nudged, for as long as the block lasts.

        It gets END when the stream must end.
        """
        queue: asyncio.Queue[str] = asyncio.Queue(QUEUE)
        self.listeners[queue] = Listener(user, topics)
        try:
            yield queue
        finally:
            del self.listeners[queue]

    def tell(self, topic: str) -> None:
        """Give `topic` to those who listen to it: to a few at once, to more one after the other.

        Each of their pages asks again. Were they all to ask in the same moment, the last would wait for all others.
        """
        queues = [
            queue
            for queue, listener in self.listeners.items()
            if topic in listener.topics and (queue, topic) not in self.waiting  # what waits is still to come
        ]
        random.shuffle(queues)
        for queue in queues[:AT_ONCE]:
            _put(queue, topic)
        for number, queue in enumerate(queues[AT_ONCE:], 1):
            self.waiting.add((queue, topic))
            asyncio.get_running_loop().call_later(number * GAP, self._tell_late, queue, topic)

    def _tell_late(self, queue: asyncio.Queue[str], topic: str) -> None:
        self.waiting.discard((queue, topic))
        if queue in self.listeners:
            _put(queue, topic)

    def tell_all(self) -> None:
        """After a gap nobody knows what was missed, so every page asks again."""
        for topic in frozenset().union(*(listener.topics for listener in self.listeners.values())):
            self.tell(topic)

    def end(self, users: Collection[int]) -> None:
        """End the streams of `users`."""
        for queue, listener in self.listeners.items():
            if listener.user in users:
                _put(queue, END)

    async def run(self) -> None:
        """Read the channel for ever, through any restart of Redis."""
        missed = False
        while True:
            client = Redis.from_url(self.redis_url, health_check_interval=10, socket_connect_timeout=5)
            try:
                async with client.pubsub(ignore_subscribe_messages=True) as channel:
                    await channel.subscribe(CHANNEL)
                    if missed:
                        self.tell_all()
                    async for message in channel.listen():
                        self.tell(message["data"].decode())
            except (RedisError, OSError) as e:
                log.warning("no nudges until Redis answers again: %s", e)
            finally:
                with contextlib.suppress(RedisError, OSError):
                    await client.aclose()
            missed = True
            await asyncio.sleep(RETRY)


class Live:
    """The ASGI application. `active` says which of some users are not disabled; it may block."""

    def __init__(self, redis_url: str, origin: str, active: Callable[[Collection[int]], set[int]] = active_people):
        self.hub = Hub(redis_url)
        self.origin = origin.encode()
        self.active = active
        self.database = ThreadPoolExecutor(1, "people")
        self.tasks: list[asyncio.Task] = []

    async def __call__(self, scope, receive, send) -> None:
        """Answer an ASGI request: a stream of server-sent events, or an error."""
        if scope["type"] == "lifespan":
            return await self._lifespan(receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close"})
        if scope["path"] == "/healthz":
            return await _answer(send, 200, b"ok")
        if scope["path"] != "/live/":
            return await _answer(send, 404, b"not found")
        if scope["method"] != "GET":
            return await _answer(send, 405, b"GET only")
        query = parse_qs(scope["query_string"].decode("latin-1"))
        cors = self._cors(scope["headers"])
        ticket = live_token.verify(query.get("token", [""])[0])
        if cors is None or ticket is None:
            return await _answer(send, 403, b"this stream is for the console's own pages", cors or [])
        topics = frozenset(filter(None, ",".join(query.get("topics", [])).split(",")))
        if not topics or len(topics) > MAX_TOPICS:
            return await _answer(send, 400, b"topics: 1 to 20 names, separated by commas", cors)
        if ticket.user_id in await self._disabled({ticket.user_id}):
            return await _answer(send, 403, b"this person is disabled", cors)
        return await self._stream(ticket, topics, cors, receive, send)

    async def _lifespan(self, receive, send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.tasks = [asyncio.create_task(self.hub.run()), asyncio.create_task(self.end_disabled())]
                await send({"type": "lifespan.startup.complete"})
            else:
                for task in self.tasks:
                    task.cancel()
                return await send({"type": "lifespan.shutdown.complete"})

    async def end_disabled(self) -> None:
        """End the streams of people who are disabled, for ever."""
        while True:
            await asyncio.sleep(PEOPLE)
            if users := {listener.user for listener in self.hub.listeners.values()}:
                self.hub.end(await self._disabled(users))

    async def _disabled(self, users: Collection[int]) -> set[int]:
        """Those of `users` who are disabled; none while the database does not answer, for a stream tells no content."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(LOOK):
                return set(users) - await loop.run_in_executor(self.database, self._look, users)
        except (DatabaseError, TimeoutError) as e:
            log.warning("cannot look up who is disabled: %s", e or "the database does not answer")
            return set()

    def _look(self, users: Collection[int]) -> set[int]:
        close_old_connections()
        return self.active(users)

    def _cors(self, headers) -> list | None:
        """The header that lets the console's pages read the answer; None for a page from anywhere else."""
        origin = dict(headers).get(b"origin")
        if origin is None:
            return []
        return [(b"access-control-allow-origin", self.origin), (b"vary", b"Origin")] if origin == self.origin else None

    async def _stream(self, ticket: live_token.Ticket, topics: frozenset[str], cors: list, receive, send) -> None:
        """Write nudges until the page goes or its ticket ends; the page then asks who is signed in."""
        headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            NOSNIFF,
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers + cors})
        gone = asyncio.create_task(_until_gone(receive))
        try:
            with self.hub.listening(ticket.user_id, topics) as queue:
                await _write(send, b"retry: 2000\n\n")
                while not gone.done() and (left := ticket.until - time.time()) > 0:
                    nudged = asyncio.create_task(queue.get())
                    done, _ = await asyncio.wait(
                        (gone, nudged), timeout=min(HEARTBEAT, left), return_when=asyncio.FIRST_COMPLETED
                    )
                    if nudged in done:
                        if nudged.result() == END:
                            return await send({"type": "http.response.body", "body": b""})
                        await _write(send, f"data: {nudged.result()}\n\n".encode())
                    else:
                        nudged.cancel()
                        if not done and left > HEARTBEAT:
                            await _write(send, b": still here\n\n")
            if not gone.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()


def _put(queue: asyncio.Queue[str], topic: str) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(topic)


async def _until_gone(receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _answer(send, status: int, body: bytes, headers: list | None = None) -> None:
    plain = (b"content-type", b"text/plain")
    start = [plain, NOSNIFF, (b"content-length", str(len(body)).encode()), *(headers or [])]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


app = Live(settings.REDIS_URL, settings.WEB_URL)
