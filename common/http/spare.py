"""Keeps a spare of a process that has started: a fork of it that waits, and goes on in its place when it is killed.

What takes seconds, on a busy machine many, is imports; the spare has them behind it, and shares their memory. It
becomes a child of whoever adopts orphans (`common.process_group.adopt_orphans`), which must be the process that started
the original one. Linux only; elsewhere there is no spare.
"""

import gc
import os
import select
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from common.process_group import die_with_parent

WARM_UP_AFTER = 10.0  # seconds, in which whatever made the warm-up worth it has the processor
YOUNG = 0.5  # seconds; of a process that does not live longer no spare goes on, or none of them could be ended


def _nothing() -> None:
    """The warm-up of what is warm."""


DISMISSED, WANTED = b"!", b"w"
_pipe = -1  # to the spare of this process


def _dismiss() -> None:
    _tell(DISMISSED)


def want_warm() -> None:
    """Have the spare of this process, if it has one, call its warm-up: it would be needed. Repeatable."""
    _tell(WANTED)


def _tell(what: bytes) -> None:
    if _pipe >= 0:
        with suppress(OSError):  # it has ended already
            os.write(_pipe, what)


def keep(warm_up: Callable[[], object] = _nothing) -> Callable[[], object]:
    """Fork a spare and return; return in the spare, too, when this process was killed.

    A spare calls `warm_up` some time after `want_warm` was called; those after it are forks of it. The result dismisses
    the spare: call it before an end that is meant. Call `keep` before there are threads or an event loop. A spare has a
    session of its own, for those who kill the process group of the original, and keeps a spare in its turn when it goes
    on. It ends when the parent of the original does.
    """
    if sys.platform != "linux":
        return _nothing
    global _pipe
    parent = os.getppid()
    while True:
        gc.freeze()  # a collection writes to the pages of what it looks at, and would have them copied
        original, began = os.getpid(), time.monotonic()
        end, alive = os.pipe()
        if os.fork():
            os.close(end)
            os.set_blocking(alive, False)
            _pipe = alive
            return _dismiss
        os.close(alive)
        os.setsid()
        while (message := os.read(end, 1)) == WANTED:
            if warm_up is not _nothing and not select.select([end], [], [], WARM_UP_AFTER)[0]:
                warm_up()
                warm_up = _nothing
        os.close(end)
        if message == DISMISSED or time.monotonic() - began < YOUNG:
            os._exit(0)
        while os.getppid() == original:  # it closes its files before it hands over its children
            time.sleep(0.001)
        die_with_parent(parent)
