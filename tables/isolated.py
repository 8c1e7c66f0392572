"""Calls functions that read tables in sandboxes, so that no table can harm the process that asks.

A file of a few bytes can make Arrow or Polars take gigabytes, crash, never end, or run code of its author's
(tables.reader_process). What pages look at is read by a few processes that stay; a whole table has one of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Any

from common.messages import _
from common.problems import Unavailable
from sandbox.forked import Zygote
from tables.objects import LOCATION, Source
from tables.reader_process import PROGRAM, ReaderProcess, clean_environment
from tables.store import Store

PROCESSES = 4  # at most
SECONDS = 60.0  # for one call, after which its process is killed
WAIT = 10.0  # seconds for one of the processes to be free
DISK = 128 * 2**30  # bytes that a whole table's process may write at a time
WORK = (
    "evaluation.table_input",
    "preflight.job_data",
    "tables.preparation",
)  # modules, loaded before a whole table comes


class IsolatedReaders:
    """A few processes that read tables, each for one caller at a time. For any threads of one process.

    `memory` is what each may use, in bytes. Processes are started when they are needed, and stay.
    """

    def __init__(self, memory: int, seconds: float = SECONDS, processes: int = PROCESSES):
        self._memory, self._seconds = memory, seconds
        self._free = BoundedSemaphore(processes)
        self._idle: list[ReaderProcess] = []

    def warm_up(self) -> None:
        """Start a process, unless one is there, so that the first caller need not wait for it to load its libraries."""
        if not self._idle:
            self._idle.append(ReaderProcess(self._memory))

    def close(self) -> None:
        """End the processes that nobody uses. Repeatable."""
        while self._idle:
            self._idle.pop().end()

    def call(
        self, function: str, store: Store, name: str, *args: Any, reads: Collection[Source | str] = (), **more: Any
    ) -> Any:  # fmt: skip
        """What `function`, a "module:name", returns for these arguments.

        The table is called `name` in errors. `store`, wherever it is among the arguments, is the caller's own. It may
        read the tables among the arguments and those of `reads`. Raises Problem: what the function raises, and when the
        table takes too much memory or time or ends the process.
        """
        with self._reader() as reader:
            return reader.call(store, name, function, args, more, reads=reads, seconds=self._seconds)

    @contextmanager
    def _reader(self) -> Iterator[ReaderProcess]:
        if not self._free.acquire(timeout=WAIT):
            raise Unavailable(_("Other tables are being read just now. Try again in a moment."), LOCATION)
        try:
            reader = self._idle.pop() if self._idle else ReaderProcess(self._memory)
            try:
                yield reader
            finally:
                if reader.is_usable:
                    self._idle.append(reader)
                else:
                    reader.end()
        finally:
            self._free.release()


class WholeTableReaders:
    """Starts a process for each whole table: none reads a second one. For any threads, and for forks of this process.

    `memory` is what each may use, in bytes.
    """

    def __init__(self, memory: int):
        self._memory = memory
        self._zygote: Zygote | None = None

    def warm_up(self) -> None:
        """Load the libraries once for all processes that will be started, by this process's later forks too."""
        if self._zygote is None:
            self._zygote = Zygote(clean_environment(), PROGRAM, *WORK)

    def close(self) -> None:
        """End what `warm_up` started. Repeatable."""
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def start(self) -> ReaderProcess:
        """A process for one table; use it in a `with`. Raises SandboxError."""
        return ReaderProcess(self._memory, DISK, self._zygote)
