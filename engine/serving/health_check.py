"""Health check of a model: validates it, loads it and predicts once, in a process of its own: it may be harmful.

The process runs in a sandbox. It is a fork of a warm one where that was started (`warm_up`), else a new
`python -m engine.serving.health_check MODEL_DIR ALGORITHM TARGET`, which reads the container's environment as JSON from
standard input: a command line is public. It writes the validated copy of the model into TARGET and prints one line of
JSON, the fields of CheckResult.
"""

import json
import logging
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from engine.serving.process_limits import PROCESSES, apply_limits, clean_environment, ending
from sandbox.forked import Zygote, ZygoteEnded
from sandbox.interpreter import own_program
from sandbox.level import available
from sandbox.process import start
from sandbox.spec import Level, Limits, SandboxError, Spec

PROGRAM = "engine.serving.health_check"
MAX_REPORT = 64 * 1024  # bytes
CPU_SECONDS = 60
MAX_BYTES = 512 * 1024**2  # bytes of a model that the gateway loads itself
MAX_LOAD_SECONDS = 5.0
_zygote: Zygote | None = None
log = logging.getLogger(__name__)


class CheckResult(NamedTuple):
    """The result: whether the model predicts, how many features it takes, and why it does not, in words.

    `row_steps` is the size of a proven model (algorithms.model_proof), whose copy is harmless in any process. It is
    None for a model that needs a process of its own, and `isolation` says why.
    """

    ok: bool
    features: int = 0
    reason: str = ""
    row_steps: int | None = None
    isolation: str = ""


def run(model_dir: Path, algorithm: str, environment: dict[str, str], target: Path, seconds: float = 30) -> CheckResult:
    """Check the model in a new process with a clean environment, for at most `seconds`. Never raises for the model.

    A proven model is copied into the folder `target`.
    """
    level = available()
    spec = Spec(target, environment=clean_environment(), limits=Limits(processes=PROCESSES))
    arguments = (str(model_dir), algorithm, spec.inside(target, level))
    spec = own_program(spec, level, PROGRAM, *arguments, readable=[model_dir])
    try:
        code, report = _ask(spec, level, arguments, json.dumps(environment).encode(), seconds)
    except subprocess.TimeoutExpired:
        return CheckResult(False, reason=f"The model did not load and answer within {seconds:g} seconds.")
    except SandboxError as e:
        return CheckResult(False, reason=f"The process that loads the model cannot be started: {e}")
    finally:
        shutil.rmtree(target / "packages", ignore_errors=True)
    lines = report.splitlines()
    if not _has_plain_files_only(target):
        return CheckResult(False, reason="Reading the model left something else than files. Train it anew.")
    try:
        return CheckResult(**json.loads(lines[-1]))
    except (ValueError, IndexError, KeyError, TypeError):
        return CheckResult(False, reason=f"The process loading the model ended with {ending(code)}.")


def warm_up() -> None:
    """Start a warm process, for this one and its later forks. It loads a library when the first model needs it."""
    global _zygote
    if _zygote is None:
        _zygote = Zygote(clean_environment(), PROGRAM, "algorithms")


def cool_down() -> None:
    """End what `warm_up` started. Repeatable; for the process that called it."""
    global _zygote
    if _zygote is not None:
        _zygote.close()
        _zygote = None


def _ask(
    spec: Spec, level: Level, arguments: tuple[str, ...], environment: bytes, seconds: float
) -> tuple[int, bytes]:  # fmt: skip
    """The exit code and the report of the process. Raises SandboxError and subprocess.TimeoutExpired."""
    if _zygote is not None:
        try:
            return _ask_fork(_zygote, spec, level, arguments, environment, seconds)
        except ZygoteEnded as e:
            log.warning("a model is checked in a process that starts cold: %s", e)
    with tempfile.TemporaryFile() as report, tempfile.TemporaryFile() as question:
        question.write(environment)
        question.seek(0)
        with start(spec, stdin=question, stdout=report) as process:
            code = process.wait(seconds)
        report.seek(0)
        return code, report.read(MAX_REPORT)


def _ask_fork(
    zygote: Zygote, spec: Spec, level: Level, arguments: tuple[str, ...], environment: bytes, seconds: float
) -> tuple[int, bytes]:  # fmt: skip
    """`_ask` of a fork of the warm process. Files bring question and report: nothing that hangs there hangs here."""
    import algorithms

    library = algorithms.get(arguments[1]).predictor.partition(":")[0]
    is_ours = library.startswith("algorithms.")  # an installed one may start threads
    with tempfile.TemporaryFile() as exchange:
        exchange.write(json.dumps([*arguments, environment.decode()]).encode())
        exchange.seek(0)
        modules = [library] if is_ours else []
        with zygote.start(replace(spec, command=()), level, f"{PROGRAM}:answer", exchange.fileno(), modules) as process:
            code = process.wait(seconds)
        exchange.seek(0)
        return code, exchange.read(MAX_REPORT)


def answer(descriptor: int) -> None:
    """Check the model that the file `descriptor` names and write the report in place of the question."""
    with os.fdopen(descriptor, "r+b", buffering=0) as exchange:
        model_dir, algorithm, target, environment = json.loads(exchange.read())
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        apply_limits(file_bytes=MAX_BYTES, cpu_seconds=CPU_SECONDS)
        exchange.seek(0)
        exchange.truncate()
        result = check(Path(model_dir), algorithm, json.loads(environment), Path(target))
        exchange.write(json.dumps(result._asdict()).encode())


def _has_plain_files_only(folder: Path) -> bool:
    """Return whether nothing in the folder leads out of it."""
    kinds = {stat.S_IFMT(path.lstat().st_mode) for path in folder.rglob("*")}
    return kinds <= {stat.S_IFREG, stat.S_IFDIR}


def check(model_dir: Path, algorithm: str, environment: dict[str, str], target: Path) -> CheckResult:
    """Validate and load the model in this process and let it predict once."""
    import algorithms
    from algorithms.model_proof import Unproven
    from algorithms.spec import UserError

    row_steps, isolation = None, ""
    try:
        predictor_class = algorithms.get(algorithm).load_predictor()
        try:
            if sum(file.stat().st_size for file in model_dir.rglob("*")) > MAX_BYTES:
                raise Unproven(f"it has more than {MAX_BYTES} bytes")
            row_steps = predictor_class.validate(model_dir, target).row_steps
        except Unproven as e:
            isolation = str(e)
        began = time.process_time()  # not the clock's: the machine may be busy
        predictor = predictor_class.load(model_dir if isolation else target, environment)
        predictor.probe()
    except UserError as e:
        return CheckResult(False, reason=str(e))
    except Exception as e:  # whatever a foreign file provokes is this model's failure, not ours
        return CheckResult(False, reason=f"Unable to load model: {type(e).__name__}: {e}")
    if not isolation and time.process_time() - began > MAX_LOAD_SECONDS:
        row_steps, isolation = None, f"it takes longer than {MAX_LOAD_SECONDS:g} seconds to load"
    return CheckResult(True, predictor.n_features, row_steps=row_steps, isolation=isolation)


def main() -> int:
    """Check the model of `sys.argv` within limits and print the result as JSON. Return 1 if it failed."""
    model_dir, algorithm, target = sys.argv[1:]
    report = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # a library prints there, as much as the model makes it
    apply_limits(file_bytes=MAX_BYTES, cpu_seconds=CPU_SECONDS)
    result = check(Path(model_dir), algorithm, json.load(sys.stdin), Path(target))
    print(json.dumps(result._asdict()), file=report, flush=True)
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main())
