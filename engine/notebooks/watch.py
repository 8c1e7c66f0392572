"""Looks at a running instance again and again: whether its person, its idle time or its disk is a reason to stop it."""

import asyncio
import time

from engine.http.caller import in_database
from engine.models import NotebookInstance
from engine.notebooks import idle, rows
from engine.notebooks.disk import usage
from engine.notebooks.process import Running
from engine.notebooks.proxy import Upstream
from engine.notebooks.session import HOME_BYTES, Session

MEASURE_EVERY = 10.0  # seconds
GB = 1000**3
FULL = (
    "The volume holds {held:.1f} GB, and may hold {size:.0f} GB. Update VolumeSizeInGB to more, or stop and delete the "
    "instance; then start it again."
)


class Watch:
    """What is measured of one instance, for its row and for the decision to stop it."""

    def __init__(self, instance: NotebookInstance, session: Session):
        self._instance, self._session = instance, session
        self._measured_at, self._disk, self._memory = 0.0, 0, 0

    async def reason_to_stop(self, upstream: Upstream | None, process: Running | None) -> str:
        """Measure, save what was measured, and return a sentence why the instance is to stop, "" if it is not."""
        state = await in_database(rows.state, self._instance.pk)
        if not state.allowed:
            return "Its owner may no longer use notebook instances: it stops."
        if time.monotonic() - self._measured_at > MEASURE_EVERY:
            self._disk = await asyncio.to_thread(usage, self._session.volume)
            self._memory = process.memory() if process else 0
            self._measured_at = time.monotonic()
            if self._disk > self._session.volume_bytes * 1.02:
                return _full(self._session, self._disk)
            if await asyncio.to_thread(usage, self._session.home) > HOME_BYTES:
                return f"The home folder holds more than {HOME_BYTES / 2**30:.0f} GiB, files in SageMaker left out."
        last = await idle.last_activity(upstream) if upstream else None
        stops = idle.stops_at(last, state.idle_minutes, state.keep_until)
        measured = {"disk": self._disk, "memory": self._memory, "memory-limit": self._session.memory}
        await in_database(rows.save_activity, self._instance.pk, idle.described(measured, last, stops))
        if stops is not None and time.time() >= stops:
            return f"Nothing was run for {state.idle_minutes} minutes: it stops."
        return ""


async def full_volume(session: Session) -> str:
    """A sentence when the volume holds more than it may before a start, "" if it does not."""
    disk = await asyncio.to_thread(usage, session.volume)
    return _full(session, disk) if disk > session.volume_bytes else ""


def _full(session: Session, disk: int) -> str:
    return FULL.format(held=disk / GB, size=session.volume_bytes / GB)
