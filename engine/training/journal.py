"""Writes a running job's log events and metric data, in batches."""

import time

from algorithms import Algorithm
from common.db.retry import waits_for_database
from engine.models import LogEvent, MetricDatum, TrainingJob
from engine.training.folder import HOST
from engine.training.lines import Allowance, Lines
from engine.training.metrics import Metrics, Pattern, forget

GROUP = "/aws/sagemaker/TrainingJobs"
BATCH = 500
EVERY = 0.3  # seconds; somebody is watching the curve
TELL_REFUSED_EVERY = 5


def stream_of(job: TrainingJob) -> str:
    """One stream a job, whatever its attempts: its name holds the job's birth, not the container's."""
    return f"{job.name}/{HOST}-{int(job.created.timestamp())}"


class Journal:
    """The log stream and the metrics of one attempt."""

    def __init__(self, job: TrainingJob, algorithm: Algorithm | None):
        definitions = [*(algorithm.metric_definitions() if algorithm else ())]
        definitions += job.request.get("AlgorithmSpecification", {}).get("MetricDefinitions", ())
        host = f"{job.name}/{HOST}"
        if job.started:
            waits_for_database(forget)(job.region, host)
        self.metrics = Metrics(job.region, host, [Pattern(d["Name"], d["Regex"]) for d in definitions])
        self._job, self._stream = job, stream_of(job)
        self._lines, self._allowance = Lines(), Allowance()
        self._events: list[LogEvent] = []
        self._flushed = self._told = time.monotonic()

    def take(self, data: bytes) -> None:
        """Take raw output of the job."""
        self._keep(self._lines.feed(data))

    def end(self) -> None:
        """There is no more output: write what is left."""
        self._keep(self._lines.end())
        self.metrics.close()
        self._tell_refused()
        self.flush()

    def say(self, text: str) -> None:
        """Add a line of the engine's own to the log."""
        self._append(f"[sagewright] {text}", time.time())

    def flush_if_due(self) -> None:
        """Write when a batch is full or old enough."""
        at = time.monotonic()
        if at - self._told > TELL_REFUSED_EVERY:
            self._told = at
            self._tell_refused()
        if at - self._flushed >= EVERY or len(self._events) >= BATCH:
            self.metrics.close(time.time())
            self.flush()

    def flush(self) -> None:
        """Write everything gathered so far."""
        for problem in self.metrics.problems:
            self.say(problem)
        self.metrics.problems.clear()
        if self._events:
            waits_for_database(LogEvent.objects.bulk_create)(self._events, batch_size=BATCH)
            self._events.clear()
        if self.metrics.closed:
            waits_for_database(MetricDatum.objects.bulk_create)(self.metrics.closed, batch_size=BATCH)
            self.metrics.closed.clear()
        self._flushed = time.monotonic()

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            at = time.time()
            self.metrics.read(line, at)
            if self._allowance.admits(line):
                self._append(line, at)
            if len(self._events) >= BATCH:
                self.flush()

    def _tell_refused(self) -> None:
        if refused := self._allowance.settle():
            self.say(
                f"{refused} lines are left out here: the job prints too fast for a log. Metrics are read from all."
            )

    def _append(self, line: str, at: float) -> None:
        milliseconds = int(at * 1000)
        self._events.append(
            LogEvent(
                region=self._job.region,
                group=GROUP,
                stream=self._stream,
                timestamp=milliseconds,
                ingested=milliseconds,
                message=line,
            )
        )
