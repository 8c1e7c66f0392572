"""Failures that no code foresaw while a table is read, as a Problem with the file and what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import TracebackType

from common.messages import _
from common.problems import Problem
from tables.objects import LOCATION

MAX_TEXT = 200  # characters of an error's own text
log = logging.getLogger(__name__)


class ReadFailure(Problem):
    """Reading failed for a reason that no code foresaw. The log has the traceback; another try may go well."""


class Reading:
    """Use it in a `with` around what reads `uri`: any failure, a library's panic included, becomes a ReadFailure.

    Called, it calls `progress`, whose exceptions pass unchanged, as a Problem does.
    """

    def __init__(self, uri: str, progress: Callable[[int, int], None] | None = None):
        self.uri, self.progress = uri, progress
        self._stopped_by: BaseException | None = None

    def __call__(self, done: int, total: int) -> None:
        """Call `progress`."""
        if self.progress is None:
            return
        try:
            self.progress(done, total)
        except BaseException as e:
            self._stopped_by = e
            raise

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, kind: type | None, e: BaseException | None, traceback: TracebackType | None) -> None:
        if e is None or e is self._stopped_by or isinstance(e, (Problem, KeyboardInterrupt, SystemExit, GeneratorExit)):
            return
        log.error("%s could not be used", self.uri, exc_info=e)
        raise (_out_of_memory(self.uri) if isinstance(e, MemoryError) else unforeseen(self.uri, failure_text(e))) from e


def _out_of_memory(uri: str) -> ReadFailure:
    text = _(
        "%(uri)s needs more memory than there is. Split the table, leave out columns with long texts, or read it "
        "on a machine with more memory.",
        uri=uri,
    )
    return ReadFailure(text, LOCATION)


def unforeseen(uri: str, why: str) -> ReadFailure:
    """The problem of a table that cannot be used, `why` in the words of a library or of the system."""
    text = _(
        "%(uri)s could not be used, for a reason that this program does not know (%(why)s). Its log has the details. "
        "Save the table again, as CSV in UTF-8 or as Parquet with plain columns, and choose that.",
        uri=uri,
        why=why,
    )
    return ReadFailure(text, LOCATION)


def failure_text(e: BaseException) -> str:
    """The type and the first line of an error's text. Of a system's error without the path, which others may read."""
    text = (e.strerror or "") if isinstance(e, OSError) else next(iter(str(e).splitlines()), "")
    return f"{type(e).__name__}: {text[:MAX_TEXT]}".rstrip(". :")
