"""Looks after every notebook instance: does what the rows ask for, and repairs rows whose instance is gone.

One keeper has the instances of a data folder, by a lock: when a keeper starts, nothing of another one runs any more.
"""

import asyncio
import contextlib
import fcntl
import logging
import os

import redis.asyncio as redis
from django.conf import settings

from common.db.nudge import CHANNEL
from common.remove_folder import remove_folder
from engine.http.caller import in_database
from engine.models import NotebookInstance
from engine.notebooks import rows
from engine.notebooks.life import Life
from engine.notebooks.proxy import Upstream
from engine.notebooks.topics import TOPIC

LOOK_EVERY = 2.0  # seconds between two looks, while no nudges come from Redis
LOOK_RARELY = 20.0  # seconds, while they do: each makes it look at once
END_SECONDS = 8.0  # that the instances get when the keeper itself is to end
Status = NotebookInstance.Status
log = logging.getLogger(__name__)


class Keeper:
    """All instances. `run` works until `close` is called, which ends every instance and leaves the rows as they are."""

    def __init__(self) -> None:
        self._lives: dict[int, Life] = {}
        self._tasks: dict[int, asyncio.Task] = {}
        self._nudged = asyncio.Event()
        self._ending = asyncio.Event()
        self._hears = False  # nudges
        self._lock = -1

    def find(self, instance: int) -> Upstream | None:
        """The way to a running instance, by the id of its row."""
        life = self._lives.get(instance)
        return life.upstream if life else None

    async def run(self) -> None:
        """Look at the rows at each nudge, and after LOOK_RARELY seconds without one, or LOOK_EVERY where none come."""
        await self._take_lock()
        await asyncio.to_thread(remove_folder, settings.NOTEBOOKS_FOLDER / "sessions")
        repaired = False
        listening = asyncio.ensure_future(self._listen())
        try:
            # Not by cancelling alone: wait_for of Python 3.11 swallows that when it comes together with a nudge.
            while not self._ending.is_set():
                self._nudged.clear()
                try:
                    if not repaired:
                        await in_database(rows.repair)
                        repaired = True
                    await self._look()
                except Exception as e:
                    log.warning("the rows of notebook instances cannot be read, trying again: %s", e)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._nudged.wait(), LOOK_RARELY if self._hears else LOOK_EVERY)
        finally:
            listening.cancel()

    async def close(self) -> None:
        """End every instance, gently at first. Their rows stay InService: they come back with the next keeper."""
        self._ending.set()
        self._nudged.set()
        for life in self._lives.values():
            life.stop()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks.values(), timeout=END_SECONDS)
            for pk, task in self._tasks.items():
                if task in late and pk in self._lives:
                    self._lives[pk].stop_at_once()
            if late:
                await asyncio.wait(late, timeout=END_SECONDS / 4)
        if self._lock >= 0:
            os.close(self._lock)

    async def _look(self) -> None:
        unsettled = await in_database(rows.unsettled)
        if self._ending.is_set():  # what ends now stays InService, and comes back with the next keeper
            return
        for row in unsettled:
            life = self._lives.get(row.pk)
            if row.status == Status.STOPPING and life:
                life.stop_at_once() if row.at_once else life.stop()
            elif row.pk not in self._tasks:
                self._begin(row, self._handle(row))

    def _begin(self, row: NotebookInstance, work) -> None:
        task = self._tasks[row.pk] = asyncio.ensure_future(work)
        task.add_done_callback(lambda ended: self._ended(row, ended))

    def _ended(self, row: NotebookInstance, task: asyncio.Task) -> None:
        self._tasks.pop(row.pk, None)
        self._lives.pop(row.pk, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("notebook instance %s: %s", row, error, exc_info=error)
        self._nudged.set()

    async def _handle(self, row: NotebookInstance) -> None:
        """Do what the status of a row asks for that nothing is done about yet."""
        if row.status == Status.PENDING:
            self._lives[row.pk] = life = Life(row)
            await life.run(self._ending)
        elif row.status in (Status.STOPPING, Status.IN_SERVICE):  # nothing of it runs: it has ended
            await in_database(rows.finish, row.pk, Status.STOPPED, "")
        elif row.status == Status.UPDATING:
            await in_database(rows.finish_update, row.pk)
        elif row.status == Status.DELETING:
            folder = settings.NOTEBOOKS_FOLDER / "volumes" / str(row.pk)
            await asyncio.to_thread(remove_folder, folder)
            await in_database(rows.remove, row.pk)

    async def _take_lock(self) -> None:
        settings.NOTEBOOKS_FOLDER.mkdir(mode=0o711, parents=True, exist_ok=True)
        settings.NOTEBOOKS_FOLDER.chmod(0o711)
        self._lock = os.open(settings.NOTEBOOKS_FOLDER / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        reported = False
        while True:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if not reported:
                    log.warning("another process has the notebook instances of %s", settings.NOTEBOOKS_FOLDER)
                reported = True
                await asyncio.sleep(0.2)

    async def _listen(self) -> None:
        wait = 0.5
        while True:
            try:
                async with redis.from_url(settings.REDIS_URL) as client, client.pubsub() as messages:
                    await messages.subscribe(CHANNEL)
                    self._hears = True
                    self._nudged.set()
                    wait = 0.5
                    async for message in messages.listen():
                        if message["type"] == "message" and message["data"] == TOPIC.encode():
                            self._nudged.set()
            except (redis.RedisError, OSError) as e:
                log.warning("no nudges from Redis, trying again in %s s: %s", wait, e)
            self._hears = False
            self._nudged.set()
            await asyncio.sleep(wait)
            wait = min(wait * 2, 10)
