"""The embedded store under the supervisor: told to stop after a large upload, and killed when it does not."""

import asyncio
import io
import os
import signal
import time
from dataclasses import replace

import aiohttp

from console.supervisor.child import Child
from console.supervisor.folder import Folder
from console.supervisor.options import Options
from console.supervisor.output import Output
from console.supervisor.processes import Process, build
from console.supervisor.stack import compose
from engine.s3 import backend, upstream
from tests.waiting import LIMIT

GRACE = 4.0
BODY = os.urandom(1024) * 64 * 1024


async def _nothing(process: Process) -> None:
    return


async def _start(child: Child) -> asyncio.Task:
    asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, child.poll)
    task = asyncio.create_task(child.keep_running([], lambda: None))
    await asyncio.wait_for(child.ready.wait(), LIMIT)
    return task


async def _ask(method: str, path: str, body: bytes | None = None) -> bytes:
    """The body of the store's answer, which must be a success."""
    url, headers = upstream.signed(method, path, "", {})
    async with (
        aiohttp.ClientSession(connector=backend.connector()) as session,
        session.request(method, url, headers=headers, data=body and io.BytesIO(body)) as response,
    ):
        assert response.status == 200, await response.text()
        return await response.read()


async def _read(path: str) -> bytes:
    """The object, once the store has it: it answers a moment before it knows of its volumes again."""
    until = time.monotonic() + 30
    while True:
        try:
            return await _ask("GET", path)
        except AssertionError:
            if time.monotonic() > until:
                raise
        await asyncio.sleep(0.2)


async def _run(child: Child, run: int) -> None:
    """The first run writes, the second is deaf when it is told to stop, the third reads what both have left."""
    task = await _start(child)
    if run:
        assert await _read("/bucket/large") == BODY
    else:
        await _ask("PUT", "/bucket")
        await _ask("PUT", "/bucket/large", BODY)
    if run == 1:
        os.kill(child.pid, signal.SIGSTOP)
    began = time.monotonic()
    await child.stop()
    took = time.monotonic() - began
    await task
    assert took < GRACE + 5
    assert run != 1 or took >= GRACE


def test_what_it_acknowledged_is_there_after_a_stop_and_after_a_stop_that_it_does_not_follow(tmp_path, settings):
    stack = compose(Options(free_ports=True, only=("store",)), Folder(tmp_path))
    settings.STORE_URL = stack.store["SAGEWRIGHT_STORE_URL"]
    (process,) = build(stack)
    assert process.grace <= 10
    lock = stack.folder.lock(print)

    async def story() -> None:
        for run in range(3):
            child = Child(replace(process, grace=GRACE), Output(("store",)), lock, _nothing)
            try:
                await _run(child, run)
            finally:
                child.kill()

    try:
        asyncio.run(story())
    finally:
        os.close(lock)
