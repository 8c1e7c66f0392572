"""The strategy interface between the runner and a kind of job: what differs from one kind to the next."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Generic, TypeVar

from common.db.claim import Claim
from engine.jobs.folder import MemberFolder
from engine.jobs.metrics import Pattern
from engine.jobs.transfers import Transfers
from engine.models.job import Job

Row = TypeVar("Row", bound=Job)


class Phase(Enum):
    """The part of a run that begins."""

    DOWNLOADING = "Downloading"
    RUNNING = "Running"
    STOPPING = "Stopping"
    UPLOADING = "Uploading"


class Ending(Enum):
    """How a run ends."""

    COMPLETED = "Completed"
    STOPPED = "Stopped"
    TIME_LIMIT = "TimeLimit"
    FAILED = "Failed"


@dataclass(frozen=True)
class MemoryLimit:
    """The bytes of memory that each member may use, 0 for any. `source` says in a clause where the limit comes from."""

    size: int = 0
    source: str = ""


@dataclass(frozen=True)
class Result:
    """The end of a run. `metrics` has the last value of each metric: [{"MetricName", "Value", "Timestamp"}]."""

    ending: Ending
    failure_reason: str
    metrics: list[dict]


class JobFailed(Exception):
    """The job has failed through no fault of this engine. `kind` is ClientError or AlgorithmError."""

    def __init__(self, kind: str, text: str):
        super().__init__(text)
        self.kind = kind


class Workload(ABC, Generic[Row]):
    """What one claimed job does. The runner calls it from one thread, `download` excepted.

    A method that finds fault with the request raises algorithms.contract.UserError, and JobFailed for another failure;
    the job then fails with its text.
    Methods that write the row raise ClaimLost.
    """

    log_group: str
    metric_namespace: str
    exact_metric = ""  # the metric whose values are stored one by one, if any
    noun = "job's"  # of its process, in failure reasons
    hosts: tuple[str, ...] = ("algo-1",)  # one member each; the first is the one whose results are kept

    memory = MemoryLimit()
    volume = 0  # bytes that each member may write, 0 for any

    def __init__(self, claim: Claim[Row]):
        self.claim, self.job = claim, claim.row
        self.notes: deque[str] = deque()  # lines for the first member's log; any thread may append

    @property
    @abstractmethod
    def max_runtime(self) -> float:
        """Seconds from the job's first start after which it is stopped."""

    @property
    @abstractmethod
    def stop_requested(self) -> bool:
        """True once a client has asked the job to stop. Costs no query."""

    @abstractmethod
    def enter(self, phase: Phase) -> None:
        """Record in the row that a phase begins."""

    @abstractmethod
    def prepare(self, host: str, folder: MemberFolder, threads: int) -> None:
        """Write all that the member's process reads when it starts, its start.json included."""

    @abstractmethod
    def finish(self, result: Result) -> None:
        """Move the row to its last status."""

    def patterns(self) -> list[Pattern]:
        """Return the metrics to look for in the log."""
        return []

    def download(self, folders: Sequence[MemberFolder], transfers: Transfers) -> None:
        """Fetch the members' input. Runs in a thread of its own: no database; `transfers` can be cancelled."""

    def while_running(self, folders: Sequence[MemberFolder]) -> AbstractContextManager:
        """A block around the members' processes; its end comes after theirs. Threads of it may not use the database."""
        return nullcontext()

    def outputs(self, folders: Sequence[MemberFolder], stopped: bool) -> list[tuple[Path, str]]:
        """Return (folder, S3 address) of each archive to upload. `stopped`: the job did not run to its own end."""
        return []

    def upload(self, outputs: Sequence[tuple[Path, str]], scratch: Path, transfers: Transfers) -> None:
        """Upload what `outputs` has returned. Runs in a thread of its own: no database.

        `scratch` is a folder where no process of the job could write.
        """
        for number, (files, uri) in enumerate(outputs):
            archive = scratch / f"output-{number}.tar.gz"
            transfers.pack(files, archive, self.volume)
            transfers.upload(archive, uri)

    def save_metrics(self, values: list[dict]) -> None:
        """Record the metrics' last values while the job runs. Called every few seconds if they changed."""
