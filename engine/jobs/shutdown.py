"""Tells running jobs that their worker shuts down: Celery's warm shutdown would wait hours for them."""

import mmap

from celery.signals import worker_shutting_down

# One byte of memory shared by the worker and the processes it forks; only the worker itself hears the signal.
_flag = mmap.mmap(-1, 1)


@worker_shutting_down.connect(weak=False)
def _request(**_) -> None:
    _flag[0] = 1


def requested() -> bool:
    """Return whether this worker is shutting down."""
    return _flag[0] == 1
