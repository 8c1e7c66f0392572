"""Watches the disk of the data folder: warns before it is full, and keeps a reserve that is given up then.

The reserve is a file. Databases, Valkey and sessions write a few kilobytes at a time, so the room that it leaves keeps
people signed in and jobs ending with their reasons until somebody has made room.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from common.disk import Space, space

EVERY = 1.0  # seconds
RESERVE, SHARE = 64 * 1024**2, 0.01  # bytes, and at most this share of the disk
KEPT_FREE = 4  # times the reserve must be free before it is taken (again)


class DiskWatch:
    """The watch of the disk of the folder `data`. `say` prints a line for the person."""

    def __init__(self, data: Path, say: Callable[[str], None]):
        self.data, self.say, self.reserve = data, say, data / "run" / "reserve"
        self.level = ""

    async def run(self) -> None:
        """Look every second, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(EVERY)

    def look(self) -> None:
        """Look once: take or give up the reserve, and say what has changed."""
        try:
            now = space(self.data)
        except OSError:  # the folder is gone; whoever uses it says so
            return
        wanted = int(min(RESERVE, now.total * SHARE))
        if now.free < wanted // 2:
            self.reserve.unlink(missing_ok=True)
        elif now.free > wanted * (1 + KEPT_FREE) and not self.reserve.exists():
            self._take(wanted)
        level = "full" if now.is_full else "low" if now.is_low else ""
        if level != self.level:
            self.level = level
            self.say(self._text(now))

    def _take(self, wanted: int) -> None:
        draft = self.reserve.with_suffix(".draft")
        try:
            with draft.open("wb") as out:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(out.fileno(), 0, wanted)
                else:  # macOS
                    out.write(b"\0" * wanted)
            draft.replace(self.reserve)
        except OSError:  # no room after all
            draft.unlink(missing_ok=True)

    def _text(self, now: Space) -> str:
        room = f"{_megabytes(now.free)} of {_megabytes(now.total)} are free on the disk of {self.data}"
        if self.level == "full":
            return f"{room}: uploads, jobs and models are refused. Make room on it; nothing needs to be started again."
        if self.level == "low":
            return f"{room}: it is nearly full. Below {_megabytes(now.spare)} uploads, jobs and models are refused."
        return f"{room}: everything is accepted again."


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"
