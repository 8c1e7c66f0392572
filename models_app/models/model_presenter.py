"""What pages say of a model: the story of its job and its endpoint, with which it must have been selected."""

from django.utils.translation import gettext as _

from models_app.models.presenters import DONE, FAIL, NOW, STOP, TONES, WAIT, Metric, Presenter
from models_app.text.failures import Failure


class ModelPresenter(Presenter):
    """How a model looks: the story of its latest job and its endpoint."""

    @property
    def status_word(self) -> str:
        """The status in a person's words: of its endpoint, or of its latest job."""
        job, endpoint = self.job, self.endpoint
        if self.deleting:
            return "Stopping"
        if job is None:
            return "Draft"
        if job.status != "Completed" or endpoint is None:
            return job.status_word
        if endpoint.status in ("Launching", "Creating"):
            return "Deploying"
        if endpoint.status == "Failed":
            return "Failed"
        return "Deployed" if endpoint.answers else "Ready"

    @property
    def held_back(self) -> str:
        """Why it was not deployed although it was to be when trained; "" when nothing held it back."""
        job = self.job
        return job.note if job and job.note and job.status == "Completed" and self.endpoint is None else ""

    @property
    def tone(self) -> str:
        """The colour and icon of the status."""
        return TONES.get(self.status_word, "info")

    @property
    def status_note(self) -> str:
        """What goes on or went wrong, in a line."""
        if self.deleting:
            return _("Deleting")
        if self.job and self.job.status == "Completed" and self.endpoint:
            if self.endpoint.status == "Failed":
                return _("Deployment failed: %(note)s") % {"note": self.endpoint.status_note}
            if self.endpoint.status == "Deleting":
                return _("Deleting the endpoint")
            return self.endpoint.status_note
        return self.job.status_note if self.job else ""

    @property
    def is_settled(self) -> bool:
        """Nothing is going on, so a page need not ask again."""
        return (
            not self.deleting
            and (self.job is None or self.job.is_final)
            and (self.endpoint is None or self.endpoint.is_settled)
        )

    @property
    def stages(self) -> list[str]:
        """Data, Training, Evaluation, Deploy: each done, now, fail, stop or wait."""
        stages = list(self.job.stages) if self.job else [WAIT] * 4
        if self.endpoint and self.job and self.job.status == "Completed":
            deploying = {"Failed": FAIL, "OutOfService": STOP, "Deleting": STOP, "Launching": NOW, "Creating": NOW}
            stages[3] = deploying.get(self.endpoint.status, DONE)
        return stages

    @property
    def pct(self) -> float | None:
        """0 to 100 of the stage that is now; None when it cannot be told."""
        job = self.job
        if job is None or job.is_final:
            return None
        return job.prepared_pct if job.status == "Created" else job.pct

    @property
    def metric(self) -> Metric | None:
        """The metric that its latest job is judged by; None before there is one."""
        return self.job.metric if self.job else None

    @property
    def curve(self) -> list[float]:
        """The values of the small curve of its latest job."""
        return self.job.curve if self.job else []

    @property
    def curve_upto(self) -> float:
        """The share of the curve's width that the job has reached, 0 to 1."""
        return self.job.curve_upto if self.job else 1.0

    @property
    def failure(self) -> Failure | None:
        """The explained failure of its job or endpoint; None when neither failed."""
        if self.job and self.job.status == "Failed":
            return self.job.failure
        return self.endpoint.failure if self.endpoint else None

    @property
    def cost(self) -> float | None:
        """US dollars of its latest job; None when the price is not known."""
        return self.job.cost if self.job else None

    @property
    def updated(self):
        """When it last changed visibly."""
        times = [self.created]
        times += [row.status_since for row in (self.job, self.endpoint) if row]
        return max(times)
