"""Prints a refused request on one line, with who sent it: nothing failed, so there is no traceback to look at."""

import logging


class OneLine(logging.Filter):
    """Leaves every record on, and shortens those that Django logs of an exception by which a view refuses a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True."""
        if not record.exc_info:
            return True
        if record.name.startswith("django.security."):  # a Host that is none of ours, a tampered session: the client's
            record.exc_info = record.exc_text = None
        if record.name == "django.request" and record.levelno < logging.ERROR:
            user = getattr(getattr(record, "request", None), "user", None)
            record.msg, record.args = "%s by %r", (record.getMessage(), user.get_username() if user else "")
            record.exc_info = record.exc_text = None
        return True
