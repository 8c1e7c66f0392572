"""Which ports the processes listen on, and at which address."""

import contextlib
import os
import random
import re
import socket
import weakref
from dataclasses import dataclass

from console.supervisor.options import HIGHEST, Options
from console.supervisor.refusal import Refusal
from sagewright import environment as env

HOST = "127.0.0.1"  # of the embedded store, and of us among ourselves unless SAGEWRIGHT_LISTEN says otherwise
USUAL = 8000
STORE_PORTS = (*range(9), 10_008)  # counted from the store's first; its maintenance worker adds 10,000 by itself
CLAIM = 9  # the port, counted in the same way, that the supervisor binds as long as it uses those of its store
OFFSETS = {"web": 0, "live": 1, "gateway": 2, "engine": 3, "notebooks": 4, "store": 10}
BLOCK = 20  # ports from one base to the next; the last of them is the claim of the store
SOCKET = re.compile(r"seaweedfs-.*-(\d+)\.sock")
BACKLOG = 2048  # connections that wait while no process accepts
BELOW_EPHEMERAL = range(20000, 22700)  # so that the kernel gives none, 10,000 higher neither, to outgoing connections


@dataclass(frozen=True)
class Addresses:
    """A port for each process that listens; `store` is the first of its ten."""

    web: int
    live: int
    gateway: int
    engine: int
    notebooks: int
    store: int

    def url(self, name: str) -> str:
        """The address of a server on this machine."""
        return f"http://{own_host()}:{getattr(self, name)}"


def listen_host() -> str:
    """The address at which our servers listen."""
    return env.text("LISTEN")


def own_host() -> str:
    """The address at which this machine reaches its own servers."""
    return HOST if listen_host() == "0.0.0.0" else listen_host()  # noqa: S104 (as it was asked for)


def choose(options: Options, names: set[str]) -> Addresses:
    """The ports to use for the processes `names`, each free at this moment.

    SAGEWRIGHT_<NAME>_PORT decides for one process, then --ports or --free-ports, then 8000 and up. As long as the
    returned object lives, no other call, of this process or another, chooses the same ports for a store, and none with
    --free-ports the same ones at all. Raises Refusal naming every port that is taken.
    """
    overrides = {name: _chosen_port(name) for name in OFFSETS}
    base, claim = _claim_base() if options.free_ports else (options.ports or USUAL, None)
    addresses = Addresses(**{name: overrides[name] or base + offset for name, offset in OFFSETS.items()})
    conflicts = []
    if claim:
        weakref.finalize(addresses, claim.close)
    if "store" in names and (not claim or overrides["store"]):
        if store_claim := _claim(addresses.store + CLAIM):
            weakref.finalize(addresses, store_claim.close)
        else:
            conflicts = [f"port {addresses.store + CLAIM} (store)"]
    theirs = _foreign_sockets()
    conflicts += [
        f"port {port} ({name})"
        for name in OFFSETS
        if name in names
        for port in _ports(name, getattr(addresses, name))
        if not _is_free(port, HOST if name == "store" else listen_host()) or port in theirs
    ]
    if conflicts:
        raise Refusal(
            f"In use by another program: {', '.join(conflicts)}. Take others with `--ports 9000` (any number) or"
            " `--free-ports`, or one by one with SAGEWRIGHT_WEB_PORT, _LIVE_PORT, _GATEWAY_PORT, _ENGINE_PORT,"
            " _NOTEBOOKS_PORT and _STORE_PORT."
        )
    return addresses


def listen(port: int) -> socket.socket:
    """A socket that listens on `port`, for processes to inherit. Raises Refusal when the port is taken."""
    try:
        return socket.create_server((listen_host(), port), backlog=BACKLOG)
    except OSError as e:
        raise Refusal(f"Nothing can listen on port {port} of {listen_host()}: {e.strerror or e}.") from e


def _chosen_port(name: str) -> int | None:
    text = env.raw(f"{name.upper()}_PORT")
    if not text:
        return None
    if not text.isdigit() or not 0 < int(text) <= HIGHEST:
        raise Refusal(f"SAGEWRIGHT_{name.upper()}_PORT is {text!r}; it must be a port from 1 to {HIGHEST}.")
    return int(text)


def _ports(name: str, first: int) -> list[int]:
    return [first + i for i in (STORE_PORTS if name == "store" else (0,))]


def _claim(port: int) -> socket.socket | None:
    """A socket that claims the ports of a store with its own until it is closed; None where another has it.

    The processes bind their ports seconds later. A store with a network of its own never binds them in ours, and yet
    two may not have the same: their sockets in /tmp would have the same names.
    """
    claim = socket.socket()
    try:
        claim.bind((HOST, port))
    except OSError:
        claim.close()
        return None
    return claim


def _claim_base() -> tuple[int, socket.socket]:
    """The base of a block of free ports, and the claim of it."""
    for _ in range(50):
        base = random.choice(BELOW_EPHEMERAL[::BLOCK])  # noqa: S311 (no secret)
        if not (claim := _claim(base + OFFSETS["store"] + CLAIM)):
            continue
        ports = {port for name, offset in OFFSETS.items() for port in _ports(name, base + offset)}
        if not ports & _foreign_sockets() and all(map(_is_free, ports)):
            return base, claim
        claim.close()
    raise Refusal("No free ports were found between 20000 and 22700. Choose some with `--ports`.")


def _foreign_sockets() -> set[int]:
    """Ports that no store of ours can use: in /tmp another user has a socket of the name that SeaweedFS will give its.

    Its parts would otherwise connect to that user's program.
    """
    ports = set()
    with os.scandir("/tmp") as entries:  # noqa: S108 (SeaweedFS's own choice)
        for entry in entries:
            if match := SOCKET.fullmatch(entry.name):
                with contextlib.suppress(FileNotFoundError):
                    if entry.stat(follow_symlinks=False).st_uid != os.getuid():
                        ports.add(int(match[1]))
    return ports


def _is_free(port: int, host: str = HOST) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
