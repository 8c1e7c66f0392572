"""Evaluates a model in a sandbox, which nothing that the model does can leave.

The caller fills a folder as `files` names it: request, schema, artifact, test rows. Imports no library, so that the
console can import it.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from common.memory import GIB
from common.messages import _, from_json, gettext_noop
from common.model_archive import MAX_BYTES
from common.problems import Problem
from evaluation import files
from sandbox.interpreter import own_program
from sandbox.leftovers import open_plain_file
from sandbox.level import available
from sandbox.process import Sandboxed, start
from sandbox.spec import Limits, Spec

SECONDS = 1800.0  # for one model
LOOK = 0.1  # seconds between two looks at the process
MAX_DOCUMENT = 16 * 1024 * 1024  # bytes
MAX_OUTPUT = 4000  # bytes of what the process printed, that the log gets
NO_RESULT = gettext_noop("The process that evaluated the model left no result.")
log = logging.getLogger(__name__)


def evaluate_apart(folder: Path, memory: int, check: Callable[[], None], seconds: float = SECONDS) -> dict[str, Any]:
    """The document of the model in `folder`, whose predictions `open_predictions` then opens.

    `check` is called often; what it raises ends the process. Raises Problem when the model cannot be evaluated, or
    takes more than `memory` bytes or `seconds`.
    """
    level = available()
    limits = Limits(memory=memory, file_size=MAX_BYTES, disk=4 * MAX_BYTES)
    spec = Spec(folder, environment=_clean_environment(), limits=limits)
    spec = own_program(spec, level, "evaluation", spec.inside(folder, level))
    with tempfile.TemporaryFile() as output, start(spec, stdout=output, stderr=output) as process:
        code = _wait(process, check, time.monotonic() + seconds, seconds)
        if process.end_reason == "memory":
            raise Problem(_too_large(memory))
        if code not in (0, 1):
            log.error("evaluating a model ended its process with %d: %s", code, _end_of(output))
            raise Problem(_("The model ended the process that evaluated it (%(why)s).", why=_ending(code)))
    if (error := _read(folder / files.ERROR)) is not None:
        why = from_json(error.get("error"))
        raise Problem(why if isinstance(why, str) else _(NO_RESULT))
    document = _read(folder / files.EVALUATION)
    if document is None:
        raise Problem(_(NO_RESULT))
    return document


def open_predictions(folder: Path) -> IO[bytes]:
    """The predictions of an evaluated model. Raises Problem if it left something else in their place."""
    try:
        return open_plain_file(folder / files.PREDICTIONS)
    except OSError as e:
        raise Problem(_(NO_RESULT)) from e


def _wait(process: Sandboxed, check: Callable[[], None], until: float, seconds: float) -> int:
    while True:
        check()
        if time.monotonic() > until:
            raise Problem(_("Evaluating the model takes longer than %(limit)s seconds.", limit=f"{seconds:g}"))
        try:
            return process.wait(LOOK)
        except subprocess.TimeoutExpired:
            continue


def _too_large(memory: int) -> str:
    return _(
        "Evaluating the model takes more than %(limit)s of memory, the most that one model may. Raise "
        "SAGEWRIGHT_READER_MEMORY.",
        limit=f"{memory / GIB:.3g} GiB",
    )


def _end_of(output: IO[bytes]) -> str:
    output.seek(0, os.SEEK_END)
    output.seek(max(0, output.tell() - MAX_OUTPUT))
    return ascii(output.read().decode(errors="replace"))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        with open_plain_file(path) as file:
            document = json.loads(file.read(MAX_DOCUMENT))
        json.dumps(document, allow_nan=False)  # NaN, and numbers that are infinite here, fit no database
    except (OSError, ValueError, RecursionError):
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
    if "PYTHONPATH" in os.environ:  # where an installed algorithm may be
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    return environment
