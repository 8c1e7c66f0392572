"""The log of a training job as its page shows it: a window of lines, at any line, and the search over all of them."""

import re
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from datetime import datetime

from models_app.models import TrainingJob
from models_app.problems import Problem
from models_app.training.log_rest import Rest, search_rest
from models_app.training.log_source import LogSource, log_source

WINDOW = 1000  # lines of a page
BEFORE_ERROR, AFTER_ERROR = 4, 12  # lines that are shown around the first error
MOST_MATCHES = 10_000  # that are counted
MOST_SUSPECTS = 500  # lines that are looked at for the first error
# The word, or the name of a class of Python; train-merror:0.3 and multi_error: 0.3 are metrics.
_ERROR = re.compile(
    r"(?<![\w-])(?:ERROR|Error|error)(?![\w-]|:? ?[0-9.])|[a-z]Error\b|EXCEPTION|Exception\b|(?i:\btraceback\b)"
)
_SUSPECT = ("error", "exception", "traceback")
TAB = "#011"  # as CloudWatch keeps a tab, after syslog's octal escape of control characters


@dataclass(frozen=True)
class Line:
    """One line; `parts` are (text, whether it matches the search), () without a search."""

    number: int
    at: datetime
    text: str
    level: str
    parts: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True)
class LogView:
    """The visible part of a log of `total` lines. `at` is the line that the address names, 0 for none.

    `matches` lines hold `find`, `match` counts the current one of them from 1; `previous` and `next` are the lines of
    its neighbours, 0 for none. `rest` has the matches beyond the stored lines. `problem` says why the log cannot be
    read, or not after these lines; `is_beginning` that only its first `total` lines were.
    """

    lines: list[Line]
    total: int
    at: int = 0
    find: str = ""
    matches: int = 0
    match: int = 0
    previous: int = 0
    next: int = 0
    first_error: int = 0
    is_at_error: bool = False
    rest: Rest = field(default_factory=Rest)
    problem: str = ""
    is_beginning: bool = False

    @property
    def first(self) -> int:
        """The number of the first line that is shown; 0 for none."""
        return self.lines[0].number if self.lines else 0

    @property
    def last(self) -> int:
        """The number of the last line that is shown; 0 for none."""
        return self.lines[-1].number if self.lines else 0

    @property
    def follows(self) -> bool:
        """True if new lines are appended to the visible ones."""
        return not self.find and self.last == self.total

    @property
    def is_cut(self) -> bool:
        """True if there are more than MOST_MATCHES matches."""
        return self.matches > MOST_MATCHES


def log_view(job: TrainingJob, *, find: str = "", line: int = 0, at_error: bool = False) -> LogView:
    """The end of the log; around `line` where that is given; around the match of `find` at or after `line`.

    `at_error` is for a job that failed: a few lines around the first error, where there is one.
    """
    log = log_source(job)
    try:
        view = _log_view(job, log, find, line, at_error)
    except Problem as problem:  # only an archive has any
        return LogView([], 0, problem=str(problem))
    return replace(view, is_beginning=log.is_cut, problem=log.problem)


def _log_view(job: TrainingJob, log: LogSource, find: str, line: int, at_error: bool) -> LogView:
    total = log.total()
    if find:
        return _view_of_match(job, log, find, line, total)
    if line:
        at = min(line, total)
        return LogView(_around(log, at), total, at=at)
    if at_error and job.status == TrainingJob.Status.FAILED and (error := _first_error(log)):
        lines = _lines(log, error - BEFORE_ERROR, error + AFTER_ERROR)
        return LogView(lines, total, first_error=error, is_at_error=len(lines) < total)
    lines = _lines(log, total - WINDOW + 1, total)
    return LogView(lines, total, first_error=next((row.number for row in lines if row.level == "err"), 0))


def lines_after(job: TrainingJob, after: int) -> list[Line]:
    """The lines that follow line `after`: for a page that follows the log."""
    rows = job.lines.filter(number__gt=after).order_by("-number")[:WINDOW]
    return [_line(*row) for row in rows.values_list("number", "at", "text")][::-1]


def level_of(text: str) -> str:
    """The tone of a line: err or warn if it reports an error or a warning, else ""."""
    head = text[:200]
    return "err" if _ERROR.search(head) else "warn" if "WARN" in head.upper() else ""


def _view_of_match(job: TrainingJob, log: LogSource, find: str, line: int, total: int) -> LogView:
    numbers = log.numbers_with(find, MOST_MATCHES + 1)
    rest = Rest() if job.archive else search_rest(job, find, total)
    if not numbers:
        return LogView([], total, find=find, rest=rest)
    index = min(bisect_left(numbers, line), len(numbers) - 1)
    return LogView(
        _around(log, numbers[index], find),
        total,
        at=numbers[index],
        find=find,
        matches=len(numbers),
        match=index + 1,
        previous=numbers[index - 1] if index else 0,
        next=numbers[index + 1] if index + 1 < len(numbers) else 0,
        rest=rest,
    )


def _first_error(log: LogSource) -> int:
    suspects = log.rows_with_any(_SUSPECT, MOST_SUSPECTS)
    return next((number for number, text in suspects if level_of(text) == "err"), 0)


def _around(log: LogSource, at: int, find: str = "") -> list[Line]:
    start = max(1, at - WINDOW // 2)
    return _lines(log, start, start + WINDOW - 1, find)


def _lines(log: LogSource, first: int, last: int, find: str = "") -> list[Line]:
    return [_line(number, at, text, find) for number, at, text in log.rows(first, last)]


def _line(number: int, at: datetime, text: str, find: str = "") -> Line:
    text = text.replace(TAB, "\t")
    pieces = re.split(f"({re.escape(find)})", text, flags=re.IGNORECASE) if find else ()
    parts = tuple((piece, bool(index % 2)) for index, piece in enumerate(pieces)) if len(pieces) > 1 else ()
    return Line(number, at, text, level_of(text), parts)
