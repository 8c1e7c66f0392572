"""Writes a member's log events and metric data, in batches."""

import time

from common.db.retry import waits_for_database
from common.db.server_paths import hide_paths
from common.log_allowance import Allowance
from engine.jobs.log_lines import Lines
from engine.jobs.metrics import Metrics, delete_metrics
from engine.jobs.workload import Workload
from engine.models import LogEvent, MetricDatum
from engine.models.job import Job

BATCH = 500
FLUSH_INTERVAL = 0.3  # seconds; a page shows the curve while it grows
REPORT_INTERVAL = 5  # seconds between two reports of lines that were left out


def stream_of(job: Job, host: str) -> str:
    """Return the log stream of a member, the same for all attempts: it ends with the job's creation (epoch s)."""
    return f"{job.name}/{host}-{int(job.created.timestamp())}"


class Journal:
    """The log stream and the metrics of one member in one attempt. For one thread."""

    def __init__(self, workload: Workload, host: str):
        job, member = workload.job, f"{workload.job.name}/{host}"
        if job.started:
            waits_for_database(delete_metrics)(job.region, workload.metric_namespace, member)
        patterns, exact = workload.patterns(), workload.exact_metric
        self.metrics = Metrics(job.region, workload.metric_namespace, member, patterns, exact)
        self._region, self._group, self._stream = job.region, workload.log_group, stream_of(job, host)
        self._lines, self._allowance = Lines(), Allowance()
        self._events: list[LogEvent] = []
        self._flushed_at = self._reported_at = time.monotonic()
        self.is_flooded = False  # the last output was more than the log takes

    def write(self, data: bytes) -> None:
        """Add raw output of the process."""
        self._add(self._lines.feed(data))

    def close(self) -> None:
        """Write the rest. No output may follow; after further notes, close it again."""
        self._add(self._lines.end())
        self.metrics.close()
        self._report_dropped()
        self.flush()

    def add_note(self, text: str) -> None:
        """Add a line of the engine's own to the log."""
        self._append(f"[sagewright] {text}", time.time())

    def flush_if_due(self) -> None:
        """Write when a batch is full or FLUSH_INTERVAL has passed."""
        at = time.monotonic()
        if at - self._reported_at > REPORT_INTERVAL:
            self._reported_at = at
            self._report_dropped()
        if at - self._flushed_at >= FLUSH_INTERVAL or len(self._events) >= BATCH:
            self.metrics.close(time.time())
            self.flush()

    def flush(self) -> None:
        """Write every event and every closed statistic set."""
        for problem in self.metrics.problems:
            self.add_note(problem)
        self.metrics.problems.clear()
        if self._events:
            waits_for_database(LogEvent.objects.bulk_create)(self._events, batch_size=BATCH)
            self._events.clear()
        if self.metrics.closed:
            waits_for_database(MetricDatum.objects.bulk_create)(self.metrics.closed, batch_size=BATCH)
            self.metrics.closed.clear()
        self._flushed_at = time.monotonic()

    def _add(self, lines: list[str]) -> None:
        has_metrics = self.metrics.may_be_in("\n".join(lines))
        self.is_flooded = False
        for number, line in enumerate(lines):
            at = time.time()
            if has_metrics:
                self.metrics.read(line, at)
            if self.is_flooded:
                self._allowance.drop(1)
            elif self._allowance.admits(line):
                self._append(line, at)
            else:
                self.is_flooded = True
                if not has_metrics:
                    self._allowance.drop(len(lines) - number - 1)
                    return
            if len(self._events) >= BATCH:
                self.flush()

    def _report_dropped(self) -> None:
        if dropped := self._allowance.take_dropped():
            self.add_note(
                f"{dropped} lines are left out here: the job prints too fast for a log. Metrics are read from all."
            )

    def _append(self, line: str, at: float) -> None:
        milliseconds = int(at * 1000)
        self._events.append(
            LogEvent(
                region=self._region,
                group=self._group,
                stream=self._stream,
                timestamp=milliseconds,
                ingested=milliseconds,
                message=hide_paths(line),
            )
        )
