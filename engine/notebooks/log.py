"""The log streams of an instance in CloudWatch Logs."""

import time
from collections import deque

from common.db.server_paths import hide_paths
from common.log_allowance import Allowance
from engine.jobs.log_lines import Lines
from engine.models import LogEvent, NotebookInstance

GROUP = "/aws/sagemaker/NotebookInstances"
SERVER = "jupyter.log"
LAST_LINES = 20
HIDDEN = "[hidden]"
REPORT_INTERVAL = 5.0  # seconds between two reports of lines that were left out
DROPPED = "{} lines are left out here: they were printed too fast for a log."


class InstanceLog:
    """The stream NAME/`stream` of an instance. Lines wait in memory until `drain` takes them for the database."""

    def __init__(self, instance: NotebookInstance, stream: str = SERVER):
        self._region, self._stream = instance.region, f"{instance.name}/{stream}"
        self._lines, self._allowance = Lines(), Allowance()
        self._events: list[LogEvent] = []
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._reported_at = 0.0
        self.hidden: tuple[str, ...] = ()  # secrets of its owner, who is not the only one who reads logs

    @property
    def last(self) -> list[str]:
        """The last lines, for the reason of a failure: also those that are left out of the log."""
        return [self._readable(line) for line in self._last]

    def feed(self, data: bytes) -> None:
        """Add raw output of a process."""
        for line in self._lines.feed(data):
            self.add(line)

    def add(self, line: str) -> None:
        """Add a line."""
        self._last.append(line)
        if self._allowance.admits(line):
            self._append(line)

    def note(self, text: str) -> None:
        """Add a line of the engine's own."""
        line = f"[sagewright] {text}"
        self._last.append(line)
        self._append(line)

    def drain(self, is_last: bool = False) -> list[LogEvent]:
        """Take what is not written yet. `is_last`: nothing comes any more."""
        for line in self._lines.end() if is_last or not self._events else ():
            self.add(line)
        now = time.monotonic()
        if (is_last or now - self._reported_at > REPORT_INTERVAL) and (dropped := self._allowance.take_dropped()):
            self._reported_at = now
            self._append(f"[sagewright] {DROPPED.format(dropped)}")
        events, self._events = self._events, []
        return events

    def _append(self, line: str) -> None:
        at = int(time.time() * 1000)
        text = self._readable(line)
        self._events.append(
            LogEvent(region=self._region, group=GROUP, stream=self._stream, timestamp=at, ingested=at, message=text)
        )

    def _readable(self, line: str) -> str:
        line = hide_paths(line)
        for text in self.hidden:
            line = line.replace(text, HIDDEN)
        return line


def write(events: list[LogEvent]) -> None:
    """Write the events. Uses the database."""
    if events:
        LogEvent.objects.bulk_create(events, batch_size=500)
