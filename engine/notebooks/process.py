"""A process in the sandbox as the event loop sees it: its output, its end, its memory."""

import asyncio
import contextlib
import os
from collections.abc import Callable

from common.process_group import children
from sandbox.process import Sandboxed
from sandbox.process import start as start_sandboxed
from sandbox.spec import Spec

POLL = 0.1  # seconds between two looks at whether it has ended
READ = 16 * 1024  # bytes at a time
BYTES_A_SECOND = 1024**2  # a process that prints faster waits for its pipe, and the event loop for nobody
PAGE = os.sysconf("SC_PAGE_SIZE")


class Running:
    """A started process."""

    def __init__(self, sandboxed: Sandboxed, output: int, feed: Callable[[bytes], object]):
        self._sandboxed, self._output, self._feed = sandboxed, output, feed
        self._code: int | None = None
        self._paused: asyncio.TimerHandle | None = None
        os.set_blocking(output, False)
        asyncio.get_running_loop().add_reader(output, self._read_some)

    @property
    def code(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        if self._code is None:
            self._code = self._sandboxed.poll()
        return self._code

    async def wait(self) -> int:
        """Wait for its end; its exit code."""
        while (code := self.code) is None:
            await asyncio.sleep(POLL)
        self._read_rest()
        return code

    def terminate(self) -> None:
        """Send SIGTERM to everything inside."""
        if self.code is None:
            self._sandboxed.terminate()

    async def kill(self) -> None:
        """End everything inside; nothing of it is left afterwards."""
        if self.code is None:
            await asyncio.to_thread(self._sandboxed.kill)

    @property
    def end_reason(self) -> str:
        """ "memory" or "disk" if that is why it was ended, else ""."""
        return self._sandboxed.end_reason

    def memory(self) -> int:
        """Bytes of memory that everything inside has for itself, shared pages left out."""
        total, waiting = 0, [self._sandboxed.pid]
        while waiting:
            pid = waiting.pop()
            waiting += children(pid)
            with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/statm") as file:  # noqa: PTH123
                _, resident, shared, *_ = map(int, file.read().split())
                total += (resident - shared) * PAGE
        return total

    async def close(self) -> None:
        """End what still runs, and let go of its descriptors."""
        await asyncio.to_thread(self._sandboxed.close)
        self._read_rest()
        self._stop_reading()
        os.close(self._output)

    def _read_some(self) -> None:
        """Take a part of what was printed, and leave the rest for as long as its rate asks for."""
        if taken := self._take():
            self._stop_reading()
            loop = asyncio.get_running_loop()
            self._paused = loop.call_later(taken / BYTES_A_SECOND, loop.add_reader, self._output, self._read_some)

    def _read_rest(self) -> None:
        """Take what is left in the pipe of a process that has ended: no more than the pipe holds."""
        while self._take():
            pass

    def _take(self) -> int:
        """Read once; how many bytes there were."""
        try:
            data = os.read(self._output, READ)
        except BlockingIOError:
            return 0
        if data:
            self._feed(data)
        else:
            self._stop_reading()
        return len(data)

    def _stop_reading(self) -> None:
        if self._paused:
            self._paused.cancel()
            self._paused = None
        asyncio.get_running_loop().remove_reader(self._output)


async def start(spec: Spec, feed: Callable[[bytes], object]) -> Running:
    """Start `spec.command` in the sandbox; what it prints is fed to `feed`. Raises OSError."""
    reading, writing = os.pipe()
    try:
        sandboxed = await asyncio.to_thread(start_sandboxed, spec, stdout=writing, stderr=writing)
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    return Running(sandboxed, reading, feed)
