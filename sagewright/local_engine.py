"""Runs an engine of one's own for a test suite or a script: on free ports, in a temporary folder, gone afterwards."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Self

from sagewright import __version__, environment, extras
from sagewright.application import ROOT

SECONDS = 120.0  # a start that takes longer has failed, also on a busy machine
ANSWERING = {"valkey", "store", "engine", "gateway"}  # with these up every call is answered; jobs wait for the trainer
NOT_FOR_THE_ENGINE = ("AWS_", "SAGEWRIGHT_")  # what a person's shell says of their own account and Sagewright
PROGRAMS = ("VALKEY_BIN", "WEED_BIN")


class LocalEngine:
    """An offline SageMaker, S3, STS, CloudWatch Logs and CloudWatch behind one address. Use it in a `with`.

    `environment` holds what points any AWS client at it: AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY
    and AWS_DEFAULT_REGION. Each instance has processes, ports and data of its own. They end with the `with`, and by
    themselves if this process is killed. Starting raises RuntimeError in words if the engine is not installed or does
    not answer.
    """

    def __init__(self) -> None:
        self.environment: dict[str, str] = {}
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def endpoint_url(self) -> str:
        """The one address of all services."""
        return self.environment["AWS_ENDPOINT_URL"]

    def start(self) -> None:
        """Start the processes and wait until every call is answered; seconds, more the first time on a machine."""
        if not extras.is_installed("all"):
            raise RuntimeError(extras.advice("The local engine", "engine"))
        template = _template()
        self._folder = Path(tempfile.mkdtemp(prefix="sagewright-engine-", dir=_temporary_folder()))
        try:
            shutil.copytree(template, self._folder, dirs_exist_ok=True)
            self._process = _run(self._folder, "--stop-at-eof", stdin=subprocess.PIPE)
            self.environment = self._wait()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the processes and remove the data. Does nothing if there are none."""
        if self._process and self._process.stdin:
            self._process.stdin.close()  # asks it to stop,
            self._process.terminate()  # and this to do so at once: the data is of no further use
            self._process.wait()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._process = self._folder = None
        self.environment = {}

    def _wait(self) -> dict[str, str]:
        """The engine's AWS variables, once it answers."""
        assert self._folder and self._process
        file, give_up = self._folder / "run" / "stack.json", time.monotonic() + SECONDS
        while time.monotonic() < give_up and self._process.poll() is None:
            stack = json.loads(file.read_text()) if file.exists() else {"pids": {}}
            if stack["pids"].keys() >= ANSWERING:
                return dict(line.removeprefix("export ").split("=", 1) for line in stack["exports"])
            time.sleep(0.02)
        raise RuntimeError(f"The engine did not start:\n{_log(self._folder)}")


def _template() -> Path:
    """A data folder that a new engine can start from at once; made on first need, for this version of the code.

    Migrating the database and making the keys takes most of a first start. The template is private to the person.
    """
    folder = _cache_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    template = folder / f"engine-{_digest()}"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            draft = Path(tempfile.mkdtemp(dir=folder))
            try:
                if _run(draft, "--prepare-only").wait():
                    raise RuntimeError(f"The engine could not be prepared:\n{_log(draft)}")
                shutil.rmtree(draft / "run")
                shutil.rmtree(draft / "tmp")
                (draft / "engine.log").unlink()
                draft.rename(template)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    return template


def _digest() -> str:
    """What a prepared data folder depends on."""
    digest = hashlib.sha256(f"{__version__} {metadata.version('django')}".encode())
    for file in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    """Where this person's programs keep what they can make again (XDG Base Directory Specification)."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "sagewright"
    value = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(value) if Path(value).is_absolute() else Path.home() / ".cache") / "sagewright"


def _temporary_folder() -> str:
    """The usual one unless its path is so long that no unix socket fits into a folder of it (104 bytes on macOS)."""
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= 60 else "/tmp"  # noqa: S108 (mkdtemp makes a private folder in it)


def _run(data: Path, *options: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """`manage.py up --engine OPTIONS` on the folder `data`, apart from our terminal and from what our variables say."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(NOT_FOR_THE_ENGINE)}
    variables |= {f"SAGEWRIGHT_{name}": environment.raw(name) for name in PROGRAMS}
    variables["DJANGO_SETTINGS_MODULE"] = "console.settings"  # the test suite may be a Django project's
    variables.pop("PYTHONWARNINGS", None)  # a strict test suite's are not for the engine
    temporary = data / "tmp"  # removed with the rest
    temporary.mkdir()
    with (data / "engine.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "up", "--engine", "--free-ports", *options],
            env=variables | {"SAGEWRIGHT_DATA": str(data), "TMPDIR": str(temporary)},
            stdin=stdin,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _log(data: Path, lines: int = 40) -> str:
    return "\n".join((data / "engine.log").read_text(errors="replace").splitlines()[-lines:])
