"""The evaluation of a trained model on its test rows or on a table that a person names."""

from django.db import models
from django.utils.timezone import now

from common.db.claim import Claimable
from common.db.nudge import nudge
from common.db.status import StatusRow
from models_app.models.job import TrainingJob
from models_app.models.message_field import MessageField


class Evaluation(Claimable, StatusRow):
    """One evaluation of the model that one training job made. Done again, it begins anew in the same row.

    `on` is the table that a person named, "" for what the job itself left: its test rows, without a label its table.
    """

    class Status(models.TextChoices):
        QUEUED = "Queued", "Queued"
        RUNNING = "Running", "Evaluating"
        DONE = "Done", "Done"
        FAILED = "Failed", "Failed"

    MOVES = {
        Status.QUEUED: (Status.RUNNING, Status.FAILED),
        Status.RUNNING: (Status.QUEUED, Status.DONE, Status.FAILED),
        Status.FAILED: (Status.QUEUED,),
        Status.DONE: (Status.QUEUED,),
    }
    OPEN = (Status.QUEUED, Status.RUNNING)

    job = models.ForeignKey(TrainingJob, models.CASCADE, related_name="evaluations")
    on = models.CharField(max_length=1200, blank=True, help_text="s3://bucket/key of a table that a person named")
    created = models.DateTimeField(default=now)
    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED)
    document = models.JSONField(default=dict, help_text="evaluation.document.evaluation_document; {} until it is done")
    predictions_uri = models.CharField(max_length=1200, blank=True, help_text="The table of predictions, as CSV")
    failure = MessageField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["worker"]), models.Index(fields=["status", "status_since"])]
        constraints = [models.UniqueConstraint(fields=["job", "on"], name="one_evaluation_of_a_job_on_a_table")]

    def __str__(self) -> str:
        return f"evaluation of job {self.job_id}"  # no query: worker threads log it

    @property
    def is_open(self) -> bool:
        """True while it waits or runs."""
        return self.status in self.OPEN

    def changed(self) -> None:
        """Nudge the pages that show this evaluation."""
        nudge(f"job-{self.job_id}")

    def moved(self, was, became, at) -> None:
        """Have the pages that show it ask again."""
        self.changed()
