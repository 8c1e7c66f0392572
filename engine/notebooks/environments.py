"""The Python environments of notebook instances: JupyterLab's own, and one for each kernel. Made once, by uv."""

import fcntl
import hashlib
import logging
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from engine.frameworks.uv import UvFailed, interpreter, run_uv

INSIDE = "/opt/notebooks"  # the folder of the environments inside an instance
SECONDS = 1800.0  # for one of them, on a slow line
log = logging.getLogger(__name__)


class EnvironmentUnavailable(Exception):
    """An environment cannot be made now, in words."""


@dataclass(frozen=True)
class Environment:
    """One environment, made from the lock `requirements-<name>.lock`. `title` names it for people."""

    name: str
    title: str

    @property
    def lock(self) -> Path:
        """The lock, whose content decides about the folder."""
        return settings.BASE_DIR / f"requirements-{self.name}.lock"

    @property
    def folder(self) -> Path:
        """Where it is, or will be, on this machine."""
        python = f"{sys.version} {sys.base_prefix} {platform.machine()}".encode()
        digest = hashlib.sha256(self.lock.read_bytes() + python).hexdigest()[:16]
        return settings.ENVIRONMENTS_FOLDER / f"{self.name}-{digest}"

    @property
    def inside(self) -> str:
        """Its path inside an instance."""
        return f"{INSIDE}/{self.name}"

    @property
    def is_ready(self) -> bool:
        """Whether it is made. A folder with its final name is complete."""
        return (self.folder / "bin" / "python").exists()


SERVER = Environment("notebook-server", "JupyterLab and the AWS CLI")
SDK2 = Environment("kernel-sdk2", "the kernel with the SageMaker SDK v2")
SDK3 = Environment("kernel-sdk3", "the kernel with the SageMaker SDK v3")
ALL = (SERVER, SDK2, SDK3)


def make_all(note: Callable[[str], object] = log.info) -> None:
    """Make what is not there yet, one after another; `note` gets a sentence before each. Raises EnvironmentUnavailable.

    Repeatable, and safe in several processes at once. It takes a minute with a quick line to the package index.
    """
    for number, environment in enumerate(ALL, 1):
        if environment.is_ready:
            continue
        settings.ENVIRONMENTS_FOLDER.mkdir(parents=True, exist_ok=True)
        settings.ENVIRONMENTS_FOLDER.chmod(0o755)
        with _locked(environment.folder):
            if not environment.is_ready:
                note(f"Installing {environment.title} ({number} of {len(ALL)}). This happens once on this machine.")
                _make(environment)


def _make(environment: Environment) -> None:
    part, began = environment.folder.with_suffix(".part"), time.monotonic()
    shutil.rmtree(part, ignore_errors=True)
    try:
        run_uv("venv", "-q", "--relocatable", "--no-python-downloads", "--python", interpreter(), str(part))
        run_uv(
            *("pip", "install", "-q", "--python", str(part / "bin" / "python"), "--no-deps", "--require-hashes"),
            *("--only-binary", ":all:", "--compile-bytecode"),
            *("-r", str(environment.lock)),
            seconds=SECONDS,
            constrained=False,
        )
    except (UvFailed, OSError) as e:
        shutil.rmtree(part, ignore_errors=True)
        raise EnvironmentUnavailable(
            f"{environment.title} cannot be installed: {e} Notebooks need it once. "
            f"`{settings.NOTEBOOKS_COMMAND}` installs it beforehand, while the package index is at hand."
        ) from e
    part.rename(environment.folder)
    log.info("%s is ready after %.0f s", environment.folder.name, time.monotonic() - began)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of an environment among all threads and processes of this machine."""
    with folder.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
