"""Starts the whole of Sagewright as a person does, `manage.py up` in a process of its own, and stops it again."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from botocore.config import Config

from tests.boto import make_client
from tests.database import is_shared, migrated_database
from tests.mortal import InterruptWhenOrphaned
from tests.static_files import collected_static_files
from tests.waiting import LIMIT, wait_for

ROOT = Path(__file__).resolve().parent.parent
FIRST_USER = "admin"


class Stack:
    """A running Sagewright with a data folder of its own. Use it in a `with`; after it no process is left.

    `command` is what a person types before `up`, in the folder `where`. In a run of pytest its own data folder begins
    with a migrated database and collected static files unless it is to be `empty`: they take seconds.
    """

    def __init__(
        self,
        folder: Path | None = None,
        command: Sequence[str] = (sys.executable, str(ROOT / "manage.py")),
        where: Path = ROOT,
        empty: bool = False,
        **environment: str,
    ):
        self._owns_folder = folder is None
        self.command, self.where = command, where
        self.data = Path(folder or tempfile.mkdtemp(prefix="sw-stack-"))
        self.log = self.data / "up.log"
        if self._owns_folder and not empty and is_shared():
            migrated_database(self.data / "sagewright.sqlite3")
            collected_static_files(self.data / "static")
        self.environment = environment
        self.process: subprocess.Popen | None = None
        self._watcher: InterruptWhenOrphaned | None = None
        self.password = ""

    def __enter__(self) -> "Stack":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        try:
            self.stop()
        finally:
            if self._owns_folder:
                shutil.rmtree(self.data, ignore_errors=True)

    def start(self) -> None:
        """Run `up --free-ports` until every process answers; its output is in `log`."""
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SAGEWRIGHT_", "PYTHONDONTWRITE"))
        }
        environment |= {"SAGEWRIGHT_DATA": str(self.data), "PYTHONUNBUFFERED": "1", **self.environment}
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [*self.command, "up", "--free-ports"],
                cwd=self.where,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._watch_no_longer()  # one that a test has killed
        self._watcher = InterruptWhenOrphaned(self.process.pid)
        try:
            wait_for(self._is_ready, "every process to answer", self.tail)
        except BaseException:
            self.stop()
            raise
        if match := re.search(r"One-time password[^:]*: (\S+)", self.log.read_text(errors="replace")):
            self.password = match[1]

    def stop(self) -> None:
        """Press Ctrl-C, wait for the end, and insist that nothing is left. Does nothing when it has ended."""
        self._watch_no_longer()
        if self.process is None:
            return
        process, self.process = self.process, None
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        try:
            process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"it did not stop within {LIMIT:.0f} s:\n{self.tail()}") from None
        left = self.processes()
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert not left, f"processes left behind: {left}\n{self.tail()}"

    def state(self) -> dict:
        """What the supervisor last wrote of itself; {} when it runs no more."""
        try:
            return json.loads((self.data / "run" / "stack.json").read_text())
        except FileNotFoundError:
            return {}

    def address(self, name: str) -> str:
        """Where "web", "live", "gateway", "engine" or "store" answers."""
        return self.state()["addresses"][name]

    @property
    def web(self) -> str:
        return self.address("web")

    @property
    def live(self) -> str:
        return self.address("live")

    @property
    def endpoint(self) -> str:
        """The one AWS address."""
        return self.address("gateway")

    @property
    def exports(self) -> dict[str, str]:
        """The AWS_ variables that `up` prints for the first user's clients."""
        pairs = (line.removeprefix("export ").split("=", 1) for line in self.state()["exports"])
        return {name: value for name, value in pairs}

    def client(self, service: str, **more):
        """A boto3 client with the first user's key and nothing but the standard settings."""
        return make_client(
            service,
            endpoint_url=self.exports["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.exports["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.exports["AWS_SECRET_ACCESS_KEY"],
            region_name=self.exports["AWS_DEFAULT_REGION"],
            config=Config(retries={"max_attempts": 8, "mode": "standard"}).merge(more.pop("config", Config())),
            **more,
        )

    def manage(self, *arguments: str) -> str:
        """What `manage.py ARGUMENTS` prints when run beside the stack, with its settings."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SAGEWRIGHT_"))}
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=self.where,
            env=environment | self.state()["environment"],
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def pid(self, name: str) -> int:
        """The process of `name` that answers now; waits while it is being restarted."""
        return wait_for(lambda: self.state().get("pids", {}).get(name), f"{name} to be up", self.tail)

    def kill(self, name: str) -> int:
        """kill -9 the process `name` and nothing else; returns the pid it had."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_for_restart(self, name: str, old: int) -> int:
        """The pid of the one that came after `old`, once it answers."""
        return wait_for(
            lambda: pid if (pid := self.state().get("pids", {}).get(name)) not in (None, old) else None,
            f"{name} to be back",
            self.tail,
        )

    def processes(self) -> list[int]:
        """Every process on this machine that belongs to this stack: its environment or command names the folder."""
        mine, folder = f"SAGEWRIGHT_DATA={self.data}\0".encode(), f"{self.data}/".encode()
        results = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    command = (entry / "cmdline").read_bytes()  # Valkey writes its title over its environment
                    if command and (folder in command or mine in (entry / "environ").read_bytes()):
                        results.append(int(entry.name))
        return results

    def tail(self, lines: int = 60) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _watch_no_longer(self) -> None:
        if self._watcher:
            self._watcher.cancel()
            self._watcher = None

    def _is_ready(self) -> bool:
        assert self.process and self.process.poll() is None, f"it ended by itself:\n{self.tail()}"
        state = self.state()
        return bool(state.get("ready")) and state["pid"] == self.process.pid
