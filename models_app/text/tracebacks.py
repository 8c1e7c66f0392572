"""The last exception of a traceback, and the innermost line of it that is people's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from common.messages import _

CODE_FOLDERS = ("/opt/ml/code/", "/opt/ml/input/data/code/", "/opt/ml/model/code/")
_OURS = "sagewright/"
_OURS_UNLESS_THEIRS = ("train.py", "inference.py", "sagewright_trial.py")  # of a model with code
_LIBRARIES = re.compile(r"[/\\](?:site|dist)-packages[/\\]|/lib/python\d|[/\\]sagemaker_\w+[/\\]|^<")
_FRAME = re.compile(r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<function>\S+)')
_LAST = re.compile(
    r"^(?P<type>[A-Za-z_][\w.]*(?:Error|Exception|Warning|Interrupt|Exit|Iteration|Fault))(?::\s?(?P<text>.*))?$"
)


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


def of_log(lines: Sequence[str], module: str = "") -> CodeFailure | None:
    """The last exception of a log with the innermost frame in people's own files; None when there is none.

    `module` is the file of the entry point: a script of that name is theirs although ours can be called so too. Without
    one, no code of the console wraps theirs. Where nothing is in the folders of script mode, every file that belongs to
    no library is theirs, by its whole path.
    """
    last = next((n for n in range(len(lines) - 1, -1, -1) if _LAST.match(lines[n].strip())), None)
    if last is None:
        return None
    first = next((n for n in range(last, -1, -1) if lines[n].strip().startswith("Traceback")), 0)
    frames = [m for line in lines[first:last] if (m := _FRAME.match(line))]
    own = [(name, m) for m in frames if (name := _own_file(m["path"], module))]
    if not any(_code_folder(m["path"]) for m in frames):
        own = [(m["path"], m) for m in frames if not _LIBRARIES.search(m["path"])]
    if not own:
        return CodeFailure(lines[last].strip())
    name, match = own[-1]
    return CodeFailure(lines[last].strip(), name, int(match["line"]), match["function"])


def _code_folder(path: str) -> str:
    return next((folder for folder in CODE_FOLDERS if folder in path), "")


def _own_file(path: str, module: str) -> str:
    folder = _code_folder(path)
    if not folder:
        return ""
    name = path.partition(folder)[2]
    ours = name.startswith(_OURS) or (module not in ("", name) and name.startswith(_OURS_UNLESS_THEIRS))
    return "" if ours else name
