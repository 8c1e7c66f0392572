"""Network namespaces on a bridge, as machines on a switch. Needs root and iproute2."""

import os
import random
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

POSSIBLE = os.geteuid() == 0 and shutil.which("ip") is not None and Path("/dev/net/tun").exists()
PART = 1 << 16


class Machine:
    """A namespace called `name`, with the address `address`, which reaches the switch's own and the other machines."""

    def __init__(self, name: str, address: str, cable: str):
        self.name, self.address, self._cable = name, address, cable

    def command(self, *command: str) -> list[str]:
        """Return the command that runs `command` on this machine, under this machine's host name, with the same pid."""
        inside = 'hostname "$0" && exec "$@"'
        return ["ip", "netns", "exec", self.name, "unshare", "--uts", "sh", "-c", inside, self.name, *command]

    def pull(self) -> None:
        """Pull the cable: whatever is sent is lost, and nobody is told."""
        _ip("link", "set", self._cable, "down")

    def plug(self) -> None:
        """Plug the cable in again."""
        _ip("link", "set", self._cable, "up")


class Switch:
    """The bridge, with an address of this machine's own: `address`."""

    def __init__(self, address: str):
        self.address = address
        self.machines: list[Machine] = []
        self.servers: list[socket.socket] = []

    def forward(self, port: int) -> int:
        """Return a port of `address` that leads to 127.0.0.1:`port`, for servers that listen there alone."""
        server = socket.create_server((self.address, 0))
        self.servers.append(server)
        threading.Thread(target=_accept, args=(server, port), daemon=True).start()
        return server.getsockname()[1]


@contextmanager
def switch(count: int) -> Iterator[Switch]:
    """A block with `count` machines on a switch. Nothing is left of them."""
    tag = f"{os.getpid() % 100_000:05d}"
    net = f"10.{random.randrange(64, 200)}.{random.randrange(256)}"  # noqa: S311  # nothing is secret here
    bridge = f"swb{tag}"
    switch_ = Switch(f"{net}.254")
    try:
        _ip("link", "add", bridge, "type", "bridge")
        _ip("addr", "add", f"{switch_.address}/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for number in range(1, count + 1):
            name, cable = f"sw{tag}-{number}", f"swc{tag}-{number}"
            _ip("netns", "add", name)
            switch_.machines.append(Machine(name, f"{net}.{number}", cable))
            _ip("link", "add", cable, "type", "veth", "peer", "name", "port", "netns", name)
            _ip("link", "set", cable, "master", bridge, "up")
            for command in (f"addr add {net}.{number}/24 dev port", "link set port up", "link set lo up"):
                _ip("-n", name, *command.split())
        yield switch_
    finally:
        for server in switch_.servers:
            server.shutdown(socket.SHUT_RDWR)  # which ends its accept
        for machine in switch_.machines:
            _ip("netns", "del", machine.name)
        _ip("link", "del", bridge)


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"


def _accept(server: socket.socket, port: int) -> None:
    with server, suppress(OSError):
        while True:
            threading.Thread(target=_join, args=(server.accept()[0], port), daemon=True).start()


def _join(caller: socket.socket, port: int) -> None:
    with caller, suppress(OSError), socket.create_connection(("127.0.0.1", port)) as there:
        back = threading.Thread(target=_pass_on, args=(there, caller), daemon=True)
        back.start()
        _pass_on(caller, there)
        back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(PART):
            target.sendall(part)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
