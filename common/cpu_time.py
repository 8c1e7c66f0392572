"""How much processor time processes have used. Linux only; elsewhere they seem to have used none."""

import os
from contextlib import suppress
from pathlib import Path

from common.process_group import children

TICKS = os.sysconf("SC_CLK_TCK")  # a second
_TIMES = slice(11, 15)  # utime, stime, cutime and cstime behind the name, which may hold anything


def cpu_time_of(pid: int) -> float:
    """Return the seconds of processor time that a process, its descendants and those that it has collected used."""
    ticks = 0
    with suppress(OSError, ValueError):
        ticks = sum(map(int, Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[_TIMES]))
    return ticks / TICKS + sum(map(cpu_time_of, children(pid)))
