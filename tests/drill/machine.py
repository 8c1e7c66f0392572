"""A machine of the drill: `manage.py up --only ...` with a host name, processes and a data folder of its own."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.stack import ROOT
from tests.waiting import LIMIT, wait_for

PROCESSES = ("gateway", "engine", "worker", "reader", "sender", "trainer", "events", "beat", "web", "live")
ALONE = ("--uts", "--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL")


class Machine:
    """One machine at `address`. `variables` are what all machines are told."""

    def __init__(self, name: str, address: str, folder: Path, variables: dict[str, str]):
        self.name, self.address, self.folder = name, address, folder / name
        self.folder.mkdir()
        self.log = folder / f"{name}.log"
        self.variables = variables | {"SAGEWRIGHT_LISTEN": address, "SAGEWRIGHT_DATA": str(self.folder)}
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start all of its processes; they need not be ready yet."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SAGEWRIGHT_"))}
        up = f"{sys.executable} manage.py up --only {','.join(PROCESSES)}"
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                ["unshare", *ALONE, "sh", "-c", f"hostname {self.name} && exec {up}"],
                env=environment | self.variables,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def wait_until_ready(self) -> None:
        """Return when every process answers."""
        wait_for(lambda: self._state().get("ready"), f"{self.name} to be ready", self.tail)

    def stop(self) -> None:
        """Ask it to stop, as `systemctl stop` does, and wait until it has."""
        if self.process is not None:
            if (first := self._first()) is not None:
                os.kill(first, signal.SIGTERM)
            self.process.wait(LIMIT)
            self.process = None

    def lose(self) -> None:
        """Kill everything on it in one moment: with its first process the kernel ends all others."""
        assert self.process is not None
        os.kill(self._first() or self.process.pid, signal.SIGKILL)
        self.process.wait(LIMIT)
        self.process = None
        (self.folder / "run" / "stack.json").unlink(missing_ok=True)

    def tail(self) -> str:
        """The end of its log."""
        return f"--- {self.name}\n{self.log.read_text(errors='replace')[-6000:]}"

    def one_time_password(self) -> str:
        """The first user's, if this machine made them."""
        match = re.search(r"One-time password[^:]*: (\S+)", self.log.read_text(errors="replace"))
        return match[1] if match else ""

    def _state(self) -> dict:
        with contextlib.suppress(FileNotFoundError, ValueError):
            return json.loads((self.folder / "run" / "stack.json").read_text())
        return {}

    def _first(self) -> int | None:
        """The pid, out here, of its first process."""
        assert self.process is not None
        pid = self.process.pid
        with contextlib.suppress(FileNotFoundError):
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            return int(children[0]) if children else None
        return None
