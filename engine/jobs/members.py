"""The members of a job: each has a folder, a log, and a process with the pipe of its output."""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from engine.jobs import child
from engine.jobs.folder import MemberFolder
from engine.jobs.journal import Journal
from engine.jobs.usage import Usage

READ = 8 * 1024  # bytes; as lines they are searched for metrics within a turn, however many metrics there are


@dataclass
class Member:
    """One host of the job: its folder, its log, and its process with the pipe of its output while it runs."""

    host: str
    folder: MemberFolder
    journal: Journal
    usage: Usage
    process: child.Child | None = None
    output: int = -1

    @property
    def exit_code(self) -> int | None:
        """The process's exit code as last polled; None while it runs."""
        return self.process.exit_code if self.process else None

    @property
    def end_number(self) -> int:
        """The place of the process's end among all that the zygote has reported."""
        return self.process.end_number if self.process else 0

    def measure(self) -> None:
        """Report what the process uses, if that is due."""
        if self.process and self.exit_code is None:
            for name, percent in self.usage.sample(self.process.pid, self.folder.root):
                self.journal.metrics.add_sample(name, percent, time.time())

    def read(self, seconds: float) -> bool:
        """Take what the process has printed, for so many seconds at most; False when there can be no more."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                data = os.read(self.output, READ)
            except BlockingIOError:
                return True
            if not data:
                return False
            self.journal.write(data)
        return True


def start(members: list[Member], memory: int, meanwhile: Callable[[], None], stack: ExitStack) -> list[child.Child]:
    """Start the members' processes. `stack` closes the pipes of their output. Raises ZygoteLost.

    A process is killed when it uses more than `memory` bytes, 0 for no limit. `meanwhile` is called every 0.2 s while
    the libraries of the processes load.
    """
    with ExitStack() as writing:
        ends: list[int] = []
        for member in members:
            member.output, end = os.pipe()
            stack.callback(os.close, member.output)
            writing.callback(os.close, end)
            ends.append(end)
            os.set_blocking(member.output, False)
        roots = [member.folder.root for member in members]
        processes = child.spawn([*zip(roots, ends, strict=True)], memory, meanwhile)
    for member, process in zip(members, processes, strict=True):
        member.process = process
    return processes


def first_failed(members: list[Member]) -> Member | None:
    """Return the member whose process was the first to end with an error, if any: it may be why others have."""
    return min((member for member in members if member.exit_code), key=lambda member: member.end_number, default=None)


def final_metrics(members: list[Member], others: list[list[dict]]) -> list[dict]:
    """Return the last value of each metric; of one that several members report, the first member's.

    `others` has those of the machines whose members come after these.
    """
    lists = [member.journal.metrics.final() for member in members] + others
    by_name = {value["MetricName"]: value for values in reversed(lists) for value in values}
    return list(by_name.values())


def send(processes: list[child.Child], number: int) -> None:
    """Send a signal to every process that still runs."""
    for process in processes:
        process.send(number)
