"""Keeps a spare of a process that has started: a fork of it that waits, and goes on in its place when it is killed.

What takes seconds, on a busy machine many, is imports; the spare has them behind it, and shares their memory. It
becomes a child of whoever adopts orphans (`common.process_group.adopt_orphans`), which must be the process that started
the original one. Linux only; elsewhere there is no spare.
"""

import gc
import os
import sys
import time

from common.process_group import die_with_parent


def keep() -> None:
    """Fork a spare and return; return in the spare, too, once this process has ended.

    Call it before there are threads or an event loop. A spare has a session of its own, for those who kill the process
    group of the original, and one that goes on has a spare in its turn. It ends when the parent of the original does.
    """
    if sys.platform != "linux":
        return
    gc.freeze()  # a collection writes to the pages of what it looks at, and would have them copied
    parent = os.getppid()
    while True:
        original = os.getpid()
        end, alive = os.pipe()
        if os.fork():
            os.close(end)
            return  # `alive` stays open as long as this process lives
        os.close(alive)
        os.setsid()
        os.read(end, 1)
        os.close(end)
        while os.getppid() == original:  # it closes its files before it hands over its children
            time.sleep(0.001)
        die_with_parent(parent)
