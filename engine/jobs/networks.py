"""The networks of a zygote's members: those of one job share one, which nobody else is in."""

import json
from pathlib import Path

from sandbox.network import Network
from sandbox.spec import SandboxError


class Networks:
    """Networks by the name that start.json gives, each as long as one of its processes runs."""

    def __init__(self) -> None:
        self._networks: dict[str, Network] = {}
        self._names: dict[int, str] = {}

    def of(self, folder: Path) -> Network | SandboxError | None:
        """The network of the member in `folder`, None if it names none, the error where there can be none."""
        if not (name := _name(folder)):
            return None
        try:
            return self._networks.get(name) or self._networks.setdefault(name, Network.create())
        except SandboxError as e:
            return e

    def add(self, folder: Path, pid: int) -> None:
        """Note the process of the member in `folder`."""
        if (name := _name(folder)) in self._networks:
            self._names[pid] = name

    def remove(self, pid: int) -> None:
        """Forget a process that has ended, and the network that it was the last one of."""
        name = self._names.pop(pid, "")
        if name and name not in self._names.values():
            self._networks.pop(name).close()


def _name(folder: Path) -> str:
    try:
        return json.loads((folder / "start.json").read_text()).get("network", "")
    except (OSError, ValueError):
        return ""  # the child will say it
