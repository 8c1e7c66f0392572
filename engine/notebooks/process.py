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
PAGE = os.sysconf("SC_PAGE_SIZE")


class Running:
    """A started process."""

    def __init__(self, sandboxed: Sandboxed, output: int, feed: Callable[[bytes], object]):
        self._sandboxed, self._output, self._feed = sandboxed, output, feed
        self._code: int | None = None
        os.set_blocking(output, False)
        asyncio.get_running_loop().add_reader(output, self._read)

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
        self._read()
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
        self._read()
        asyncio.get_running_loop().remove_reader(self._output)
        os.close(self._output)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._output, 65536)
            except BlockingIOError:
                return
            if not data:
                asyncio.get_running_loop().remove_reader(self._output)
                return
            self._feed(data)


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
