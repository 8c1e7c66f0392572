"""How much memory and disk a sandbox uses. Linux only; elsewhere it seems to use none."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from common.process_group import children

_OWN = ("RssAnon:", "RssShmem:", "VmSwap:")  # pages of files can be dropped at any time
_SHARES = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")  # each page divided among those that have it


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
    return exact or quick


def files(descriptors: Iterable[int]) -> int:
    """Return the bytes used in the file systems of open folders: a sandbox's /tmp and /dev/shm, which are memory."""
    used = 0
    for descriptor in descriptors:
        disk = os.fstatvfs(descriptor)
        used += (disk.f_blocks - disk.f_bfree) * disk.f_frsize
    return used


def disk(folder: Path) -> int:
    """Return the bytes that the files in a folder take on the disk. What vanishes meanwhile is left out."""
    used = 0
    waiting = [str(folder)]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    used += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
    return used


def _sum(path: str, names: tuple[str, ...]) -> int:
    kibibytes = 0
    with suppress(OSError, ValueError):
        for line in Path(path).read_text().splitlines():
            if line.startswith(names):
                kibibytes += int(line.split()[1])
    return kibibytes * 1024
