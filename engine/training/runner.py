"""Runs one claimed job from its download to its last status, in a process of its own."""

import logging
import os
import selectors
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from botocore.exceptions import ClientError
from django.utils.timezone import now

import algorithms
from algorithms.contract import UserError
from common.db.claim import Claim, ClaimLost, claimed_here
from common.db.work import Unfinished
from engine.models import TrainingJob
from engine.training import child, folder, shutdown
from engine.training.channels import objects_of
from engine.training.claims import GRACE, LIVE, enter, finish, max_runtime
from engine.training.failure import failure_reason, reason
from engine.training.journal import Journal
from engine.training.transfers import STORE_AWAY, Transfers

Status = TrainingJob.Status
UNKILLABLE = 10  # seconds after SIGKILL, within which every process has ended
TURN = 0.25  # seconds; how often the row, the clock and the worker's own fate are looked at
READ = 8 * 1024  # bytes; as lines they are searched for metrics within a turn, however many metrics there are
LAST_READ = 30.0  # seconds to take what is left in the pipe of a process that has ended
SAVE = 2.0  # seconds between two writes of the metrics' last values
T = TypeVar("T")
log = logging.getLogger(__name__)


class Halted(Exception):
    """The job was asked to end before there was anything to end."""


def run(claim: Claim[TrainingJob]) -> None:
    """Run the job of this claim to its end, whatever that is. Only the claim's holder ever moves the row."""
    Run(claim).to_the_end()


class Run:
    """One attempt of one job. All database work is done by the thread that calls; only transfers run beside it."""

    def __init__(self, claim: Claim[TrainingJob]):
        self.claim, self.job = claim, claim.row
        self.algorithm = algorithms.for_image(
            self.job.request.get("AlgorithmSpecification", {}).get("TrainingImage", "")
        )
        self.journal = Journal(self.job, self.algorithm)
        self.transfers = Transfers()
        self._saved: list[dict] = []
        self._saved_at = time.monotonic()
        self._halted_by = ""  # the last secondary status, once somebody or the clock has asked the job to end
        self.deadline = claim.first_start + max_runtime(self.job)

    def to_the_end(self) -> None:
        """Run, and record how it ended: as the last status, or by giving the job back."""
        job, place = self.job, None
        try:
            child.warm_up()  # loads its libraries while the data comes
            place = folder.make(job)
            status, secondary, why = self._outcome(place)
            self.journal.end()
            final = self.journal.metrics.final()
            place.remove()  # before the end is told: then the name may be used again, and so may the folder's
            finish(self.claim, status, secondary, failure_reason=why, final_metrics=final)
            log.info("training job %s: %s on attempt %d", job, secondary, job.attempt)
        except Unfinished as e:
            self.journal.say(str(e))
            self.journal.end()
            raise
        finally:
            if place:
                place.remove()

    def _outcome(self, place: folder.Folder) -> tuple[str, str, str]:
        """The last status, the last secondary status and the FailureReason."""
        try:
            if self.job.started:
                self.journal.say("The job starts again from the beginning. What it printed before this line is void.")
            self._prepare(place)
            exit_code = self._train(place)
            if not (halted := self._halted_by) and exit_code:
                return Status.FAILED, "Failed", failure_reason(exit_code, place.failure())
            self._keep_results(place)
            return (Status.STOPPED, halted, "") if halted else (Status.COMPLETED, "Completed", "")
        except Halted:
            return Status.STOPPED, self._halted_by, ""
        except UserError as e:
            return Status.FAILED, "Failed", reason("ClientError", str(e))
        except child.ZygoteLost as e:
            child.put_out()
            raise Unfinished(f"The process that starts jobs was lost ({e}).", counted=True) from e
        except (ClaimLost, Unfinished):
            raise
        except Exception as e:
            if _is_the_stores(e):
                raise Unfinished(f"The object store does not answer ({e}).", counted=True) from e
            log.exception("training job %s failed for a reason of ours", self.job)
            return Status.FAILED, "Failed", reason("InternalServerError", f"{e}. Please see the training worker's log.")

    def _prepare(self, place: folder.Folder) -> None:
        """Write the contract and fetch the channels."""
        request = self.job.request
        if self.algorithm is None:
            image = request.get("AlgorithmSpecification", {}).get("TrainingImage", "")
            raise UserError(f"There is no algorithm for the training image {image!r} here.")
        enter(self.claim, "Downloading", started=self.job.started or now())
        running = claimed_here(TrainingJob).filter(status__in=LIVE).count()
        place.write_contract(self.job, self.algorithm.name, folder.threads_for(running))
        volume = request.get("ResourceConfig", {}).get("VolumeSizeInGB", 0) * 1024**3

        def fetch() -> None:
            channels = request.get("InputDataConfig", ())
            found = [(place.channel(c["ChannelName"]), objects_of(c, request, self.job.region)) for c in channels]
            self.transfers.download(found, volume)

        self._beside(fetch, may_halt=True)

    def _train(self, place: folder.Folder) -> int:
        """Run the algorithm; its exit code."""
        enter(self.claim, "Training")
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        try:
            process = child.spawn(place.root, writing, self._turn)
        finally:
            os.close(writing)
        try:
            return self._follow(process, reading)
        finally:
            process.send(signal.SIGKILL)
            os.close(reading)

    def _follow(self, process: child.Child, output: int) -> int:
        """Read the process's output until it ends, looking after everything else meanwhile."""
        kill_at = 0.0
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            selector.register(process, selectors.EVENT_READ)
            while process.poll() is None:
                ready = {key.fd for key, _ in selector.select(TURN)}
                if output in ready and not self._read(output):
                    selector.unregister(output)
                self._turn()
                if self._halted_by and not kill_at:
                    kill_at = time.monotonic() + GRACE
                    if self.claim.status == Status.STOPPING:
                        enter(self.claim, "Stopping")
                    process.send(signal.SIGTERM)
                elif kill_at and time.monotonic() > kill_at:
                    process.send(signal.SIGKILL)
                    if time.monotonic() > kill_at + UNKILLABLE:
                        raise child.ZygoteLost(f"it does not report the end of process {process.pid}")
        self._read(output, seconds=LAST_READ)
        return process.exit_code or 0

    def _keep_results(self, place: folder.Folder) -> None:
        """Upload what the algorithm left. A job that was stopped may have left nothing."""
        kept = [("output.tar.gz", place.output / "data", False), ("model.tar.gz", place.model, not self._halted_by)]
        kept = [(name, files, always) for name, files, always in kept if always or any(files.iterdir())]
        if not kept:
            return
        enter(self.claim, "Uploading")

        def upload() -> None:
            for name, files, _ in kept:
                self.transfers.pack(files, place.root / name)
                self.transfers.upload(place.root / name, self.job.artifact.removesuffix("model.tar.gz") + name)

        self._beside(upload)

    def _beside(self, work: Callable[[], T], may_halt: bool = False) -> T:
        """The result of `work`, done in a thread while this one keeps the claim alive; called off when that fails."""
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(work)
            try:
                while not wait([future], TURN).done:
                    self._turn()
                    if may_halt and self._halted_by:
                        raise Halted
            except BaseException:
                self.transfers.cancel()
                raise
        return future.result()

    def _turn(self) -> None:
        """What must happen all the time: write the log, keep the claim, notice who wants the job to end."""
        if shutdown.asked():
            raise Unfinished("The training worker is shutting down.", counted=False)
        self.journal.flush_if_due()
        self.claim.check()
        at = time.monotonic()
        if at - self._saved_at >= SAVE:
            self._save_metrics(at)
        if not self._halted_by:
            if self.claim.status == Status.STOPPING:
                self._halted_by = "Stopped"
            elif at > self.deadline:
                self._halted_by = "MaxRuntimeExceeded"

    def _save_metrics(self, at: float) -> None:
        """Write the metrics' last values to the row, if they have changed."""
        self._saved_at, values = at, self.journal.metrics.final()
        if values != self._saved:
            self.claim.update(final_metrics=values)
            self._saved = values

    def _read(self, output: int, seconds: float = TURN) -> bool:
        """Take what the process has printed, for so many seconds at most; False when there can be no more."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                data = os.read(output, READ)
            except BlockingIOError:
                return True
            if not data:
                return False
            self.journal.take(data)
        return True


def _is_the_stores(error: Exception) -> bool:
    """Whether the object store is away or unwell, which passes."""
    if isinstance(error, ClientError):
        return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
    return isinstance(error, STORE_AWAY)
