"""How much memory this machine has, and how much processes use. Linux only; elsewhere processes seem to use none."""

import os
from contextlib import suppress
from pathlib import Path

from common.process_group import children

GIB = 2**30
_OWN = (b"RssAnon:", b"RssShmem:", b"VmSwap:")  # of a process alone; pages of files can be dropped at any time
_CGROUP = Path("/sys/fs/cgroup/memory.max")  # what a container may use


def machine_memory() -> int:
    """Return the bytes that processes may use: the machine's, or the container's where that is less."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):
        memory = min(memory, int(_CGROUP.read_text()))
    return memory


def memory_of(pid: int) -> int:
    """Return the bytes that a process and its descendants use, files excepted."""
    kibibytes = 0
    with suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/status").read_bytes().splitlines():  # its name may be no text
            if line.startswith(_OWN):
                kibibytes += int(line.split()[1])
    return kibibytes * 1024 + sum(map(memory_of, children(pid)))
