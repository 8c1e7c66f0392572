"""Background tasks of the data plane: dropping what is out of date on nudges, and writing metrics and logs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import redis.asyncio as redis
from django.conf import settings

from common.db.nudge import CHANNEL
from common.db.retry import AWAY
from engine.http.caller import in_database
from engine.serving import called, capture, process_folders, routes, telemetry
from engine.serving.model_cache import ModelCache

log = logging.getLogger(__name__)
WRITE_EVERY = 2.0  # seconds
CAPTURE_EVERY = 15.0  # seconds; each write of captured requests makes an object
DROP_EVERY = 3.0  # seconds without a nudge, which may be lost
TOPIC = "engine:endpoint:"
_tasks: set[asyncio.Future] = set()  # the event loop does not keep them


@asynccontextmanager
async def running(models: ModelCache, changed: Callable[[str, str], Awaitable[None]]):
    """Run the tasks while the block runs; what is pending at its end is written.

    `changed` is called with Region and name of an endpoint whose route has changed.
    """
    process_folders.sweep()
    is_stale = asyncio.Event()

    async def handle(region: str, name: str) -> None:
        is_stale.set()
        await changed(region, name)

    tasks = [
        asyncio.ensure_future(task) for task in (_listen(handle), _write(), _capture(), _drop_models(models, is_stale))
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await _capture_once()
        await _write_once()


async def _listen(changed: Callable[[str, str], Awaitable[None]]) -> None:
    """Drop the routes of endpoints that changed. Without Redis they go stale after five seconds by themselves."""
    wait = 0.5
    while True:
        try:
            async with redis.from_url(settings.REDIS_URL) as client, client.pubsub() as messages:
                await messages.subscribe(CHANNEL)
                wait = 0.5
                async for message in messages.listen():
                    if message["type"] == "message":
                        _handle_nudge(message["data"].decode("utf-8", "replace"), changed)
        except (redis.RedisError, OSError) as e:
            log.warning("no nudges from Redis, trying again in %s s: %s", wait, e)
        await asyncio.sleep(wait)
        wait = min(wait * 2, 10)


async def _drop_models(models: ModelCache, is_stale: asyncio.Event) -> None:
    """Let go of the models of endpoints that were deleted or changed, whose processes would wait for nobody."""
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(is_stale.wait(), DROP_EVERY)
        is_stale.clear()
        if endpoints := models.endpoints():
            try:
                models.retain(await in_database(routes.configurations, endpoints))
            except Exception as e:  # the database is away: nothing is known to be gone
                log.warning("could not ask which endpoints are gone: %s", e)


def _handle_nudge(topic: str, changed: Callable[[str, str], Awaitable[None]]) -> None:
    if topic.startswith(TOPIC):
        region, _, name = topic.removeprefix(TOPIC).partition(":")
        routes.invalidate(region, name)
        task = asyncio.ensure_future(changed(region, name))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)


async def _write() -> None:
    while True:
        await asyncio.sleep(WRITE_EVERY)
        await _write_once()


async def _write_once() -> None:
    invocations, lines = telemetry.drain()
    if invocations or lines:
        try:
            await in_database(telemetry.write, invocations, lines)
            if invocations:
                await asyncio.to_thread(called.note, {(source.region, source.endpoint) for source in invocations})
        except Exception as e:  # metrics are worth less than answers: say so and go on
            log.warning("could not write the metrics of %s endpoints: %s", len({i.endpoint for i in invocations}), e)
            if isinstance(e, AWAY):
                telemetry.put_back(invocations, lines)


async def _capture() -> None:
    while True:
        await asyncio.sleep(CAPTURE_EVERY)
        await _capture_once()


async def _capture_once() -> None:
    captured, lost = capture.drain()
    try:
        failed = await asyncio.to_thread(capture.write, captured) if captured else {}
    except Exception as e:  # captured requests are worth less than answers: say so and go on
        log.warning("could not write %s captured requests: %s", len(captured), e)
        failed = {}
    for (source, why), count in {**lost, **failed}.items():
        await _say_lost(source, f"[WARNING] Requests that were not captured: {count}, because {why}.")


async def _say_lost(source: capture.Source, line: str) -> None:
    """Put `line` into the log of the endpoint, where its owner sees it."""
    log.warning("endpoint %s: %s", source.endpoint, line)
    try:
        route = await routes.find(source.region, source.endpoint)
    except Exception as e:  # the database is away: the engine's own log has the line
        log.warning("could not read the route of %s: %s", source.endpoint, e)
        return
    if route and (variant := route.variants.get(source.variant)):
        telemetry.log_line(route, variant, line)
