"""Where the lines of a training job's log are read from: the database, or the archive after they went from there."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Protocol

from django.db.models import Max, Q
from django.utils.functional import cached_property

from models_app.aws import archive
from models_app.models import LogLine, TrainingJob
from models_app.problems import Problem

MOST_UNPACKED = 1 << 26  # bytes of an archived log that a page reads; a download reads all of it
LONGEST = 1 << 14  # characters of an archived line that a page shows: a forged one may be as long as the file
Row = tuple[int, datetime, str]  # number, time, text


class LogSource(Protocol):
    """The lines of one log, numbered from 1."""

    is_cut: bool  # there are lines that are not read here; known after `total`
    problem: str  # why, where the rest cannot be read

    def total(self) -> int:
        """The number of the last line; 0 without any."""

    def rows(self, first: int, last: int) -> list[Row]:
        """The lines `first` to `last`."""

    def numbers_with(self, find: str, limit: int) -> list[int]:
        """Of the first `limit` lines that hold `find`, whatever its case."""

    def rows_with_any(self, words: tuple[str, ...], limit: int) -> list[tuple[int, str]]:
        """(number, text) of the first `limit` lines that hold one of `words`, whatever its case."""


class StoredLog:
    """The lines in the database."""

    is_cut, problem = False, ""  # what only CloudWatch has is searched there (`log_rest`)

    def __init__(self, job: TrainingJob):
        self._lines = job.lines

    def total(self) -> int:
        """Return the number of the last line; 0 without any."""
        return self._lines.aggregate(last=Max("number"))["last"] or 0

    def rows(self, first: int, last: int) -> list[Row]:
        """Return the lines `first` to `last`."""
        return list(self._lines.filter(number__range=(first, last)).values_list("number", "at", "text"))

    def numbers_with(self, find: str, limit: int) -> list[int]:
        """Return those of the first `limit` lines that hold `find`, whatever its case."""
        rows = self._lines.filter(text__icontains=find).order_by("number")
        return list(rows.values_list("number", flat=True)[:limit])

    def rows_with_any(self, words: tuple[str, ...], limit: int) -> list[tuple[int, str]]:
        """Return (number, text) of the first `limit` lines that hold one of `words`, whatever its case."""
        holds = Q()
        for word in words:
            holds |= Q(text__icontains=word)
        return list(self._lines.filter(holds).order_by("number").values_list("number", "text")[:limit])


class ArchivedLog:
    """The first LogLine.MOST lines in the archive, which are read once. Its methods raise Problem if none can be."""

    def __init__(self, folder: str):
        self._folder = folder
        self.is_cut, self.problem = False, ""

    @cached_property
    def _rows(self) -> list[Row]:
        rows: list[Row] = []
        try:
            for at, text in archive.log_lines(self._folder, MOST_UNPACKED):
                if len(rows) == LogLine.MOST:
                    self.is_cut = True
                    break
                rows.append((len(rows) + 1, at, text[:LONGEST]))
        except Problem as problem:
            if not rows:
                raise
            self.is_cut, self.problem = True, str(problem)
        return rows

    def total(self) -> int:
        """Return the number of the last line; 0 without any."""
        return len(self._rows)

    def rows(self, first: int, last: int) -> list[Row]:
        """Return the lines `first` to `last`."""
        return self._rows[max(0, first - 1) : max(0, last)]

    def numbers_with(self, find: str, limit: int) -> list[int]:
        """Return those of the first `limit` lines that hold `find`, whatever its case."""
        wanted = find.lower()
        return list(islice((number for number, _, text in self._rows if wanted in text.lower()), limit))

    def rows_with_any(self, words: tuple[str, ...], limit: int) -> list[tuple[int, str]]:
        """Return (number, text) of the first `limit` lines that hold one of `words`, whatever its case."""
        rows: Iterator[tuple[int, str]] = (
            (number, text) for number, _, text in self._rows if any(word in text.lower() for word in words)
        )
        return list(islice(rows, limit))


def log_source(job: TrainingJob) -> LogSource:
    """The lines of the log of `job`."""
    return ArchivedLog(job.archive) if job.archive else StoredLog(job)
