"""Whether a failure says that the database takes no statements at the moment, and for how long it has not."""

import sqlite3
import time

from django.db import DatabaseError, InterfaceError, OperationalError

# Classes of SQLSTATE: connection exception, insufficient resources, operator intervention, system error.
CLASSES = ("08", "53", "57", "58")
READ_ONLY = "25006"  # a statement that writes, on a standby: psycopg counts it among the internal errors
RETRY_AFTER = 5  # seconds after which who was turned away should ask again
GAP = 30.0  # seconds without a failure after which the next one is of another outage
_began = _last = float("-inf")  # on the monotonic clock


def is_away(error: BaseException | None) -> bool:
    """Return whether `error`, or what it came from, is the database's, and may pass without a change of ours.

    Not so a table that is missing, a wrong statement, or a deadlock.
    """
    visited: set[int] = set()
    while error is not None and id(error) not in visited:
        if _says_away(error):
            return True
        visited.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def _says_away(error: BaseException) -> bool:
    if isinstance(error, InterfaceError):  # the connection is closed
        return True
    if not isinstance(error, DatabaseError):
        return False
    driver = error.__cause__
    if isinstance(driver, sqlite3.Error):  # those of the statement itself have one code in common
        return isinstance(error, OperationalError) and driver.sqlite_errorcode & 0xFF != sqlite3.SQLITE_ERROR
    state = getattr(driver, "sqlstate", None)
    if state:
        return state == READ_ONLY or state[:2] in CLASSES
    return isinstance(error, OperationalError)  # no server answered


def seconds_away() -> int:
    """Note that the database is away now. Return for how many seconds it is, as far as this process has seen."""
    global _began, _last
    now = time.monotonic()
    if now - _last > GAP:
        _began = now
    _last = now
    return round(now - _began)
