"""The application's planner, in a child process: one for each session, started when it is first needed.

The application's packages (`jobs`, `tables`, ...) have names that a person's own may have too, so they never come into
the person's process. Requests and answers are lines of JSON; `sagewright.planner` is the other side.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, cast
from weakref import WeakKeyDictionary

from sagewright.sdk import errors
from sagewright.sdk.session import Session

_ROOT = str(Path(__file__).resolve().parents[2])  # of this package; the folder that a person stands in has no say
_PROGRAM = f"import sys; sys.path.insert(0, {_ROOT!r}); from sagewright.planner.__main__ import main; main()"
Progress = Callable[[str, int, int], None]
_planners: WeakKeyDictionary[Session, Planner]
_starting = threading.Lock()


class Planner:
    """One child process. Its methods may be called from any thread, one at a time."""

    def __init__(self, variables: dict[str, str]):
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if sys.platform == "win32" else None,
            text=True,
        )
        atexit.register(self.close)

    def ask(self, operation: str, progress: Progress | None = None, **arguments: Any) -> Any:
        """The result of `operation`. Raises the error of `sagewright.sdk.errors` that the planner names."""
        with self._lock:
            out, into = cast(IO[str], self._process.stdout), cast(IO[str], self._process.stdin)
            try:
                into.write(json.dumps({"operation": operation, "arguments": arguments}) + "\n")
                into.flush()
                while line := out.readline():
                    answer = json.loads(line)
                    if "progress" not in answer:
                        break
                    if progress:
                        progress(*answer["progress"])
                else:
                    raise OSError
            except (OSError, ValueError):
                code = self._process.wait()
                raise errors.SagewrightError(
                    f"The planner ended with code {code} while it did {operation}; what it printed stands above. "
                    "Try again; if the table is large, on a machine with more memory."
                ) from None
        if "error" in answer:
            error = answer["error"]
            kind = getattr(errors, error["type"], errors.SagewrightError)
            raise kind(error["message"], *([error["findings"]] if kind is errors.PreflightFailed else []))
        return answer["result"]

    @property
    def is_alive(self) -> bool:
        """False once it has ended."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it. Repeatable."""
        atexit.unregister(self.close)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe and not pipe.closed:
                pipe.close()
        self._process.wait()


_planners = WeakKeyDictionary()


def planner_of(session: Session) -> Planner:
    """The planner of `session`, started if it does not run."""
    with _starting:
        planner = _planners.get(session)
        if planner is None or not planner.is_alive:
            planner = _planners[session] = Planner(session.environment())
        return planner
