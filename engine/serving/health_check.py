"""Health check of a model: validates it, loads it and predicts once, in a process of its own: it may be harmful.

`python -m engine.serving.health_check MODEL_DIR ALGORITHM TARGET` reads the container's environment as JSON from
standard input: a command line is public. It writes the validated copy of the model into TARGET and prints one line of
JSON, the fields of CheckResult. It runs in a sandbox.
"""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from engine.serving.process_limits import PROCESSES, apply_limits, clean_environment, ending
from sandbox.interpreter import own_program
from sandbox.level import available
from sandbox.process import start
from sandbox.spec import Limits, SandboxError, Spec

MAX_REPORT = 64 * 1024  # bytes
CPU_SECONDS = 60
MAX_BYTES = 512 * 1024**2  # bytes of a model that the gateway loads itself
MAX_LOAD_SECONDS = 5.0


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
    spec = own_program(spec, level, "engine.serving.health_check", *arguments, readable=[model_dir])
    with tempfile.TemporaryFile() as report, tempfile.TemporaryFile() as question:
        question.write(json.dumps(environment).encode())
        question.seek(0)
        try:
            with start(spec, stdin=question, stdout=report) as process:
                code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            return CheckResult(False, reason=f"The model did not load and answer within {seconds:g} seconds.")
        except SandboxError as e:
            return CheckResult(False, reason=f"The process that loads the model cannot be started: {e}")
        finally:
            shutil.rmtree(target / "packages", ignore_errors=True)
        report.seek(0)
        lines = report.read(MAX_REPORT).splitlines()
    if not _has_plain_files_only(target):
        return CheckResult(False, reason="Reading the model left something else than files. Train it anew.")
    try:
        return CheckResult(**json.loads(lines[-1]))
    except (ValueError, IndexError, KeyError, TypeError):
        return CheckResult(False, reason=f"The process loading the model ended with {ending(code)}.")


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
