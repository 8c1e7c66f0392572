"""The live stream: who is let in, what they hear, and that a closed tab is gone at once."""

import asyncio
import contextlib
import time
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core import signing
from django.db import OperationalError
from redis.asyncio import Redis

from common.db.nudge import CHANNEL
from console import live as live_module
from console.active_people import active_people
from console.live import QUEUE, Live
from models_app.account import live_token
from tests.waiting import STEP

ORIGIN = settings.WEB_URL


class Tab:
    """One browser tab at the other end of the ASGI application."""

    def __init__(
        self, live: Live, topics: str = "models", token: str | None = None, origin: str = ORIGIN, path="/live/", user=7
    ):
        token = live_token.issue(user) if token is None else token
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": f"token={quote(token)}&topics={quote(topics)}".encode(),
            "headers": [(b"origin", origin.encode())] if origin else [],
        }
        self.live, self.messages, self.closing = live, asyncio.Queue(), asyncio.Event()

    async def open(self) -> "Tab":
        self.task = asyncio.create_task(self.live(self.scope, self._receive, self.messages.put))
        start = await self._next()
        self.status, self.headers = start["status"], dict(start["headers"])
        if self.status == 200 and self.scope["path"] == "/live/":
            assert b"retry" in (await self._next())["body"]
        return self

    async def hears(self) -> bytes:
        return (await self._next())["body"]

    async def close(self) -> None:
        self.closing.set()
        await asyncio.wait_for(self.task, STEP)

    async def _next(self) -> dict:
        return await asyncio.wait_for(self.messages.get(), STEP)

    async def _receive(self) -> dict:
        await self.closing.wait()
        return {"type": "http.disconnect"}


def live() -> Live:
    return Live(settings.REDIS_URL, ORIGIN, active=set)  # everybody is


async def until(condition) -> None:
    async with asyncio.timeout(STEP):
        while not condition():
            await asyncio.sleep(0.01)


def test_a_tab_hears_its_topics_and_no_others():
    async def run():
        app = live()
        tab = await Tab(app, "models,job-12").open()
        assert (tab.status, tab.headers[b"content-type"]) == (200, b"text/event-stream")
        assert tab.headers[b"access-control-allow-origin"] == ORIGIN.encode()
        assert tab.headers[b"x-content-type-options"] == b"nosniff"
        for topic in ("endpoints", "job-1", "job-12"):
            app.hub.tell(topic)
        assert await tab.hears() == b"data: job-12\n\n"
        await tab.close()

    asyncio.run(run())


def test_a_closed_tab_is_forgotten_at_once():
    async def run():
        app = live()
        tabs = [await Tab(app).open() for _ in range(3)]
        assert len(app.hub.listeners) == 3
        await tabs[0].close()
        assert len(app.hub.listeners) == 2
        for tab in tabs[1:]:
            await tab.close()
        assert app.hub.listeners == {}

    asyncio.run(run())


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"token": ""}, 403),
        ({"token": "7-99999999999:forged"}, 403),
        ({"token": signing.Signer(salt="other").sign("7-99999999999")}, 403),
        ({"token": live_token.issue(7, timedelta(seconds=-1))}, 403),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"topics": ""}, 400),
        ({"topics": ",".join(f"t{i}" for i in range(21))}, 400),
        ({"path": "/other/"}, 404),
        ({"path": "/healthz"}, 200),
    ],
)
def test_who_is_let_in(changes, status):
    async def run():
        return (await Tab(live(), **changes).open()).status

    assert asyncio.run(run()) == status


def test_the_streams_of_a_disabled_person_end_and_do_not_come_back(monkeypatch):
    monkeypatch.setattr("console.live.PEOPLE", 0.05)
    people = {7, 8}

    async def run():
        app = Live(settings.REDIS_URL, ORIGIN, active=lambda users: people & set(users))
        watch = asyncio.create_task(app.end_disabled())
        seven, eight = await Tab(app, user=7).open(), await Tab(app, user=8).open()
        people.discard(7)
        assert await seven.hears() == b""
        await asyncio.wait_for(seven.task, STEP)
        assert (await Tab(app, user=7).open()).status == 403
        app.hub.tell("models")
        assert await eight.hears() == b"data: models\n\n"
        await eight.close()
        watch.cancel()

    asyncio.run(run())


def test_streams_go_on_while_the_database_does_not_answer(monkeypatch):
    monkeypatch.setattr("console.live.PEOPLE", 0.05)
    looks = []

    def fails(users):
        looks.append(users)
        raise OperationalError("away")

    async def run():
        app = Live(settings.REDIS_URL, ORIGIN, active=fails)
        watch = asyncio.create_task(app.end_disabled())
        tab = await Tab(app).open()
        await until(lambda: len(looks) > 2)
        app.hub.tell("models")
        assert await tab.hears() == b"data: models\n\n"
        await tab.close()
        watch.cancel()

    asyncio.run(run())


@pytest.mark.django_db
def test_people_who_are_disabled_or_removed_are_not_active(django_user_model):
    active = django_user_model.objects.create_user("active")
    disabled = django_user_model.objects.create_user("disabled", is_active=False)
    assert active_people({active.pk, disabled.pk, 1_000_000}) == {active.pk}
    assert active_people(set()) == set()


def test_the_look_leaves_time_for_five_seconds():
    assert live_module.PEOPLE + live_module.LOOK <= 5


def test_a_stream_ends_with_the_session_it_was_given_for():
    assert live_token.verify(live_token.issue(7, timedelta(days=14))).until - time.time() < 12 * 3600 + 1

    async def run():
        tab = await Tab(live(), token=live_token.issue(7, timedelta(seconds=1))).open()
        assert await tab.hears() == b""
        await asyncio.wait_for(tab.task, STEP)
        assert tab.live.hub.listeners == {}

    asyncio.run(run())


def test_a_slow_tab_loses_the_oldest_and_never_holds_up_the_others():
    async def run():
        hub = live().hub
        with hub.listening(7, frozenset({"models"})) as queue:
            for _ in range(QUEUE * 3):
                hub.tell("models")
            assert queue.qsize() == QUEUE

    asyncio.run(run())


def test_silence_is_broken_by_a_heartbeat(monkeypatch):
    monkeypatch.setattr("console.live.HEARTBEAT", 0.05)

    async def run():
        tab = await Tab(live()).open()
        assert await tab.hears() == b": still here\n\n"
        await tab.close()

    asyncio.run(run())


def test_one_subscription_feeds_every_tab_and_comes_back_after_redis_drops_it(monkeypatch):
    monkeypatch.setattr("console.live.RETRY", 0.05)

    async def subscribers(redis) -> int:
        return dict(await redis.pubsub_numsub(CHANNEL)).get(CHANNEL.encode(), 0)

    async def run():
        app, redis = live(), Redis.from_url(settings.REDIS_URL)
        others = await subscribers(redis)  # a gateway that other tests started
        reader = asyncio.create_task(app.hub.run())
        try:
            tabs = [await Tab(app).open() for _ in range(5)]
            async with asyncio.timeout(STEP):
                while await subscribers(redis) == others:
                    await asyncio.sleep(0.01)
            assert await subscribers(redis) == others + 1
            await redis.publish(CHANNEL, "models")
            assert [await tab.hears() for tab in tabs] == [b"data: models\n\n"] * 5

            await redis.client_kill_filter(_type="pubsub")
            # What was missed meanwhile is unknown, so every tab is told to ask again.
            assert [await tab.hears() for tab in tabs] == [b"data: models\n\n"] * 5
            for tab in tabs:
                await tab.close()
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
            await redis.aclose()

    asyncio.run(run())


def test_many_pages_are_told_one_after_the_other_and_once(monkeypatch):
    monkeypatch.setattr(live_module, "GAP", 0.002)

    async def story():
        hub = live_module.Hub("")
        with contextlib.ExitStack() as stack:
            queues = [stack.enter_context(hub.listening(n, frozenset({"models"}))) for n in range(100)]
            for _ in range(5):
                hub.tell("models")
            reached = sum(not queue.empty() for queue in queues)
            await asyncio.sleep(100 * live_module.GAP + 0.5)
            assert reached < 100 and not any(queue.empty() for queue in queues)
            # Who waited was told once for all five; the last word reaches everybody.
            assert sum(queue.qsize() for queue in queues) < 5 * live_module.AT_ONCE + 100
        assert hub.waiting == set()

    asyncio.run(story())
