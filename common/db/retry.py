"""Waits out a database that is away for a moment, instead of losing hours of work to it."""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

P = ParamSpec("P")
T = TypeVar("T")
SECONDS = 60
AWAY = (OperationalError, InterfaceError)
log = logging.getLogger(__name__)


def waits_for_database(action: Callable[P, T]) -> Callable[P, T]:
    """Decorate `action`, which must be repeatable, to be tried again for SECONDS while the database is unreachable.

    Inside a transaction it is tried once: the transaction is lost with the connection.
    """

    @wraps(action)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> T:
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                return action(*args, **kwargs)
            except AWAY as e:
                if connection.in_atomic_block or time.monotonic() > deadline:
                    raise
                log.warning("the database does not answer, trying again: %s", e)
                connection.close()
                time.sleep(1)

    return repeated
