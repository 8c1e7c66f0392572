"""Logs an outage of the database in few lines: every request and every second say the same while it lasts."""

import logging
import threading
import time

from common.db.outage import is_away

EVERY = 10.0  # seconds between two such lines of one logger


class FewLines(logging.Filter):
    """Leaves on one line of each logger in EVERY seconds, without a traceback, and says how many were left out."""

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self._lock = threading.Lock()
        self._last: dict[str, float] = {}  # when each logger had a line, on the monotonic clock
        self._left_out: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to print the record."""
        error = _error_of(record)
        if error is None or not is_away(error):
            return True
        with self._lock:
            now = time.monotonic()
            if now - self._last.get(record.name, float("-inf")) < EVERY:
                self._left_out[record.name] = self._left_out.get(record.name, 0) + 1
                return False
            self._last[record.name], more = now, self._left_out.pop(record.name, 0)
        words = record.getMessage()
        if record.exc_info:
            words, record.exc_info, record.exc_text = f"{words}: {error}", None, None
        record.msg, record.args = "%s", (" ".join(words.split()) + (f" (and {more} more such lines)" if more else ""),)
        return True


def _error_of(record: logging.LogRecord) -> BaseException | None:
    """The error that a line is about: the one that turned a request away, or one that the line's own words quote."""
    if record.exc_info:
        return record.exc_info[1] if record.name.startswith("django.") else None
    values = record.args if isinstance(record.args, tuple) else ()
    return next((value for value in values if isinstance(value, BaseException)), None)
