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
        name, addresses = _network_of(folder)
        if not name:
            return None
        try:
            return self._networks.get(name) or self._networks.setdefault(name, Network.create(addresses))
        except SandboxError as e:
            return e

    def add(self, folder: Path, pid: int) -> None:
        """Note the process of the member in `folder`."""
        if (name := _network_of(folder)[0]) in self._networks:
            self._names[pid] = name

    def packets_of(self, folder: Path) -> list[int]:
        """The descriptor of the packets for other machines, if the member in `folder` is the first of a network with.

        The worker gets it once: what it does not close keeps the network.
        """
        network = self._networks.get(name := _network_of(folder)[0])
        is_first = [*self._names.values()].count(name) == 1
        return [network.packets] if network and network.packets >= 0 and is_first else []

    def remove(self, pid: int) -> None:
        """Forget a process that has ended, and the network that it was the last one of."""
        name = self._names.pop(pid, "")
        if name and name not in self._names.values():
            self._networks.pop(name).close()


def _network_of(folder: Path) -> tuple[str, list[str]]:
    """The name of the network that start.json asks for, and the addresses it has here if it leads to other machines."""
    try:
        start = json.loads((folder / "start.json").read_text())
    except (OSError, ValueError):
        return "", []  # the child will say it
    return start.get("network", ""), start.get("addresses", [])
