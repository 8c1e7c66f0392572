"""How much memory and disk a sandbox uses. Linux only; elsewhere it seems to use none."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from common.process_group import children
from sandbox.walk import walk

_OWN = (b"RssAnon:", b"RssShmem:", b"VmSwap:", b"VmPTE:")  # pages of files can be dropped at any time
_SHARES = (b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:")  # each page divided among those that have it
_FILE = (
    4096  # bytes that a file or folder takes at least: without content, too, it takes an inode, of which disks run out
)
_LOW_INODES = 0.05  # of the disk
_TABLES = (b"VmPTE:",)  # no page is needed for them to grow: looking at a terabyte of nothing takes 2 GiB


def descendants(pid: int) -> set[int]:
    """Return the pids of all processes that descend from `pid`."""
    waiting, pids = [pid], set[int]()
    while waiting:
        for child in children(waiting.pop()) - pids:
            pids.add(child)
            waiting.append(child)
    return pids


def memory(pids: set[int], limit: int) -> int:
    """Return the bytes that processes use. Near `limit` shared pages are counted once, which takes longer."""
    quick = sum(_sum(f"/proc/{pid}/status", _OWN) for pid in pids)
    if quick <= limit:
        return quick
    exact = sum(_sum(f"/proc/{pid}/smaps_rollup", _SHARES) for pid in pids)
    return exact + sum(_sum(f"/proc/{pid}/status", _TABLES) for pid in pids) if exact else quick


def processor(pids: Iterable[int]) -> dict[int, int]:
    """Return the processor time of each process and of its children that ended, in the kernel's ticks."""
    used = {}
    for pid in pids:
        with suppress(OSError, ValueError):
            fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
            used[pid] = sum(map(int, fields[11:15]))
    return used


def files(descriptors: Iterable[int]) -> int:
    """Return the bytes used in the file systems of open folders: a sandbox's /tmp and /dev/shm, which are memory."""
    used = 0
    for descriptor in descriptors:
        disk = os.fstatvfs(descriptor)
        used += (disk.f_blocks - disk.f_bfree) * disk.f_frsize
    return used


def disk(folder: Path) -> int:
    """Return the bytes that the files in a folder take on the disk. What vanishes meanwhile is left out."""
    return sum(max(entry.status.st_blocks * 512, _FILE) for entry in walk(folder))


def files_of(folder: Path, uid: int) -> dict[str, int]:
    """Return the bytes of each file and folder that a user has below a folder, a folder before what is in it."""
    sizes: dict[str, int] = {}
    for entry in walk(folder):
        if entry.status.st_uid == uid and entry.path is not None:
            sizes[f"{folder}/{entry.path}"] = entry.status.st_blocks * 512
    return sizes


def has_few_inodes(folder: Path) -> bool:
    """Return whether the disk of `folder` can soon hold no more files, however small."""
    disk = os.statvfs(folder)
    return disk.f_favail < disk.f_files * _LOW_INODES  # some file systems have no number of them, which is 0


def descriptors_in_flight(pids: Iterable[int]) -> int:
    """Return how many descriptors wait in sockets of processes to be received: of files whose size nobody can ask."""
    waiting = 0
    for pid in pids:
        for path in _descriptors(pid):
            with suppress(OSError):
                if stat.S_ISSOCK(Path(path).stat().st_mode):
                    waiting += _number(path.replace("/fd/", "/fdinfo/"), b"scm_fds:")
    return waiting


def removed_files(pids: Iterable[int], folder: Path) -> int:
    """Return the bytes of files on the disk of `folder` that have no name any more, and that processes still have."""
    device = folder.stat().st_dev
    used: dict[int, int] = {}
    for pid in pids:
        for path in (*_descriptors(pid), *_mapped(pid)):
            with suppress(OSError):
                status = Path(path).stat()  # of what it leads to, which has no other name
                if stat.S_ISREG(status.st_mode) and not status.st_nlink and status.st_dev == device:
                    used[status.st_ino] = status.st_blocks * 512
    return sum(used.values())


def _descriptors(pid: int) -> Iterator[str]:
    with suppress(OSError), os.scandir(f"/proc/{pid}/fd") as entries:
        yield from (entry.path for entry in entries)


def _mapped(pid: int) -> Iterator[str]:
    with suppress(OSError):
        content = Path(f"/proc/{pid}/maps").read_bytes()
        if b" (deleted)\n" in content:
            for line in content.splitlines():
                if line.endswith(b" (deleted)"):
                    yield f"/proc/{pid}/map_files/{line.split()[0].decode()}"


def _number(path: str, name: bytes) -> int:
    lines = Path(path).read_bytes().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(name))


def _sum(path: str, names: tuple[bytes, ...]) -> int:
    kibibytes = 0
    with suppress(OSError, ValueError):
        for line in Path(path).read_bytes().splitlines():  # bytes: a process may call itself what is no text
            if line.startswith(names):
                kibibytes += int(line.split()[1])
    return kibibytes * 1024
