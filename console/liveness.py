"""Tells the supervisor that a Celery process is ready, and then that it lives, by the file that it named.

The file is made when the process is ready and touched every second from then on, by a thread of its own. The thread
stops when the main thread has not run at all for STUCK seconds: a main loop wakes up every few seconds, to look at its
timers or to try again to reach the broker. Imported for its effect.
"""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from celery import signals

from sagewright import environment as env

EVERY = 1.0  # seconds
STUCK = 120.0  # seconds; longer than any wait between two attempts to reach the broker


@signals.worker_ready.connect
@signals.beat_init.connect
def say_ready(**_) -> None:
    """Where nobody named a file, nobody waits."""
    if file := env.text("READY_FILE"):
        Path(file).touch()
        threading.Thread(target=_say_alive, args=(file,), name="liveness", daemon=True).start()


def _say_alive(file: str) -> None:
    clock, used, ran_at = _clock_of_the_main_thread(), -1.0, time.monotonic()
    while True:
        now = time.monotonic()
        if (total := clock()) != used:
            used, ran_at = total, now
        if now - ran_at < STUCK:
            with suppress(OSError):
                os.utime(file)
        time.sleep(EVERY)


def _clock_of_the_main_thread() -> Callable[[], float]:
    """Processor seconds that the main thread has used; where they cannot be known, the time, which always moves on."""
    main = threading.main_thread().ident
    if main is None or not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic
    number = time.pthread_getcpuclockid(main)
    return lambda: time.clock_gettime(number)
