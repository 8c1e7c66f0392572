"""Runs one attempt of a claimed job, from its download to its last status, with a process for each member here."""

import logging
import selectors
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from typing import TypeVar

from botocore.exceptions import ClientError

from algorithms.contract import UserError
from common.db.claim import ClaimLost, Unfinished
from common.disk import space
from engine.jobs import child, folder, members
from engine.jobs.environment import threads_for
from engine.jobs.failure import disk_reason, failure_reason, memory_reason, processes_reason, reason
from engine.jobs.folder import JobFolder
from engine.jobs.journal import Journal
from engine.jobs.machines.gang import Gang, Over
from engine.jobs.members import Member
from engine.jobs.transfers import STORE_AWAY, Transfers
from engine.jobs.usage import Usage
from engine.jobs.workload import Ending, JobFailed, Phase, Result, Workload
from engine.models.job import GRACE
from engine.models.machines import count_jobs_here

UNKILLABLE = 10  # seconds after SIGKILL, within which every process has ended
TURN = 0.25  # seconds; how often the claim and the clock are checked
FLOOD_SHARE = 0.25  # of a processor, for the output of members that print more than their logs take
LAST_READ = 30.0  # seconds to take what is left in the pipe of a process that has ended
SAVE = 2.0  # seconds between two writes of the metrics' last values
RETRY = 5.0  # seconds before another attempt when this machine's disk refuses
NO_ROOM = "The disk of the machine that trains is full. Please make room on it and start the job again."
T = TypeVar("T")
log = logging.getLogger(__name__)


class Halted(Exception):
    """The job is to end, and no process of it runs yet."""


def run(workload: Workload, gang: Gang | None = None) -> None:
    """Run a claimed job to its end. Raises ClaimLost and Unfinished; any other end is recorded in the row.

    `gang` says which other machines take part; without it all members run here.
    """
    Runner(workload, gang or Gang(workload.claim, workload.hosts)).run()


class Runner:
    """One attempt of one job. One thread does all of it, the transfers of files excepted.

    With several machines this is the first one, which decides; what the others do is in engine.jobs.helper.
    """

    def __init__(self, workload: Workload, gang: Gang):
        self.workload, self.gang, self.claim, self.job = workload, gang, gang.claim, workload.job
        self.members: list[Member] = []
        self.transfers = Transfers()
        self._saved: list[dict] = []
        self._saved_at = time.monotonic()
        self._halt: Ending | None = None  # set once the job is to end before its processes do
        self._failed: Member | None = None  # the first here
        self.failed_at = 0.0
        self.deadline = self.claim.first_start + workload.max_runtime

    def run(self) -> None:
        """Run, and record the end in the row."""
        child.warm_up()  # loads its libraries during the download
        try:
            root = folder.create(self.job, self.gang.hosts)
            try:
                self._run(root)
            finally:
                root.remove()
        except OSError as e:  # of the disk, at whatever step: another machine, or a later attempt, may do better
            raise Unfinished(f"The worker cannot use the job's folder: {e}.", delay=RETRY) from e

    def _run(self, root: JobFolder) -> None:
        self._root = root.root
        self.gang.open(root.root)
        memory = self.workload.memory.size
        self.members = [
            Member(host, root.member(host), Journal(self.workload, host), Usage(memory)) for host in self.gang.hosts
        ]
        try:
            ending, failure = self._ending()
        except (Unfinished, OSError, Over) as e:
            self._note(str(e))
            self._close_journals()
            raise
        self._close_journals()
        root.remove()  # before the row has its last status: then the name, and with it the folder, may be reused
        self.workload.finish(Result(ending, failure, self.final_metrics()))
        log.info("%s %s: %s on attempt %d", self.job.ARN_TYPE, self.job, ending.value, self.job.attempt)

    def _ending(self) -> tuple[Ending, str]:
        """Do all the work; return how it ended, and the FailureReason."""
        try:
            if self.job.started:
                self._note("The job starts again from the beginning. What it printed before this line is void.")
            self._prepare()
            failure = self._execute()
            if failure and not self._halt:
                return Ending.FAILED, failure
            self._upload()
            return self._halt or Ending.COMPLETED, ""
        except Halted:
            return self._halt or Ending.STOPPED, ""
        except UserError as e:
            return Ending.FAILED, reason("ClientError", str(e))
        except JobFailed as e:
            return Ending.FAILED, reason(e.kind, str(e))
        except child.ZygoteLost as e:
            child.shut_down()
            raise Unfinished(f"The process that starts jobs was lost ({e}).", counted=True) from e
        except (ClaimLost, Unfinished, OSError, Over):
            raise
        except Exception as e:
            if _is_store_failure(e):
                raise Unfinished(f"The object store does not answer ({e}).", counted=True) from e
            log.exception("%s %s failed through a fault of the engine", self.job.ARN_TYPE, self.job)
            return Ending.FAILED, reason("InternalServerError", f"{e}. Please see the training worker's log.")

    def _reason_of(self, member: Member) -> str:
        """The FailureReason after `member` has failed."""
        if member.process and member.process.memory:
            return memory_reason(self.workload.memory, self.workload.noun)
        if member.process and member.process.disk and not space(member.folder.root).is_full:
            return disk_reason(member.process.disk, self.workload.noun)
        if member.process and member.process.processes:
            return processes_reason(member.process.processes, self.workload.noun)
        text = member.folder.failure()
        if not text and space(member.folder.root).is_full:  # the process could not even write why
            return reason("InternalServerError", NO_ROOM)
        return failure_reason(member.exit_code or 0, text, self.workload.noun)

    def _prepare(self) -> None:
        """Write the members' configuration and fetch their input."""
        self._enter(Phase.DOWNLOADING)
        processes = count_jobs_here() - 1 + len(self.members)
        for member in self.members:
            self.workload.prepare(member.host, member.folder, threads_for(processes))
        folders = [member.folder for member in self.members]
        self._in_thread(lambda: self.workload.download(folders, self.transfers), may_halt=True)

    def _execute(self) -> str:
        """Run the members' processes to their ends; return why the first that failed has, "" if none did."""
        self._enter(Phase.RUNNING)
        folders = [member.folder for member in self.members]
        with self.workload.while_running(folders), ExitStack() as stack:
            processes = members.start(self.members, self.workload.memory.size, self._turn, stack)
            stack.callback(members.send, processes, signal.SIGKILL)
            self.gang.carry(processes)
            self._follow(processes)
        if not self._halt and any(process.is_lost for process in processes):
            raise Unfinished("The process that kept the job's sandbox was killed.", counted=True)
        other = self.gang.failure
        if self._failed and not (other and other.at < self.failed_at):
            return self._reason_of(self._failed)
        return other.reason if other else ""

    def _follow(self, processes: list[child.Child]) -> None:
        """Read the members' output until all have ended. Kill the others when one fails, unless the job stops."""
        kill_at = 0.0
        has_failed = False
        with selectors.DefaultSelector() as selector:
            for member in self.members:
                selector.register(member.output, selectors.EVENT_READ, member)
            selector.register(processes[0], selectors.EVENT_READ)  # all have the zygote's socket
            while None in [process.poll() for process in processes] or not (has_failed or self.gang.is_over):
                ready, began = selector.select(TURN), time.monotonic()
                is_flooded = any(member.journal.is_flooded for member in self.members)
                for key, _ in ready:
                    share = FLOOD_SHARE if is_flooded else 1.0
                    if key.data and not key.data.read(share * TURN / len(self.members)):
                        selector.unregister(key.data.output)
                if is_flooded:  # who prints so fast waits for its pipe, and other jobs for nobody
                    time.sleep(min(TURN, (time.monotonic() - began) * (1 / FLOOD_SHARE - 1)))
                self._turn()
                if not self._halt and not has_failed and (has_failed := self._is_failure_known()):
                    members.send(processes, signal.SIGKILL)  # of a stopped job each member has its time to save
                if self._halt and not kill_at:
                    kill_at = time.monotonic() + GRACE
                    if self._halt is Ending.STOPPED:
                        self._enter(Phase.STOPPING)
                    members.send(processes, signal.SIGTERM)
                elif kill_at and time.monotonic() > kill_at:
                    members.send(processes, signal.SIGKILL)
                    running = [process.pid for process in processes if process.exit_code is None]
                    if running and time.monotonic() > kill_at + UNKILLABLE:
                        raise child.ZygoteLost(f"it does not report the end of process {running}")
        for member in self.members:
            member.read(LAST_READ)
            member.folder.secure()
        self._is_failure_known()

    def _is_failure_known(self) -> bool:
        """Whether a member has failed, here or elsewhere, and no earlier failure of another machine is on its way."""
        if not self._failed and (failed := members.first_failed(self.members)):
            self._failed, self.failed_at = failed, time.monotonic()
        other = self.gang.failure
        known = [self.failed_at] if self._failed else []
        known += [other.at] if other else []
        return bool(known) and time.monotonic() >= min(known) + self.gang.settle

    def _upload(self) -> None:
        """Upload what the members left."""
        folders = [member.folder for member in self.members] + self.gang.folders(self.workload.volume)
        outputs = self.workload.outputs(folders, stopped=self._halt is not None)
        if not outputs:
            return
        self._enter(Phase.UPLOADING)
        self._in_thread(lambda: self.workload.upload(outputs, self._root, self.transfers), first=self._close_journals)

    def _in_thread(
        self, work: Callable[[], T], may_halt: bool = False, first: Callable[[], None] = lambda: None
    ) -> T:  # fmt: skip
        """Return the result of `work`, done in a thread while this one does `first` and then takes its turns.

        Cancels transfers on errors.
        """
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(work)
            try:
                first()
                while not wait([future], TURN).done:
                    self._turn()
                    if may_halt and self._halt:
                        raise Halted
            except BaseException:
                self.transfers.cancel()
                raise
        return future.result()

    def _turn(self) -> None:
        """Write the logs, check the claim, and find out whether the job is to end."""
        self._write_notes()
        for member in self.members:
            member.measure()
            member.journal.flush_if_due()
        self.claim.check()
        self.gang.check()
        at = time.monotonic()
        if at - self._saved_at >= SAVE:
            self._save_metrics(at)
        if not self._halt and (ending := self._early_ending(at)):
            self._halt = ending
            self.gang.halt(ending)

    def _early_ending(self, at: float) -> Ending | None:
        """Why the members are to end before they do by themselves, if they are; `at` is the time."""
        if self.workload.stop_requested:
            return Ending.STOPPED
        return Ending.TIME_LIMIT if at > self.deadline else None

    def _enter(self, phase: Phase) -> None:
        """Record that a phase begins."""
        self.workload.enter(phase)

    def final_metrics(self) -> list[dict]:
        """Return the last value of each metric so far."""
        return members.final_metrics(self.members, self.gang.metrics)

    def _save_metrics(self, at: float) -> None:
        """Write the metrics' last values to the row, if they have changed."""
        self._saved_at, values = at, self.final_metrics()
        if values != self._saved:
            self.workload.save_metrics(values)
            self._saved = values

    def _write_notes(self) -> None:
        """Add what the workload has noted to the log."""
        while self.workload.notes:
            self._note(self.workload.notes.popleft())

    def _close_journals(self) -> None:
        """Write what the members have printed. It can be repeated when there are more notes."""
        self._write_notes()
        for member in self.members:
            member.journal.close()

    def _note(self, text: str) -> None:
        """Add a line of the engine's own to the first member's log."""
        for member in self.members[:1]:
            member.journal.add_note(text)


def _is_store_failure(error: Exception) -> bool:
    """Return whether the object store is away or unwell, which passes."""
    if isinstance(error, ClientError):
        return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500
    return isinstance(error, STORE_AWAY)
