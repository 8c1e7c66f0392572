"""Python environments of people's code: a base one, and one for each set of requirements beyond it.

They are made once, outside the sandbox. A folder with its final name is complete. An environment with requirements has
the files of the base, as hard links, where pip would leave them.
"""

import hashlib
import logging
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from algorithms.contract import UserError
from common.last_use import mark_used
from engine.frameworks.locked_environment import LockedEnvironment, locked
from engine.frameworks.uv import Cancelled, UvFailed, clean_environment, interpreter, run_uv

log = logging.getLogger(__name__)
INSTALL_SECONDS = 600.0
MAX_ENVIRONMENTS = 20  # environments with requirements, the least recently used of which are removed first
UNUSED_SECONDS = 24 * 3600  # an environment used since may be in a running sandbox
BASE = LockedEnvironment(
    "base", "requirements-scripts.lock", "the Python environment of scripts", "python3 run script-environment"
)


@dataclass(frozen=True)
class PythonEnvironment:
    """A folder with bin/python."""

    folder: Path

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.folder / "bin" / "python"

    @property
    def interpreter_home(self) -> Path:
        """The folder of the interpreter that the environment is built on; it must be readable as well."""
        return Path(sys.base_prefix)


def base() -> PythonEnvironment:
    """The base environment, made now if it is not there. Raises EnvironmentUnavailable."""
    return PythonEnvironment(BASE.make())


def with_requirements(
    requirements: Sequence[str], note: Callable[[str], None] = log.info, cancelled: Cancelled = lambda: False
) -> PythonEnvironment:
    """The environment with these packages, made now if need be; the base if it has them all.

    `note` is told in a sentence what is installed. Raises UserError when a package cannot be had,
    EnvironmentUnavailable and InstallCancelled.
    """
    if not BASE.is_ready:
        note("The Python environment of scripts is being made. This takes about half a minute, once on each machine.")
    environment = base()
    if not requirements:
        return environment
    text = "\n".join(sorted(requirements)) + "\n"
    folder = BASE.folder.with_name(f"env-{hashlib.sha256(f'{BASE.digest} {text}'.encode()).hexdigest()[:20]}")
    if mark_used(folder):
        return PythonEnvironment(folder)
    with locked(folder):
        if not mark_used(folder):
            _make(folder, environment, text, note, cancelled)
            _drop_unused(folder)
    return PythonEnvironment(folder)


def site_packages(environment: PythonEnvironment) -> Path:
    """Where the environment has its packages."""
    return Path(sysconfig.get_path("purelib", "venv", {"base": str(environment.folder)}))


def _make(
    folder: Path, environment: PythonEnvironment, text: str, note: Callable[[str], None], cancelled: Cancelled
) -> None:
    part, began = folder.with_suffix(".part"), time.monotonic()
    wanted = part / "requirements.txt"
    install = ["pip", "install", "--python", str(part / "bin" / "python"), "--only-binary", ":all:", "-r", str(wanted)]
    try:
        _copy(environment, part, text)
        try:
            run_uv(*install, "-q", "--offline", cancelled=cancelled)
        except UvFailed:
            _copy(environment, part, text)  # uv starts its interpreter, which runs what half an install has left in it
            note(f"Installing {', '.join(text.split(chr(10))[:-1])[:300]} for this script ...")
            run_uv(*install, "-q", seconds=INSTALL_SECONDS, cancelled=cancelled)
    except UvFailed as e:
        raise UserError(f"The packages of requirements.txt cannot be installed: {e}") from e
    else:
        part.rename(folder)
        note(f"The packages of requirements.txt are installed after {time.monotonic() - began:.1f} s.")
        _compile_later(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _copy(environment: PythonEnvironment, part: Path, text: str) -> None:
    """Have `part` be a copy of an environment with the requirements in `text`, and nothing else."""
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(environment.folder, part, copy_function=_link, symlinks=True)
    (part / "requirements.txt").write_text(text)


def _compile_later(folder: Path) -> None:
    """Write the bytecode in the background: an environment without any costs seconds in each job."""
    # By the plain interpreter: that of the environment would run what its packages have start with it.
    command = ["nice", "-n", "19", interpreter(), "-I", "-S", "-m", "compileall", "-q", str(folder / "lib")]
    quiet = {"env": clean_environment(), "stdin": subprocess.DEVNULL, "capture_output": True}
    threading.Thread(target=subprocess.run, args=(command,), kwargs=quiet, daemon=True).start()


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def _drop_unused(keep: Path) -> None:
    environments = sorted((f for f in keep.parent.glob("env-*") if f.suffix == ""), key=lambda f: f.stat().st_mtime)
    for folder in environments[:-MAX_ENVIRONMENTS]:
        if folder != keep and time.time() - folder.stat().st_mtime > UNUSED_SECONDS:
            trash = folder.with_suffix(".dropped")
            folder.rename(trash)
            shutil.rmtree(trash, ignore_errors=True)
