"""Takes a process out of the machine's network, into one that has a loopback device and nothing else. Linux only."""

import ctypes
import errno
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x1000_0000, 0x4000_0000  # unshare(2)
SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40  # netdevice(7)
KINDS = (("user", CLONE_NEWUSER), ("net", CLONE_NEWNET))  # in the order in which a process may enter them


def isolate() -> None:
    """Move this process, which must have one thread, into a network namespace of its own.

    Raises OSError, and leaves the process where it is, when the system has no namespaces or forbids them, as Docker's
    default profile does. A child tries first, because AppArmor may forbid the second step, and no step can be undone.
    """
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, f"{sys.platform} has no network namespaces")
    if not (child := os.fork()):
        try:
            _isolate()
        except OSError as e:
            os._exit(e.errno or errno.EPERM)
        os._exit(0)
    if code := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise OSError(code, os.strerror(code))
    _isolate()


def _isolate() -> None:
    """Without privileges it takes a user namespace as well, in which the process keeps its user and group."""
    user, group = os.getuid(), os.getgid()
    try:
        _call("unshare", CLONE_NEWNET)
    except PermissionError:
        _call("unshare", CLONE_NEWUSER | CLONE_NEWNET)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP | IFF_RUNNING))


def join(pid: int) -> None:
    """Move this process into the network of process `pid`, which `isolate` may have moved. Raises OSError."""
    for name, kind in KINDS:
        theirs, ours = Path(f"/proc/{pid}/ns/{name}"), Path(f"/proc/self/ns/{name}")
        if theirs.exists() and theirs.readlink() != ours.readlink():
            descriptor = os.open(theirs, os.O_RDONLY)
            _call("setns", descriptor, kind)
            os.close(descriptor)


def _call(name: str, *arguments: int) -> None:
    """Call a function of the C library that returns 0, or -1 and sets errno."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
