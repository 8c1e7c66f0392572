"""What a machine does that another one has asked to run some of a job's members."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from common.db.claim import ClaimLost, Unfinished
from engine.jobs.folder import JobFolder
from engine.jobs.machines.gang import Another, Failure, Over
from engine.jobs.runner import TURN, Runner
from engine.jobs.workload import Ending, Phase, Workload


class HelperRunner(Runner):
    """Runs the members that are this machine's. The first machine decides, writes the job's row and uploads."""

    gang: Another

    def __init__(self, workload: Workload, gang: Another):
        super().__init__(workload, gang)

    def _run(self, root: JobFolder) -> None:
        with suppress(Over):
            super()._run(root)

    def _ending(self) -> tuple[Ending, str]:
        """Do the work and report how it ended; wait until the first machine is done. Raises Over then."""
        with self._telling():
            ending, reason = super()._ending()
            metrics = self.final_metrics()
            self._close_journals()
            self.members = []
            if ending is Ending.FAILED:
                self.gang.report_failure(Failure(self.failed_at or time.monotonic(), reason))
            else:
                self.gang.report_end(metrics)
            while True:
                time.sleep(TURN)
                self._turn()

    def _turn(self) -> None:
        with self._telling():
            super()._turn()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Tell the first machine why this one leaves, before its members are ended and others see that."""
        try:
            yield
        except Unfinished as e:
            self.gang.leave(str(e), e.counted)
            raise
        except (ClaimLost, OSError) as e:
            self.gang.leave(str(e), counted=True)
            raise

    def _early_ending(self, at: float) -> Ending | None:
        return self.gang.halted

    def _enter(self, phase: Phase) -> None:
        """The first machine says which phase the job is in."""

    def _save_metrics(self, at: float) -> None:
        """The first machine writes the job's row."""

    def _upload(self) -> None:
        """Send the first machine what the members have left."""
        self._in_thread(self._send_all)

    def _send_all(self) -> None:
        for member in self.members:
            self.gang.send(member.folder, self._root, self.transfers, self.workload.volume)
