"""Samples of what a member's processes use of the machine, under the names of SageMaker's instance metrics."""

import time
from collections.abc import Iterator
from pathlib import Path

from common.cpu_time import cpu_time_of
from common.disk import space
from common.memory import machine_memory, memory_of

FIRST, SECOND = 0.25, 1.0  # seconds until the first sample, and between the next ones
SHARE, LONGEST = 1 / 60, 60.0  # of a job's age, and seconds, between later samples: SageMaker's are a minute apart
CPU, MEMORY, DISK = "CPUUtilization", "MemoryUtilization", "DiskUtilization"


class Usage:
    """The samples of one member. `memory` is how many bytes its processes may use, 0 for those of the machine."""

    def __init__(self, memory: int):
        self._memory = memory or machine_memory()
        self._begun = self._last = self._due = 0.0
        self._cpu = 0.0

    def sample(self, pid: int, folder: Path) -> Iterator[tuple[str, float]]:
        """Yield (name, percent) of each metric, if a sample of the process `pid` is due.

        The processor's percent count each core as 100, as SageMaker's do. The disk is the one that has `folder`.
        """
        at = time.monotonic()
        if not self._begun:
            self._begun = self._last = at
            self._due, self._cpu = at + FIRST, cpu_time_of(pid)
        if at < self._due:
            return
        cpu, elapsed = cpu_time_of(pid), at - self._last
        if cpu >= self._cpu:  # else it has ended, and nothing is known any more
            disk = space(folder)
            yield CPU, 100 * (cpu - self._cpu) / elapsed
            yield MEMORY, 100 * memory_of(pid) / self._memory
            yield DISK, 100 * (1 - disk.free / disk.total) if disk.total else 0.0
        self._cpu, self._last = cpu, at
        self._due = at + min(LONGEST, max(SECOND, SHARE * (at - self._begun)))
