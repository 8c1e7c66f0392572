"""Reads what a script's process prints, at a rate that costs other endpoints nothing."""

import asyncio
import os
from collections.abc import Callable

from common.log_allowance import Allowance

MAX_LINE = 8 * 1024  # bytes of one line of the log
READ = 16 * 1024  # bytes at a time
BYTES_A_SECOND = 1024**2  # a process that prints faster waits for its pipe
LINES, BYTES = 500, 1024**2  # that are kept at once; the rest trickles
DROPPED = "{} lines are left out here: the script prints too fast for a log."


async def read_lines(descriptor: int, write_line: Callable[[str], None]) -> None:
    """Pass on each line until the pipe is closed; one that is too long is cut into several."""
    reader = asyncio.StreamReader(limit=READ)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", 0)
    )
    lines = _Lines(write_line)
    try:
        while data := await reader.read(READ):
            lines.feed(data)
            await asyncio.sleep(len(data) / BYTES_A_SECOND)
    finally:
        lines.end()
        transport.close()


class _Lines:
    def __init__(self, write_line: Callable[[str], None]):
        self._write_line, self._allowance, self._incomplete = write_line, Allowance(LINES, BYTES), b""

    def feed(self, data: bytes) -> None:
        *lines, self._incomplete = (self._incomplete + data).split(b"\n")
        while len(self._incomplete) > MAX_LINE:
            lines.append(self._incomplete[:MAX_LINE])
            self._incomplete = self._incomplete[MAX_LINE:]
        for line in lines:
            for start in range(0, len(line), MAX_LINE):
                self._add(line[start : start + MAX_LINE])

    def end(self) -> None:
        self._add(self._incomplete)
        self._report()

    def _add(self, line: bytes) -> None:
        if not (text := line.decode("utf-8", "replace").rstrip()):
            return
        if self._allowance.admits(text):
            self._report()
            self._write_line(text)

    def _report(self) -> None:
        if dropped := self._allowance.take_dropped():
            self._write_line(DROPPED.format(dropped))
