"""Evaluates a model in a process of its own, which nothing that the model does can leave.

The caller fills a folder as `files` names it: request, schema, artifact, test rows. Imports no library, so that the
console can import it.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common.memory import GIB, memory_of
from common.messages import _, from_json, gettext_noop
from common.problems import Problem
from evaluation import files

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 1800.0  # for one model
LOOK = 0.1  # seconds between two looks at the process
MAX_DOCUMENT = 16 * 1024 * 1024  # bytes
NO_RESULT = gettext_noop("The process that evaluated the model left no result.")
log = logging.getLogger(__name__)


def evaluate_apart(folder: Path, memory: int, check: Callable[[], None], seconds: float = SECONDS) -> dict[str, Any]:
    """The document of the model in `folder`, whose predictions are then at `files.PREDICTIONS`.

    `check` is called often; what it raises ends the process. Raises Problem when the model cannot be evaluated, or
    takes more than `memory` bytes or `seconds`.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "evaluation", str(os.getpid()), str(folder)],
        cwd=ROOT, env=_clean_environment(), stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        _wait(process, memory, check, time.monotonic() + seconds, seconds)
    finally:
        process.kill()
        process.wait()
    if process.returncode not in (0, 1):
        log.error("evaluating a model ended its process with %d", process.returncode)
        raise Problem(_("The model ended the process that evaluated it (%(why)s).", why=_ending(process.returncode)))
    if (error := _read(folder / files.ERROR)) is not None:
        why = from_json(error.get("error"))
        raise Problem(why if isinstance(why, str) else _(NO_RESULT))
    document = _read(folder / files.EVALUATION)
    if document is None:
        raise Problem(_(NO_RESULT))
    return document


def _wait(
    process: subprocess.Popen, memory: int, check: Callable[[], None], until: float, seconds: float
) -> None:  # fmt: skip
    while process.poll() is None:
        check()
        if memory_of(process.pid) > memory:
            limit = f"{memory / GIB:.3g} GiB"
            raise Problem(
                _(
                    "Evaluating the model takes more than %(limit)s of memory, the most that one model may. Raise "
                    "SAGEWRIGHT_READER_MEMORY.",
                    limit=limit,
                )
            )
        if time.monotonic() > until:
            raise Problem(_("Evaluating the model takes longer than %(limit)s seconds.", limit=f"{seconds:g}"))
        try:
            process.wait(LOOK)
        except subprocess.TimeoutExpired:
            continue


def _read(path: Path) -> dict[str, Any] | None:
    if not path.is_file() or path.is_symlink() or path.stat().st_size > MAX_DOCUMENT:
        return None
    try:
        document = json.loads(path.read_bytes())
        json.dumps(document, allow_nan=False)  # NaN, and numbers that are infinite here, fit no database
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _ending(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"


def _clean_environment() -> dict[str, str]:
    """No credentials; one thread, for the machine has other work."""
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    names = ("PYTHONPATH", "PYTHONPYCACHEPREFIX", "TMPDIR")
    return environment | {name: os.environ[name] for name in names if name in os.environ}
