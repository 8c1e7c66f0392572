"""Watches the disk of the data folder: warns before it is full, and keeps a reserve that is given up then.

The reserve is a few files. Databases, Valkey and sessions write a few kilobytes at a time, so the room that they leave
keeps people signed in and jobs ending with their reasons until somebody has made room.
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from common.disk import Space, space

EVERY = 1.0  # seconds
RESERVE, SHARE = 64 * 1024**2, 0.01  # bytes, and at most this share of the disk
PIECES = 8  # that are given up one after the other, for whoever fills the disk may not have finished
MIN_FREE = 4  # times the reserve must be free before it is taken (again)


class DiskWatch:
    """The watch of the disk of the folder `data`. `say` prints a line for the person.

    `accept` is called while there is room: it makes all accept again what is to be stored, and returns whether they do.
    """

    def __init__(self, data: Path, say: Callable[[str], None], accept: Callable[[], bool]):
        self.data, self.say, self.accept = data, say, accept
        self.reserve = [data / "run" / f"reserve-{number}" for number in range(PIECES)]
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
        present = [piece for piece in self.reserve if piece.exists()]
        if now.free < wanted // PIECES // 2 and present:
            present[0].unlink()
        elif now.free > wanted * (1 + MIN_FREE):
            for piece in set(self.reserve) - set(present):
                _take(piece, wanted // PIECES)
        level = "full" if now.is_full else "low" if now.is_low else ""
        is_accepted = level != "full" and self.accept()
        if level != self.level and (is_accepted or self.level != "full"):
            self.level = level
            self.say(self._text(now))

    def _text(self, now: Space) -> str:
        room = f"{_megabytes(now.free)} of {_megabytes(now.total)} are free on the disk of {self.data}"
        if self.level == "full":
            return f"{room}: uploads, jobs and models are refused. Make room on it; nothing needs to be started again."
        if self.level == "low":
            return f"{room}: it is nearly full. Below {_megabytes(now.spare)} uploads, jobs and models are refused."
        return f"{room}: everything is accepted again."


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"


def _take(piece: Path, size: int) -> None:
    """Make a file of `size` bytes whose blocks are its own; nothing when there is no room after all."""
    draft = piece.with_suffix(".draft")
    try:
        with draft.open("wb") as out:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(out.fileno(), 0, size)
            else:  # macOS
                out.write(b"\0" * size)
        draft.replace(piece)
    except OSError:
        draft.unlink(missing_ok=True)
