"""Python environments that a lock decides about: made once by uv from wheels alone, used read-only."""

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

SECONDS = 1800.0  # for one environment, on a slow line
log = logging.getLogger(__name__)


class EnvironmentUnavailable(Exception):
    """An environment cannot be made now, in words. The fault is this machine's, not the caller's."""


@dataclass(frozen=True)
class LockedEnvironment:
    """The environment that the file `lock_name` describes. `title` names it for people.

    `command` installs it beforehand, while the package index is at hand.
    """

    name: str
    lock_name: str
    title: str
    command: str

    @property
    def lock(self) -> Path:
        """The file with the packages and their hashes."""
        return settings.BASE_DIR / self.lock_name

    @property
    def digest(self) -> str:
        """Names the lock's content and the interpreter that the environment is for."""
        python = f"{sys.version} {sys.base_prefix} {platform.machine()}".encode()
        return hashlib.sha256(self.lock.read_bytes() + python).hexdigest()[:16]

    @property
    def folder(self) -> Path:
        """Where it is, or will be, on this machine."""
        return settings.ENVIRONMENTS_FOLDER / f"{self.name}-{self.digest}"

    @property
    def is_ready(self) -> bool:
        """Whether it is made. A folder with its final name is complete."""
        return (self.folder / "bin" / "python").exists()

    def make(self, note: Callable[[], object] = lambda: None) -> Path:
        """Make it unless it is ready, after a call of `note`, and return its folder. Raises EnvironmentUnavailable.

        Repeatable, and safe in several processes at once. It takes a minute with a quick line to the package index.
        """
        folder = self.folder
        if not self.is_ready:
            with locked(folder):
                if not self.is_ready:
                    note()
                    self._install(folder)
        return folder

    def _install(self, folder: Path) -> None:
        part, began = folder.with_suffix(".part"), time.monotonic()
        log.info("installing %s in %s", self.title, folder)
        shutil.rmtree(part, ignore_errors=True)
        python = str(part / "bin" / "python")
        try:
            run_uv("venv", "-q", "--relocatable", "--no-python-downloads", "--python", interpreter(), str(part))
            run_uv(
                *("pip", "install", "-q", "--python", python, "--no-deps", "--require-hashes"),
                *("--only-binary", ":all:", "--compile-bytecode", "-r", str(self.lock)),
                seconds=SECONDS,
                constrained=False,
            )
            part.rename(folder)
        except (UvFailed, OSError) as e:
            shutil.rmtree(part, ignore_errors=True)
            raise EnvironmentUnavailable(
                f"{self.title[0].upper()}{self.title[1:]} cannot be installed: {e} `{self.command}` installs it "
                "beforehand, while the package index is at hand."
            ) from e
        log.info("%s is ready after %.0f s", self.title, time.monotonic() - began)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of the environment in `folder` among all threads and processes of this machine."""
    folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder.parent.chmod(0o755)
    with folder.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
