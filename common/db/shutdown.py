"""Tells work that its worker is shutting down: Celery's warm shutdown would wait for hours of it."""

import mmap

from celery.signals import worker_shutting_down

# One byte of memory shared by the worker and the processes it forks; only the worker itself hears the signal.
_flag = mmap.mmap(-1, 1)


@worker_shutting_down.connect(weak=False)
def _ask(**_) -> None:
    _flag[0] = 1


def requested() -> bool:
    """True if this worker is shutting down."""
    return _flag[0] == 1
