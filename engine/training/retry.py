"""Waits out a database that is away for a moment, instead of losing hours of training to it."""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

P = ParamSpec("P")
T = TypeVar("T")
SECONDS = 60
log = logging.getLogger(__name__)


def patient(action: Callable[P, T]) -> Callable[P, T]:
    """`action`, which must be repeatable, tried again for SECONDS while the database cannot be reached."""

    @wraps(action)
    def patiently(*args: P.args, **kwargs: P.kwargs) -> T:
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                return action(*args, **kwargs)
            except (OperationalError, InterfaceError) as e:
                if connection.in_atomic_block or time.monotonic() > deadline:
                    raise
                log.warning("the database does not answer, trying again: %s", e)
                connection.close()
                time.sleep(1)

    return patiently
