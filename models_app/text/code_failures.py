"""Explains the failure of people's own code: the exception, the line it came from, and what was not installed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from common.messages import _
from models_app.text.failure_categories import find_category
from models_app.text.failure_causes import find, find_likely
from models_app.text.failures import Failure, of_category
from models_app.text.tracebacks import of_log

MAX_HEADLINE = 160  # characters
SCRIPT = "ExecuteUserScriptError"
REQUIREMENTS = "InstallRequirementsError"
CODE = "code"  # the cause of a failure of which no more is known than the exception
_MESSAGE = re.compile(r'ErrorMessage "(?P<text>.*)"\s*\n(?:Command|ExtraInfo)', re.DOTALL)
_EXIT = re.compile(r"ExitCode (?P<code>-?\d+)")
_NO_MODULE = re.compile(r"(?:ModuleNotFound|Import)Error: No module named '(?P<module>[\w.]+)'")
_NETWORK = (
    "URLError", "urllib.error.URLError", "gaierror", "socket.gaierror", "ConnectionError", "ConnectionRefusedError",
    "requests.exceptions.ConnectionError", "EndpointConnectionError", "botocore.exceptions.EndpointConnectionError",
)  # fmt: skip


def of_reason(reason: str) -> str:
    """The exception that a FailureReason of script mode quotes; "" when it quotes none."""
    match = _MESSAGE.search(reason) if SCRIPT in reason or REQUIREMENTS in reason else None
    return " ".join((match["text"] if match else "").replace('\\"', '"').split())


def hint_of(exception: str) -> str:
    """What to do about an exception that the sandbox or the environment causes; "" for any other."""
    if match := _NO_MODULE.match(exception):
        return _("Name the package of %(module)s in the requirements.", module=match["module"])
    if exception.startswith(_NETWORK):
        return _("Where the code runs there is no network. Read the data from its channel.")
    if exception.startswith("MemoryError"):
        return _("The memory of the sandbox was used up. Read the data in parts, or choose a larger instance.")
    return ""


def exit_code_of(reason: str) -> str:
    """The exit code that a FailureReason of script mode names; "" when it names none."""
    match = _EXIT.search(reason)
    return match["code"] if match else ""


def explain_code(reason: str, lines: list[str], module: str) -> Failure | None:
    """The failure of a job of people's code by its FailureReason and the end of its log; None for any other reason.

    `lines` may be [], then the place in the code is left out.
    """
    if REQUIREMENTS in reason:
        words = _("A line of the requirements has no package that can be installed. The log names it.")
        return Failure(_("The requirements could not be installed"), words, reason, cause="requirements")
    if SCRIPT not in reason:
        return None
    raised = of_reason(reason)
    last_error = of_log(lines, module)
    headline = raised or (last_error.exception if last_error else "")
    if not headline:
        return _ended(reason)
    sentence = last_error.sentence if last_error else _("The log has the whole traceback.")
    failure = Failure(_shortened(headline), " ".join(filter(None, (sentence, hint_of(headline)))), reason, cause=CODE)
    return _with_cause(failure, headline)


def with_line(failure: Failure, lines: Sequence[str], module: str) -> Failure:
    """`failure`, of a cause that is not sure or general, with the line of people's code in its traceback or the log."""
    if failure.cause == CODE or not (failure.likely or failure.category or failure.is_general):
        return failure
    raised = of_log(failure.raw.splitlines(), module)
    if raised is None or not raised.line:
        raised = of_log(lines, module)
    return replace(failure, explain=f"{raised.sentence} {failure.explain}") if raised and raised.line else failure


def _with_cause(failure: Failure, exception: str) -> Failure:
    """`failure` with what the catalogue knows of `exception`, which itself stays the headline."""
    match = find(exception)
    likely = None if match else find_likely(exception)
    if matched := match or likely:
        cause, values = matched.cause, matched.values
        known = f"{cause.words(cause.headline, values)}. {cause.words(cause.why, values)}"
        explain = failure.explain if hint_of(exception) else f"{failure.explain} {known}"
        fixes = cause.fixes_for(values)
        return replace(failure, explain=explain, fixes=fixes, cause=cause.id, likely=match is None)
    if category := find_category(exception):
        general = of_category(failure, category)
        return replace(general, explain=f"{failure.explain} {general.explain}")
    return failure


def _ended(reason: str) -> Failure | None:
    """Code that ended its process without an exception."""
    code = exit_code_of(reason)
    if not code:
        return None
    words = _("It raised no exception. The log has what it wrote last.")
    return Failure(_("The code ended with exit code %(code)s", code=code), words, reason)


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_HEADLINE else f"{text[: MAX_HEADLINE - 1]}…"
