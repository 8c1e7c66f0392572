"""Tells a process that waits for a processor or a disk from one that hangs. Linux only; elsewhere nobody ever waits."""

from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


class Starvation:
    """How long a process and its descendants, or with `alone` only itself, have waited for the machine."""

    def __init__(self, pid: int, alone: bool = False):
        self.pid, self.alone = pid, alone
        self.waited: dict[str, int] = {}
        self.seconds()

    def seconds(self) -> float:
        """Seconds since the last call in which the thread that waited longest was ready to run and had no processor.

        A thread that waits for a disk now counts as one that has waited the whole time: infinity.
        """
        longest, waited = 0.0, {}
        for task in self._tasks(self.pid):
            with suppress(OSError, ValueError, IndexError):
                if (task / "stat").read_text().rpartition(")")[2].split()[0] == "D":
                    longest = float("inf")
                nanoseconds = int((task / "schedstat").read_text().split()[1])
                waited[task.name] = nanoseconds
                longest = max(longest, (nanoseconds - self.waited.get(task.name, nanoseconds)) / 1e9)
        self.waited = waited
        return longest

    def _tasks(self, pid: int) -> list[Path]:
        tasks: list[Path] = []
        with suppress(OSError):
            tasks = list((PROC / str(pid) / "task").iterdir())
        if not self.alone:
            for task in list(tasks):
                with suppress(OSError):
                    for child in (task / "children").read_text().split():
                        tasks += self._tasks(int(child))
        return tasks
