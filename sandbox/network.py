"""A network that several sandboxes share: its members reach one another by name, and nobody else reaches them.

On one machine it is a loopback interface. Members on several machines have such a network on each, with an interface
whose packets come out of a descriptor: whoever holds that carries them to the other machines.
"""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox import linux
from sandbox.spec import SandboxError

LOOPBACK, INTERFACE = "lo", "eth0"  # the second is called as on AWS
MTU = 65_000  # bytes of one packet: what carries them costs by the packet


@dataclass(frozen=True)
class Network:
    """Descriptors of a network namespace with a loopback interface, and of the user namespace that owns it.

    `user` is -1 where this process is root, which needs none. The namespaces last as long as somebody is in them or
    has a descriptor of them. `packets` has the packets for members of other machines, -1 where there are none.
    """

    net: int
    user: int = -1
    packets: int = -1

    @classmethod
    def create(cls, addresses: Sequence[str] = ()) -> "Network":
        """Return a new network; with `addresses`, those of its members here, one that leads to other machines.

        The process must have one thread. Raises SandboxError.
        """
        here, there = socket.socketpair()
        with here, there:
            child = os.fork()
            if not child:
                _make(there, addresses)
            there.close()
            text, descriptors, _, _ = socket.recv_fds(here, 1024, 3)
            os.waitpid(child, 0)
        if not text.startswith(b"ready"):
            raise SandboxError(f"This machine allows no network for several sandboxes: {text.decode() or 'no answer'}")
        return cls(**dict(zip(text.decode().split()[1:], descriptors, strict=True)))

    def join_user(self) -> None:
        """Enter the user namespace, as `join` needs. Raises OSError."""
        linux.call("setns", self.user, linux.CLONE_NEWUSER)

    def join(self) -> None:
        """Enter the network. Raises OSError."""
        linux.call("setns", self.net, linux.CLONE_NEWNET)

    def close(self) -> None:
        """Give the descriptors back."""
        for descriptor in (self.net, self.user, self.packets):
            if descriptor >= 0:
                os.close(descriptor)


def address_of(number: int) -> str:
    """The address of the member with this number, from 0, where all are on one loopback interface."""
    return f"127.0.0.{number + 2}"


def distant_address_of(number: int) -> str:
    """The address of the member with this number, from 0, in a network over several machines."""
    return f"10.244.0.{number + 2}"


def why_not_distant() -> str:
    """Return why this machine can have no network that leads to others, "" if it can. Tries it."""
    try:
        Network.create([distant_address_of(0)]).close()
    except SandboxError as e:
        return str(e)
    return ""


def enter_user_namespace(more: int) -> None:
    """Leave for a user namespace of one's own and the namespaces of `more`, as the same user. Raises OSError."""
    uid, gid = os.geteuid(), os.getegid()
    linux.unshare(linux.CLONE_NEWUSER | more)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _make(answer: socket.socket, addresses: Sequence[str]) -> None:
    """Make the namespaces in this process, send their descriptors, and end."""
    try:
        names = ["net"]
        if os.geteuid():
            enter_user_namespace(linux.CLONE_NEWNET)
            names.append("user")
        else:
            linux.unshare(linux.CLONE_NEWNET)
        linux.raise_loopback()
        opened = [os.open(f"/proc/self/ns/{name}", os.O_RDONLY | os.O_CLOEXEC) for name in names]
        if addresses:
            opened.append(linux.open_tunnel(INTERFACE, MTU, addresses))
            names.append("packets")
        socket.send_fds(answer, [" ".join(["ready", *names]).encode()], opened)
    except OSError as e:
        answer.send(str(e).encode()[:500])
    finally:
        os._exit(0)
