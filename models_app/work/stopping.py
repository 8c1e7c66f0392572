"""Stops jobs, wherever they are: before their launch, while SageMaker is asked for it, and at SageMaker."""

import logging
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.utils.timezone import now

from common.db.claim import UNCLAIMED
from common.db.nudge import nudge
from models_app import aws
from models_app.aws.ownership import is_ours
from models_app.work.enqueue import enqueue

MESSAGES_AT_ONCE = 100  # for jobs that are stopped together; `sync.reconcile` sends the rest
log = logging.getLogger(__name__)


class Stopping(ABC):
    """How the jobs of one kind are stopped. A subclass declares what differs.

    A person's wish is the row's `stop_requested`; `take_step`, which the task calls, acts on it. `created` and
    `launching` are the statuses before SageMaker has the job, of a kind that is launched here: the first before it is
    asked, the second while it is.
    """

    rows: ClassVar[Any]  # the model: a LiveRow with `stop_requested`
    stoppable: ClassVar[tuple[str, ...]]  # the statuses in which a stop is accepted
    created: ClassVar[str] = ""
    launching: ClassVar[str] = ""
    task: ClassVar[str]  # that calls `take_step`, as `enqueue` takes it
    topics: ClassVar[tuple[str, ...]] = ()  # of other lists that show these jobs

    @abstractmethod
    def ask(self, row: Any) -> None:
        """Ask SageMaker to stop the job of `row`. Repeatable."""

    @abstractmethod
    def launch(self, row: Any) -> None:
        """Launch `row`, which calls `end_launch` for one that is to be stopped. Repeatable."""

    @abstractmethod
    def describe(self, row: Any) -> str:
        """The ARN of the job at SageMaker that has the name of `row`. Raises what `aws` raises."""

    def arn_of_ours(self, row: Any) -> str:
        """The ARN of the job of `row` at SageMaker; "" if there is none that is ours. Raises aws.Unavailable."""
        try:
            with aws.plain_errors():
                arn = self.describe(row)
        except aws.NotFound:
            return ""
        return arn if is_ours(arn, row) else ""

    def arn_of_launched(self, row: Any) -> str:
        """The ARN of the job that an earlier request of ours created, whose answer was lost; "" without one."""
        return self.arn_of_ours(row)

    def stop(self, row: Any) -> bool:
        """Stop `row`: before its launch it is never launched. Repeatable; False if it cannot be stopped any more."""
        wanted = self.rows.objects.filter(pk=row.pk, status__in=self.stoppable).update(stop_requested=True)
        row.refresh_from_db()
        if not wanted:
            return False
        if not self._end_created(row):
            row.changed()
            enqueue(self.task, row.pk)
        return True

    def stop_many(self, pks: list[int]) -> int:
        """Stop those of these jobs that can be stopped; return their number. Those at SageMaker follow in seconds."""
        rows = self.rows.objects.filter(pk__in=pks, status__in=self.stoppable)
        created = list(rows.filter(status=self.created))
        others = rows.exclude(status=self.created)
        first = list(others.values_list("pk", flat=True)[:MESSAGES_AT_ONCE])
        stops = others.update(stop_requested=True)
        for pk in first:
            enqueue(self.task, pk)
        if stops:
            every, one = self.rows.TOPICS
            nudge(every, *self.topics, *(f"{one}-{pk}" for pk in first))
        return stops + sum(self.stop(row) for row in created)

    def take_step(self, row: Any) -> None:
        """Take the step of a requested stop that is due by the status of `row`. Repeatable. Raises aws.Unavailable."""
        if not row.stop_requested or self._end_created(row):
            return
        if row.status == self.launching:
            self.launch(row)
        elif row.status == self.rows.Status.IN_PROGRESS:
            try:
                with aws.plain_errors():
                    self.ask(row)
            except aws.Refused as e:
                log.info("%s was not stopped: %s", row, e.message)  # it has ended, most likely; following it will tell
                return
            row.move_to(self.rows.Status.STOPPING)

    def end_launch(self, row: Any) -> None:
        """Stop `row`, whose launch is not known to be done. SageMaker may have been asked for it all the same."""
        status = self.rows.Status
        if arn := self.arn_of_launched(row):
            if row.move_to(status.IN_PROGRESS, arn=arn, note=""):
                self.take_step(row)
        else:
            row.move_to(status.STOPPED, ended=now(), note="")

    def after_launch(self, row: Any) -> None:
        """Stop `row`, which SageMaker has now, if that was requested while it was asked."""
        row.refresh_from_db()
        self.take_step(row)

    def overdue(self) -> list[tuple[str, int]]:
        """(task, key) of each job that SageMaker has and was not yet asked to stop."""
        rows = self.rows.objects.filter(status=self.rows.Status.IN_PROGRESS, stop_requested=True)
        return [(self.task, pk) for pk in rows.values_list("pk", flat=True)]

    def _end_created(self, row: Any) -> bool:
        """End `row` if SageMaker was never asked for it; False for another, or if a worker has just moved it on."""
        stopped = self.rows.Status.STOPPED
        return row.status == self.created and row.move_to(stopped, ended=now(), note="", **UNCLAIMED)
