"""Finds the sockets that processes listen on, in whatever network they are, from Linux's /proc."""

import contextlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import NamedTuple

LISTEN, ACCEPTS = "0A", 0x10000  # the state of a TCP socket, the flag of a unix socket: /proc/net/tcp, /proc/net/unix
HERE = Path("/proc/self/ns/net")


class TcpListener(NamedTuple):
    """A TCP port that a process of this machine's network listens on."""

    pid: int
    address: IPv4Address | IPv6Address
    port: int


class UnixListener(NamedTuple):
    """A unix socket that a process listens on; `path` begins with "@" when it is no file and has no permissions."""

    pid: int
    path: str


def tcp_listeners(pids: Iterable[int]) -> set[TcpListener]:
    """The TCP ports of `pids`, without those of processes in another network, which nothing here can reach."""
    return {
        TcpListener(pid, _address(host), int(port, 16))
        for pid in pids
        if _target(Path(f"/proc/{pid}/ns/net")) == _target(HERE)
        for table in ("tcp", "tcp6")
        for fields in _rows(pid, table)
        for host, port in [fields[1].split(":")]
        if fields[3] == LISTEN and fields[9] in _inodes(pid)
    }


def unix_listeners(pids: Iterable[int]) -> set[UnixListener]:
    """The named unix sockets of `pids`, whatever network they are in: a path leads to them from everywhere."""
    return {
        UnixListener(pid, fields[7])
        for pid in pids
        for fields in _rows(pid, "unix")
        if len(fields) > 7 and int(fields[3], 16) & ACCEPTS and fields[6] in _inodes(pid)
    }


def is_private(path: Path) -> bool:
    """Whether the permissions of the socket, or of a folder above it, refuse everybody but this user, who owns it."""
    status = path.stat()
    closed = not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    closed = closed or any(not folder.stat().st_mode & (stat.S_IXGRP | stat.S_IXOTH) for folder in path.parents)
    return closed and status.st_uid == os.getuid()


def _rows(pid: int, table: str) -> Iterator[list[str]]:
    with contextlib.suppress(OSError):
        yield from (line.split() for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:])


def _inodes(pid: int) -> set[str]:
    """The inodes of the sockets that `pid` has open."""
    results = set()
    with contextlib.suppress(OSError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            if match := re.fullmatch(r"socket:\[(\d+)\]", _target(descriptor)):
                results.add(match[1])
    return results


def _target(path: Path) -> str:
    """What a link of /proc points at; "" when the process has ended or is another user's."""
    try:
        return str(path.readlink())
    except OSError:
        return ""


def _address(text: str) -> IPv4Address | IPv6Address:
    """Four bytes, or four times four, each in this machine's order."""
    words = [bytes.fromhex(text[i : i + 8])[::-1] for i in range(0, len(text), 8)]
    return ip_address(b"".join(words))
