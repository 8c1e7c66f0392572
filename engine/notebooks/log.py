"""The log streams of an instance in CloudWatch Logs."""

import time

from common.db.server_paths import hide_paths
from common.log_allowance import Allowance
from engine.jobs.log_lines import Lines
from engine.models import LogEvent, NotebookInstance

GROUP = "/aws/sagemaker/NotebookInstances"
SERVER = "jupyter.log"
LAST_LINES = 20
HIDDEN = "[hidden]"


class InstanceLog:
    """The stream NAME/`stream` of an instance. Lines wait in memory until `drain` takes them for the database."""

    def __init__(self, instance: NotebookInstance, stream: str = SERVER):
        self._region, self._stream = instance.region, f"{instance.name}/{stream}"
        self._lines, self._allowance = Lines(), Allowance()
        self._events: list[LogEvent] = []
        self.hidden: tuple[str, ...] = ()  # secrets of its owner, who is not the only one who reads logs
        self.last: list[str] = []  # the last lines, for the reason of a failure

    def feed(self, data: bytes) -> None:
        """Add raw output of a process."""
        for line in self._lines.feed(data):
            self.add(line)

    def add(self, line: str) -> None:
        """Add a line."""
        line = hide_paths(line)
        for text in self.hidden:
            line = line.replace(text, HIDDEN)
        self.last = [*self.last[1 - LAST_LINES :], line]
        if not self._allowance.admits(line):
            return
        at = int(time.time() * 1000)
        self._events.append(
            LogEvent(region=self._region, group=GROUP, stream=self._stream, timestamp=at, ingested=at, message=line)
        )

    def note(self, text: str) -> None:
        """Add a line of the engine's own."""
        self.add(f"[sagewright] {text}")

    def drain(self) -> list[LogEvent]:
        """Take what is not written yet."""
        for line in self._lines.end() if not self._events else ():
            self.add(line)
        events, self._events = self._events, []
        return events


def write(events: list[LogEvent]) -> None:
    """Write the events. Uses the database."""
    if events:
        LogEvent.objects.bulk_create(events, batch_size=500)
