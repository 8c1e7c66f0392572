"""Explains the failure of people's own code: the exception, the line it came from, and what was not installed."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from common.messages import _
from models_app.text import failure_causes
from models_app.text.failures import Failure

MAX_HEADLINE = 160  # characters
SCRIPT = "ExecuteUserScriptError"
REQUIREMENTS = "InstallRequirementsError"
CODE = "code"  # the cause of a failure of which no more is known than the exception
_FRAME = re.compile(r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<function>\S+)')
_LAST = re.compile(
    r"^(?P<type>[A-Za-z_][\w.]*(?:Error|Exception|Warning|Interrupt|Exit|Iteration|Fault))(?::\s?(?P<text>.*))?$"
)
_MESSAGE = re.compile(r'ErrorMessage "(?P<text>.*)"\s*\n(?:Command|ExtraInfo)', re.DOTALL)
_EXIT = re.compile(r"ExitCode (?P<code>-?\d+)")
_NO_MODULE = re.compile(r"(?:ModuleNotFound|Import)Error: No module named '(?P<module>[\w.]+)'")
_NETWORK = (
    "URLError", "urllib.error.URLError", "gaierror", "socket.gaierror", "ConnectionError", "ConnectionRefusedError",
    "requests.exceptions.ConnectionError", "EndpointConnectionError", "botocore.exceptions.EndpointConnectionError",
)  # fmt: skip
_OURS = ("sagewright/", "train.py", "inference.py", "sagewright_trial.py")
CODE_FOLDERS = ("/opt/ml/code/", "/opt/ml/input/data/code/", "/opt/ml/model/code/")


@dataclass(frozen=True)
class CodeFailure:
    """An exception of people's code; `file` and `line` are the innermost of their own, "" and 0 when unknown."""

    exception: str
    file: str = ""
    line: int = 0
    function: str = ""

    @property
    def sentence(self) -> str:
        """Where it was raised."""
        if not self.line:
            return _("The log has the whole traceback.")
        words = _("It was raised in line %(n)s of %(file)s, in %(function)s.")
        if self.function.startswith("<"):
            return _("It was raised in line %(n)s of %(file)s.", n=self.line, file=self.file)
        return words % {"n": self.line, "file": self.file, "function": self.function}


def of_reason(reason: str) -> str:
    """The exception that a FailureReason of script mode quotes; "" when it quotes none."""
    match = _MESSAGE.search(reason) if SCRIPT in reason or REQUIREMENTS in reason else None
    return " ".join((match["text"] if match else "").replace('\\"', '"').split())


def of_log(lines: list[str], module: str = "") -> CodeFailure | None:
    """The last exception of a log with the innermost frame in people's own files; None when there is none.

    `module` is the file of the entry point: a script of that name is theirs although ours can be called so too.
    """
    last = next((n for n in range(len(lines) - 1, -1, -1) if _LAST.match(lines[n].strip())), None)
    if last is None:
        return None
    first = next((n for n in range(last, -1, -1) if lines[n].strip().startswith("Traceback")), 0)
    frames = [m for line in lines[first:last] if (m := _FRAME.match(line))]
    own = [(name, m) for m in frames if (name := _own_file(m["path"], module))]
    if not own:
        return CodeFailure(lines[last].strip())
    name, match = own[-1]
    return CodeFailure(lines[last].strip(), name, int(match["line"]), match["function"])


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


def _with_cause(failure: Failure, exception: str) -> Failure:
    """`failure` with what the catalogue knows of `exception`, which itself stays the headline."""
    match = failure_causes.find(exception)
    if match is None:
        return failure
    cause, values = match.cause, match.values
    known = f"{cause.words(cause.headline, values)}. {cause.words(cause.why, values)}"
    explain = failure.explain if hint_of(exception) else f"{failure.explain} {known}"
    return replace(failure, explain=explain, fixes=cause.fixes_for(values), cause=cause.id)


def _ended(reason: str) -> Failure | None:
    """Code that ended its process without an exception."""
    code = exit_code_of(reason)
    if not code:
        return None
    words = _("It raised no exception. The log has what it wrote last.")
    return Failure(_("The code ended with exit code %(code)s", code=code), words, reason)


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_HEADLINE else f"{text[: MAX_HEADLINE - 1]}…"


def _own_file(path: str, module: str) -> str:
    folder = next((folder for folder in CODE_FOLDERS if folder in path), "")
    if not folder:
        return ""
    name = path.partition(folder)[2]
    return name if name == module or not name.startswith(_OURS) else ""
