"""Turns the raw text of a failure into what happened, where, and what to do. What it does not know it says so."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from common.messages import _, gettext_noop
from models_app.text.failure_categories import Category, category_named, find_category
from models_app.text.failure_causes import Fix, Match, find, find_likely

__all__ = ["DataLocation", "Failure", "Fix", "error_lines", "explain", "of_report"]

MAX_SENTENCE = 140  # characters
FIRST_ERRORS, LAST_ERRORS, MAX_LINE = 4, 16, 1000  # lines of a log that are kept of a failure, and characters of one
_BLAME = {
    "ClientError": gettext_noop("SageMaker puts this down to the request or the data."),
    "AlgorithmError": gettext_noop("SageMaker puts this down to the algorithm."),
    "InternalServerError": gettext_noop("SageMaker puts this down to itself; trying again may be enough."),
}
_EXIT = re.compile(r",?\s*\(?\b[Ee]xit ?[Cc]ode:?\s*'?(?P<code>-?\d+)'?\)?\.?")
_COMMAND = re.compile(r'\bCommand ".*', re.DOTALL)
_LAST_EXIT = re.compile(r"(?:^|,)\s*\(?\b[Ee]xit ?[Cc]ode:?\s*'?-?\d+'?\)?\.?\s*$")
# What a text says before its reason: who was asked for what, and the error's name.
_ENVELOPE = re.compile(
    r"^(?:.{0,200}?Failed\.? Reason:\s*)?(?:An error occurred \(\w+\) when calling the \w+ operation"
    r"(?: \(reached max retries: \d+\))?:\s*)?"
)
_EXCEPTION = re.compile(r"^(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Fault)(?::.*)?$")
_ERROR_LINE = re.compile(r"(?<![\w-])(?:ERROR|Error|FATAL)(?![\w-])|[a-z]Error\b|Exception\b|^terminate called")


@dataclass(frozen=True)
class DataLocation:
    """Where in the data a failure is: what its message says. Numbers count from 1, 0 is unknown.

    `file` is an address or the name of a file; `row` counts rows of data, `line` lines of the file; `column` is a name
    or a number; `value` is the cell's text; `allowed` are the numbers of which the column must hold one.
    """

    file: str = ""
    row: int = 0
    line: int = 0
    column: str = ""
    value: str = ""
    allowed: tuple[float, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.row or self.line or self.value or self.allowed)


@dataclass(frozen=True)
class Failure:
    """A failure for a person; `raw` is AWS's own text, one click away.

    `cause` is the id of the catalogue, "preflight", "code", or "" when the cause is not known. It is `likely` when only
    the kind of the words tells it. `category` is the id of what is told where no cause is, "" where that is not told
    either; without both there are no fixes.
    `quote` is the line that it was read from, where that is not the headline itself. A cause that `is_general` needs
    the line of the code to tell more.
    """

    headline: str
    explain: str
    raw: str
    fixes: list[Fix] = field(default_factory=list)
    cause: str = ""
    location: DataLocation = DataLocation()
    quote: str = ""
    likely: bool = False
    category: str = ""
    is_general: bool = False

    @property
    def category_name(self) -> str:
        """The category in the reader's language, "" for a failure of which none is told."""
        return _(category_named(self.category).name) if self.category else ""

    @property
    def presses(self) -> list[Fix]:
        """The fixes that one press fills into the Create model form; the first is suggested."""
        return [fix for fix in self.fixes if fix.changes]

    @property
    def advice(self) -> list[Fix]:
        """The fixes that a person must do."""
        return [fix for fix in self.fixes if not fix.changes]


def of_report(report: Mapping[str, Any], raw: str) -> Failure:
    """What preflight did not let pass: its worst finding, with its fixes. `report` is a preflight.Report as JSON."""
    worst = next(finding for finding in report["findings"] if finding["level"] == "err")
    fixes = [Fix(fix["label"], fix["label"], fix["changes"]) for fix in worst["fixes"]]
    location = DataLocation(worst["file"], worst["row"] or 0, worst["line"] or 0, worst["column"], worst["value"])
    return Failure(worst["title"], worst["text"], raw, fixes, "preflight", location)


def explain(raw: str, log: Sequence[str] = ()) -> Failure | None:
    """The failure behind `raw`, None when there is none. An unknown cause gets no invented fix.

    What is known counts before what is likely, and that before a category. `log` is the end of the job's log: the last
    exception there, then its lines with errors from the last to the first, are looked at when `raw` itself says no more
    than that the process ended.
    """
    if not raw:
        return None
    lines = _error_lines(log) if _says_nothing(raw) else []
    known = [(line, match) for line in (raw, *lines) if (match := find(line))]
    if known:
        line, match = min(known, key=lambda one: one[1].cause.general)  # of equals the first
        return _of_cause(match, raw, "" if line is raw else _shortened(line))
    for line in lines or [_message(raw)]:
        if match := find_likely(line):
            return replace(_of_cause(match, raw, _shortened(line)), likely=True)
    unknown = _unknown(raw, log)
    for line in lines or [_message(raw)]:
        if category := find_category(line):
            quote = _shortened(line) if lines else unknown.quote
            return replace(of_category(unknown, category), quote=quote)
    return unknown


def of_category(failure: Failure, category: Category) -> Failure:
    """`failure`, of which the cause is not known, with what its category says."""
    return replace(failure, explain=_(category.why), fixes=[category.fix], category=category.id)


def error_lines(log: Sequence[str]) -> list[str]:
    """The lines of `log` that `explain` looks at: twenty at most, the first and the last."""
    errors = [line[:MAX_LINE] for line in log if _ERROR_LINE.search(line[:200]) or _EXCEPTION.match(line.strip())]
    if len(errors) <= FIRST_ERRORS + LAST_ERRORS:
        return errors
    return errors[:FIRST_ERRORS] + errors[-LAST_ERRORS:]


def _of_cause(match: Match, raw: str, quote: str) -> Failure:
    cause, values = match.cause, match.values
    headline, why = cause.words(cause.headline, values), cause.words(cause.why, values)
    location = _location(cause.location | {name: value for name, value in values.items() if value})
    fixes = cause.fixes_for(values)
    return Failure(headline, why, raw, fixes, cause.id, location, quote, is_general=cause.general)


def _location(values: Mapping[str, Any]) -> DataLocation:
    line = values.get("row", "")
    return DataLocation(
        file=values.get("file", ""),
        line=int(line) if line.isdecimal() and len(line) < 10 else 0,
        column=values.get("column", ""),
        value=values.get("value", "").strip(),
        allowed=tuple(values.get("allowed", ())),
    )


def _unknown(raw: str, log: Sequence[str]) -> Failure:
    """The least that is shown: the first sentence of the reason, and the first line of the log with an error."""
    culprit, _colon, _rest = _ENVELOPE.sub("", raw).partition(":")
    why = _(_BLAME[culprit]) if culprit in _BLAME else _("This is all that is known of the cause.")
    first = next((line.strip() for line in log if _ERROR_LINE.search(line[:200])), "")
    if _says_nothing(raw):
        code = _EXIT.search(raw)
        words = _("Stopped with exit code %(code)s", code=code["code"]) if code else _("No reason was given")
        return Failure(words, why, raw, quote=_shortened(first))
    return Failure(_first_sentence(raw), why, raw, quote=_shortened(first))


def _says_nothing(raw: str) -> bool:
    return not re.search(r"\w", _reason(raw))


def _reason(raw: str) -> str:
    """`raw` without who is to blame, the exit code and the frames of a traceback."""
    return _EXIT.sub("", _message(raw)).strip(" \n\t,:")


def _message(raw: str) -> str:
    """`raw` without who is to blame, the frames of a traceback, the command that ran and an exit code at its end."""
    text = _ENVELOPE.sub("", raw.strip())
    culprit, _colon, rest = text.partition(":")
    text = rest if culprit in _BLAME else text
    if "Traceback (most recent call last)" in text:
        lines = [line.strip() for line in text.splitlines()]
        text = next((line for line in reversed(lines) if _EXCEPTION.match(line)), "")
    return _LAST_EXIT.sub("", _COMMAND.sub("", text))


def _first_sentence(raw: str) -> str:
    reason = _reason(raw)
    line = reason.splitlines()[0] if reason else _("No reason was given")
    return _shortened(re.split(r"(?<=[.!?])\s", line, maxsplit=1)[0])


def _error_lines(log: Sequence[str]) -> list[str]:
    """The lines of `log` that may name the cause: the last exception first, then lines with errors from the last on."""
    errors = [line.strip() for line in reversed(log) if _ERROR_LINE.search(line[:200])]
    return sorted(errors, key=lambda line: not _EXCEPTION.match(line))


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_SENTENCE else text[: MAX_SENTENCE - 1].rstrip() + "…"
