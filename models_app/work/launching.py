"""Launches jobs at SageMaker: one job for each row, however often it is asked and whatever answer is lost."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from django.db.models import F
from django.utils.timezone import now

from models_app import aws
from models_app.aws import s3_store
from models_app.problems import Problem
from models_app.work.stopping import Stopping


class Launching(Stopping):
    """How the jobs of one kind are launched, and stopped. The name of a job is ours: two requests start one job."""

    @abstractmethod
    def create(self, row: Any) -> str:
        """Ask SageMaker for the job of `row`; return its ARN. Raises what `aws` raises."""

    @abstractmethod
    def taken(self, row: Any) -> Any:
        """The message that another client has a job of the name of `row`."""

    def create_once(self, row: Any) -> str:
        """The ARN of the job of `row`, created now or by an earlier request whose answer was lost. Raises Problem."""
        try:
            with aws.plain_errors():
                return self.create(row)
        except aws.AlreadyExists:
            if arn := self.arn_of_ours(row):
                return arn
            raise aws.Refused(self.taken(row)) from None

    def start(self, row: Any, create: Callable[[Any], str]) -> bool:
        """Move `row` on by what `create` returns or raises; True if its job is started. Raises aws.Unavailable."""
        status = self.rows.Status
        try:
            arn = create(row)
        except aws.Unavailable as e:
            row.show_note(e.message)
            raise
        except Problem as e:
            row.move_to(status.FAILED, failure_reason=e.english, ended=now(), note="")
            return False
        row.move_to(status.IN_PROGRESS, arn=arn, note="")
        return True


class TableLaunching(Launching):
    """How jobs that learn from a prepared table are launched. Their rows count the requests in `launch_attempts`."""

    @abstractmethod
    def table_of(self, row: Any) -> tuple[str, str]:
        """The address of the table that `row` learns from, and its version when it was checked."""

    def launch(self, row: Any) -> None:
        """Ask SageMaker to start the job of `row`. Repeatable. Raises aws.Unavailable."""
        if row.status != self.launching:
            return
        if row.stop_requested:
            self.end_launch(row)
            return
        launchable = self.rows.objects.filter(pk=row.pk, status=self.launching, stop_requested=False)
        if not launchable.update(launch_attempts=F("launch_attempts") + 1):
            return
        if self.start(row, lambda row: self._launched_before(row) or self.create_once(row)):
            self.after_launch(row)

    def arn_of_launched(self, row: Any) -> str:
        """As `Stopping` has it, without a request where SageMaker was never asked."""
        return super().arn_of_launched(row) if row.launch_attempts else ""

    def _launched_before(self, row: Any) -> str:
        """The ARN of the job if an earlier request created it and its answer was lost; "" if none did.

        Raises Problem when the table was replaced since it was checked: then nothing is launched.
        """
        uri, etag = self.table_of(row)
        try:
            s3_store.must_be(s3_store.locate(uri), etag, "nothing was started")
        except aws.Unavailable:
            raise
        except Problem:
            row.refresh_from_db(fields=["launch_attempts"])
            if row.launch_attempts > 1 and (arn := self.arn_of_ours(row)):
                return arn  # the table was the same when the job was started
            raise
        return ""
