"""Runs a training script as SageMaker's training toolkit does: `python -m script_toolkit.train`.

The job's folder, /opt/ml, is SAGEMAKER_BASE_DIR; the code is in its folder `code`. A failure is described in
output/failure in the toolkit's words; the exit code is then 1, whatever the script's own was.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path

from script_toolkit import environment

TOOLKIT = Path(__file__).resolve().parents[1]  # has what scripts import of AWS's own package
TAIL = 64 * 1024  # bytes of the output that are searched for the last error
MAX_ERROR = 700  # characters of ErrorMessage; a FailureReason has 1024
NAME = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._+-]*(?:/[A-Za-z0-9._][A-Za-z0-9._+-]*)*")
TRACEBACK = b"Traceback (most recent call last):"
REFUSED = (
    "The training entry point {!r} is no file inside your source directory. Set the 'sagemaker_program' hyperparameter "
    "to a path inside that directory -- for example 'train.py' or 'bin/train.sh'."
)


_stopped = threading.Event()  # the job was stopped


class ScriptError(Exception):
    """The failure in the toolkit's own words."""


def main() -> int:
    """Run the script and return the exit code of the container."""
    signal.signal(signal.SIGTERM, lambda *_: _stopped.set())  # it is the script's, to save what it has; we wait for it
    base = os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")
    try:
        job = environment.read(base, os.environ)
        run(job)
    except ScriptError as e:
        return _failed(base, str(e), 1)
    except Exception as e:
        text = f"Framework Error: \n{traceback.format_exc()}\n{e}"
        return _failed(base, text, getattr(e, "errno", None) or 1)
    log("Reporting training SUCCESS")
    Path(base, "output", "success").touch()
    return 0


def run(job: environment.TrainingEnvironment) -> None:
    """Run the entry point. Raises ScriptError."""
    code = Path(job.base, "code")
    for what in ("GPUs", "Neurons"):
        log(f"No {what} detected (normal if no {what.lower()} installed)")
    command = command_of(job, code)
    added, bad = environment.without_nul(environment.variables(job))
    for name in bad:
        log(f"The variable {name!r} is left out: a process cannot have it.", "WARNING")
    paths = [str(code), os.environ.get("SCRIPT_PYTHONPATH", ""), str(TOOLKIT)]
    if (code / "setup.py").is_file():
        paths.insert(1, str(_install_package(code, Path(job.base, "tmp", "packages"))))
    added["PYTHONPATH"] = ":".join(path for path in paths if path)
    _log_invocation(job, added, command)
    own = {name: value for name, value in os.environ.items() if name != "SCRIPT_PYTHONPATH"}
    exit_code, error = execute(command, code, {**own, **added})
    if exit_code:
        raise ScriptError(failure_text("ExecuteUserScriptError", exit_code, error, command))


def command_of(job: environment.TrainingEnvironment, code: Path) -> list[str]:
    """The command of the entry point: Python, a module, or a shell script. Raises ScriptError."""
    program, arguments = job.program, environment.arguments(job.hyperparameters)
    inside = (code / program).resolve() if NAME.fullmatch(program) else None
    if inside is None or code.resolve() not in inside.parents:
        raise ScriptError(REFUSED.format(program))
    if (code / "setup.py").is_file():
        return [sys.executable, "-m", job.module.replace("/", "."), *arguments]
    if not inside.is_file():
        raise ScriptError(f"{REFUSED.format(program)} It has: {_listed(code)}.")
    if program.endswith(".py"):
        return [sys.executable, "--", program, *arguments]
    inside.chmod(0o777)
    return ["/bin/sh", "-c", f'./{program} "$@"', program, *arguments]


def execute(command: list[str], cwd: Path, variables: Mapping[str, str]) -> "tuple[int, str]":
    """Run the command, pass its output on, and return its exit code and the last error that it printed."""
    process = subprocess.Popen(command, cwd=cwd, env=dict(variables), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if _stopped.is_set():  # before the script was there to hear of it
        process.terminate()
    tail = bytearray()
    reader = threading.Thread(target=_pass_on, args=(process.stdout, tail), daemon=True)
    reader.start()
    code = process.wait()
    reader.join(1)  # what it left running may keep the pipe open
    if process.stdout and not reader.is_alive():
        process.stdout.close()
    return code, last_error(bytes(tail)) if code else ""


def last_error(output: bytes) -> str:
    """The line that ends the last traceback in `output`, or its last line of text."""
    at = output.rfind(TRACEBACK)
    lines = output[max(at, 0) :].decode("utf-8", "replace").splitlines()
    after = [line for line in lines[1:] if line and not line.startswith((" ", "\t"))] if at >= 0 else []
    text = after[0] if after else next((line for line in reversed(lines) if line.strip()), "")
    return text.strip()[:MAX_ERROR]


def failure_text(kind: str, exit_code: int, error: str, command: list[str]) -> str:
    """The content of output/failure, as the training toolkit words it."""
    out_of_memory = exit_code in (137, -signal.SIGKILL)
    extra = '\nExtraInfo "OutOfMemory: Process killed by SIGKILL (signal 9)"' if out_of_memory else ""
    return f'{kind}:\nExitCode {exit_code}\nErrorMessage "{error}"{extra}\nCommand "{" ".join(command)}"'


def log(text: str, level: str = "INFO") -> None:
    """One line in the toolkit's format."""
    now = time.time()
    at = f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(now))},{int(now % 1 * 1000):03d}"
    print(f"{at} sagemaker-training-toolkit {level:<8} {text}", flush=True)


def _failed(base: str, text: str, code: int) -> int:
    log("Reporting training FAILURE", "ERROR")
    log(text, "ERROR")
    failure = Path(base, "output", "failure")
    if not failure.exists():  # the script's own text is more exact
        failure.write_text(text)
    log(f"Encountered exit_code {code}", "ERROR")
    return code


def _log_invocation(job: environment.TrainingEnvironment, added: Mapping[str, str], command: list[str]) -> None:
    described = json.dumps(environment.description(job), indent=4)
    listed = "\n".join(f"{name}={value}" for name, value in added.items())
    log(
        f"Invoking user script\n\nTraining Env:\n\n{described}\n\nEnvironment variables:\n\n{listed}\n\n"
        f"Invoking script with the following command:\n\n{' '.join(command)}\n\n"
    )


def _pass_on(stream, tail: bytearray) -> None:
    for chunk in iter(lambda: stream.read1(TAIL), b""):
        os.write(1, chunk)
        tail += chunk
        del tail[:-TAIL]


def _install_package(code: Path, target: Path) -> Path:
    """Install the package in `code` below `target`: the environment itself is read-only."""
    shutil.rmtree(target, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    command += ["--disable-pip-version-check", "--target", str(target), "."]
    exit_code, error = execute(command, code, os.environ)
    if exit_code:
        raise ScriptError(failure_text("InstallModuleError", exit_code, error, command))
    return target


def _listed(code: Path) -> str:
    names = sorted(str(path.relative_to(code)) for path in code.rglob("*") if path.is_file())
    return ", ".join(names[:20]) + (", ..." if len(names) > 20 else "") or "no file"


if __name__ == "__main__":
    sys.exit(main())
