"""System calls of Linux that Python's standard library does not have."""

import contextlib
import ctypes
import fcntl
import os
import platform
import socket
import struct
import sys
from collections.abc import Sequence

from sandbox.syscalls import NUMBERS

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWTIME = 0x10000000, 0x20000000, 0x40000000, 0x80
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MNT_DETACH = 2
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_AT_EMPTY_PATH, _AT_RECURSIVE = 0x1000, 0x8000
_CAPABILITIES_V3 = 0x20080522
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP_RUNNING = 0x8913, 0x8914, 0x41
_SIOCSIFADDR, _SIOCSIFNETMASK, _SIOCSIFMTU = 0x8916, 0x891C, 0x8922
_TUNSETIFF, _IFF_TUN_WITHOUT_HEADER = 0x400454CA, 0x1001

MACHINE = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}.get(
    platform.machine().lower(), ""
)
IS_LINUX = sys.platform == "linux" and MACHINE != ""
# As RLIMIT_CORE: no file, which would be too small, and no program of core_pattern, which 0 does not stop (core(5)).
NO_CORE = 1 if IS_LINUX else 0
_libc = ctypes.CDLL(None, use_errno=True) if IS_LINUX else None


def call(name: str, *arguments: int | bytes | ctypes.Array | ctypes.Structure | None) -> int:
    """Make the system call `name`. Raises OSError, ENOSYS where there is no such call."""
    if _libc is None:
        raise OSError(38, f"{name}: this is no Linux whose system calls are known")
    converted = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = _libc.syscall(ctypes.c_long(NUMBERS[MACHINE][name]), *converted)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """Mount a file system (mount(2)). Raises OSError."""
    call("mount", *_encoded(source, target, kind), flags, *_encoded(data))


def unmount(target: str, flags: int = 0) -> None:
    """umount2(2). Raises OSError."""
    call("umount2", target.encode(), flags)


def restrict_mount(target: str, flags: int) -> None:
    """Add MS_RDONLY, MS_NOSUID, MS_NODEV or MS_NOEXEC to a mount and to those below it. Raises OSError."""
    try:  # the flags are those of mount_setattr too
        call("mount_setattr", -100, target.encode(), _AT_RECURSIVE, struct.pack("QQQQ", flags, 0, 0, 0), 32)
    except OSError as e:
        if e.errno != 38:
            raise
        current = os.statvfs(target).f_flag & 0xC0F  # a remount without what it has already is refused
        mount(None, target, None, MS_REMOUNT | MS_BIND | current | flags)


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root, the old one below it at `old` (pivot_root(2)). Raises OSError."""
    call("pivot_root", new.encode(), old.encode())


def unshare(flags: int) -> None:
    """Leave the namespaces that `flags` name (unshare(2)). Raises OSError."""
    call("unshare", flags)


def become(uid: int | None) -> None:
    """Become the user and group `uid`, or stay who this process is, without any capability and any way to gain one."""
    for capability in range(64):
        try:
            call("prctl", _PR_CAPBSET_DROP, capability, 0, 0, 0)
        except OSError:  # EINVAL after the last one, EPERM for whoever has none
            break
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    call("capset", struct.pack("Ii", _CAPABILITIES_V3, 0), bytes(24))
    with contextlib.suppress(OSError):
        call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def set_dumpable(dumpable: bool) -> None:
    """Let processes of the same user inspect this one, or not."""
    call("prctl", _PR_SET_DUMPABLE, int(dumpable), 0, 0, 0)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends. A change of user clears it."""
    call("prctl", _PR_SET_PDEATHSIG, 9, 0, 0, 0)


def raise_loopback() -> None:
    """Bring up the loopback interface of this network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        _raise(asking, "lo")


def open_tunnel(name: str, mtu: int, addresses: Sequence[str]) -> int:
    """Make an interface (tun) in this network namespace, and return the descriptor of its packets, one a read or write.

    It has all `addresses`, and leads to the rest of the first one's 256. It ends with the descriptor. Raises OSError.
    """
    tunnel = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.ioctl(tunnel, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN_WITHOUT_HEADER))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            fcntl.ioctl(asking, _SIOCSIFMTU, struct.pack("16si20x", name.encode(), mtu))
            for number, address in enumerate(addresses):
                alias, mask = (f"{name}:{number}", "255.255.255.255") if number else (name, "255.255.255.0")
                for request, value in ((_SIOCSIFADDR, address), (_SIOCSIFNETMASK, mask)):
                    packed = struct.pack("16sHH4s16x", alias.encode(), socket.AF_INET, 0, socket.inet_aton(value))
                    fcntl.ioctl(asking, request, packed)
            _raise(asking, name)
    except BaseException:
        os.close(tunnel)
        raise
    return tunnel


def _raise(asking: socket.socket, name: str) -> None:
    """Bring up an interface."""
    request = struct.pack("16sH22x", name.encode(), 0)
    flags = struct.unpack("16sH22x", fcntl.ioctl(asking, _SIOCGIFFLAGS, request))[1]
    fcntl.ioctl(asking, _SIOCSIFFLAGS, struct.pack("16sH22x", name.encode(), flags | _IFF_UP_RUNNING))


def _encoded(*texts: str | None) -> list[bytes | None]:
    return [text if text is None else text.encode() for text in texts]
