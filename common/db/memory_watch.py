"""Ends this process when it uses more memory than its work may, after a word about it: no library stops if asked."""

import logging
import os
import signal
import threading
from collections.abc import Callable

from django.db import connection

from common.memory import memory_of

EVERY = 0.1  # seconds between two looks
LAST_WORD = 5.0  # seconds for `say`, during which the process may go on growing
log = logging.getLogger(__name__)


class MemoryWatch(threading.Thread):
    """Use it in a `with`: while the block runs, more than `limit` bytes end the process, after a call of `say`."""

    def __init__(self, limit: int, say: Callable[[], None]):
        super().__init__(name="memory", daemon=True)
        self._limit, self._say = limit, say
        self._ended = threading.Event()

    def __enter__(self) -> "MemoryWatch":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self._ended.set()

    def run(self) -> None:
        """Compare the process's memory with the limit until the block ends; above it, report and kill the process."""
        while not self._ended.wait(EVERY):
            if (used := memory_of(os.getpid())) > self._limit:
                log.error("%d MiB of memory are used, %d may be: this process ends", used >> 20, self._limit >> 20)
                threading.Timer(LAST_WORD, os.kill, (os.getpid(), signal.SIGKILL)).start()
                try:
                    self._say()
                except Exception:
                    log.exception("the end of the work could not be written down; another worker tries it again")
                connection.close()
                os.kill(os.getpid(), signal.SIGKILL)
