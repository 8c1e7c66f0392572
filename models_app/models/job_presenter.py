"""What pages say of a training job: words, tone, stages, progress. Reads the row; asks nothing."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

import algorithms
from algorithms.spec import EPOCH, TrainingLog
from jobs import instances
from jobs.code.spec import CodeSpec
from models_app.models.presenters import DONE, FAIL, NOW, STOP, TONES, WAIT, FollowedPresenter, Metric
from models_app.text.code_failures import explain_code, with_line
from models_app.text.failures import Failure, error_lines, explain, of_report

UNCLAIMED_AFTER = timedelta(seconds=20)  # a worker's heartbeats are 2 s apart
LOG_END = 300  # lines in which the cause of a failure is looked for
LONG_ROUND, LONGER = 60, 10  # seconds, and times the usual, after which a round without an end is no usual round
_STEPS = {
    "Starting": gettext_noop("Starting"),
    "LaunchingMLInstances": gettext_noop("Starting an instance"),
    "PreparingTrainingStack": gettext_noop("Preparing the instance"),
    "Pending": gettext_noop("Waiting for an instance"),
    "Downloading": gettext_noop("Downloading the data"),
    "DownloadingTrainingImage": gettext_noop("Downloading the training image"),
    "Training": gettext_noop("Training"),
    "Interrupted": gettext_noop("Interrupted; SageMaker starts it again"),
    "Uploading": gettext_noop("Saving the model"),
    "Stopping": gettext_noop("Stopping"),
}


class JobPresenter(FollowedPresenter):
    """How a training job looks."""

    FOLLOWED = ("InProgress", "Stopping")

    @property
    def status_word(self) -> str:
        """The status in a person's words."""
        if self.stop_requested and not self.is_final:
            return "Stopping"
        return self.Status(self.status).label  # get_status_display builds a dictionary each time

    @property
    def tone(self) -> str:
        """The colour and icon of the status."""
        return TONES.get(self.status_word, "info")

    @property
    def status_note(self) -> str:
        """What it is at or waits for, in a few words; a note is translated if it is known."""
        if self.note:
            return self.note
        if self.status == "Created" and not self._is_claimed:
            return _("Waiting for a reader")
        if self.status == "Created":
            step, pct = _(self.preparing.get("step") or gettext_noop("Preparing the data")), self.prepared_pct
            return f"{step}, {pct:.0f} %" if pct is not None else step
        if self.status == "Launching":
            return _("Asking SageMaker")
        if self.status == "InProgress" and self.round and self.secondary_status in ("Training", ""):
            return self.unit_of(self.round, self.rounds)
        if self.status in ("InProgress", "Stopping"):
            step = _STEPS.get(self.secondary_status, self.secondary_status)
            return _(step) if step else ""
        if self.status == "Failed":
            failure = self.row_failure
            return failure.headline if failure else ""
        return ""

    @property
    def _is_claimed(self) -> bool:
        """A worker has it, or may have it by now."""
        return now() - max(self.heartbeat or self.status_since, self.status_since) < UNCLAIMED_AFTER

    @property
    def round(self) -> int:
        """The latest round seen in the log, counted from 1; 0 before the first."""
        return self.progress.get("round", 0)

    @property
    def rounds(self) -> int | None:
        """How many rounds there will be, when that is known."""
        name = self._log.rounds
        total = str(self.hyperparameters[name] if name in self.hyperparameters else self._default_of(name))
        return int(total) if total.isdigit() else None

    def _default_of(self, hyperparameter: str) -> object:
        known = algorithms.ALGORITHMS.get(self.algorithm)
        return next((h.default for h in known.hyperparameters if h.name == hyperparameter), None) if known else None

    @property
    def is_judged(self) -> bool:
        """Its algorithm tells figures to judge the model by; projecting onto components, say, has none."""
        algorithm = algorithms.ALGORITHMS.get(self.algorithm)
        return algorithm is None or any(metric.quality for metric in algorithm.metrics)

    @property
    def has_rounds(self) -> bool:
        """It goes on in rounds or epochs, so a learning curve is to be expected."""
        return self.algorithm not in algorithms.ALGORITHMS or bool(self._log.rounds and self.is_judged)

    @property
    def counts_epochs(self) -> bool:
        """It goes over the rows again and again, and does not build one tree after another."""
        return self._log.unit == EPOCH

    def unit_of(self, number: int, total: int | None = None) -> str:
        """ "Round 3 of 10", or "Epoch 3 of 10" where that is what is counted."""
        if total:
            words = _("Epoch %(n)s of %(total)s") if self.counts_epochs else _("Round %(n)s of %(total)s")
        else:
            words = _("Epoch %(n)s") if self.counts_epochs else _("Round %(n)s")
        return words % {"n": f"{number:,}", "total": f"{total or 0:,}"}

    @property
    def unit_word(self) -> str:
        """ "Round 3"; "Epoch 3"."""
        return self.unit_of(self.round)

    @property
    def _log(self) -> TrainingLog:
        """The log of its algorithm; of one the catalogue does not know, the log whose rounds are set for it."""
        if algorithm := algorithms.ALGORITHMS.get(self.algorithm):
            return algorithm.log
        logs = (each.log for each in algorithms.ALGORITHMS.values())
        return next((log for log in logs if log.rounds in self.hyperparameters), TrainingLog())

    @property
    def pct(self) -> float | None:
        """0 to 100 of the training itself; None when the total is not known."""
        if self.status == "Completed":
            return 100.0
        if "pct" in self.progress:
            return self.progress["pct"]
        return min(100.0, 100.0 * self.round / self.rounds) if self.rounds else None

    @property
    def prepared_pct(self) -> float | None:
        """0 to 100 of reading and preparing the data; None when nothing of it is known."""
        total = self.preparing.get("total") if self.status == "Created" else None
        return min(100.0, 100.0 * self.preparing.get("done", 0) / total) if total else None

    @property
    def eta_seconds(self) -> float | None:
        """How long training will still take if the rounds go on as they went; None when that cannot be told.

        Nor can it while no round ends: then it waits, or it has stopped working.
        """
        if self.status != "InProgress" or not (self.round and self.rounds and self.started) or self.silent_since:
            return None
        last = parse_datetime(self.progress.get("at", "")) or now()
        each = max(0.0, (last - self.started).total_seconds()) / self.round
        since = max(0.0, (now() - last).total_seconds())
        if since > max(LONG_ROUND, LONGER * each):
            return None
        return max(0.0, each * max(0, self.rounds - self.round) - since)

    @property
    def seconds(self) -> float | None:
        """How long it ran, or has been running; None before it started."""
        return ((self.ended or now()) - self.started).total_seconds() if self.started else None

    @property
    def metric(self) -> Metric | None:
        """The metric that the job is judged by; None before there is one."""
        p = self.progress
        if judged := p.get("judged"):
            return Metric(judged["name"], judged["value"], judged["goal"], judged["value"], 0)
        if "metric" not in p:
            return None
        return Metric(p["metric"], p["value"], p["goal"], p["best"], p["best_round"])

    @property
    def curve(self) -> list[float]:
        """The metric over the rounds so far, at most sixty values."""
        return self.progress.get("curve", [])

    @property
    def curve_upto(self) -> float:
        """How much of the planned rounds the curve covers, 0 to 1."""
        return min(1.0, self.round / self.rounds) if self.rounds and not self.is_final else 1.0

    @property
    def failure(self) -> Failure | None:
        """The explained failure with the line of the person's own code; None unless it failed."""
        return self._failure(with_location=True) if self.status == "Failed" else None

    @property
    def row_failure(self) -> Failure | None:
        """The failure as lists and notifications show it, from the row alone."""
        return self._failure(with_location=False) if self.status == "Failed" else None

    def _failure(self, with_location: bool) -> Failure | None:
        """The explained failure; `with_location` also finds the line of the person's own code in the log."""
        if self.preflight.get("blocks"):
            return of_report(self.preflight, self.failure_reason)
        file = CodeSpec.from_json(self.model.code).file if self.model and self.model.code else ""
        log = self.last_lines() if with_location else []
        errors = self.error_lines if self.error_lines is not None else error_lines(log)
        if failure := explain_code(self.failure_reason, log or errors, file):
            return failure
        failure = explain(self.failure_reason, errors)
        return with_line(failure, log, file) if failure else None

    def last_lines(self) -> list[str]:
        """The end of its log, in which the cause of a failure is looked for."""
        return [*self.lines.order_by("-number").values_list("text", flat=True)[:LOG_END]][::-1]

    @property
    def instance_count(self) -> int:
        """Instances it trains on, as SageMaker described it."""
        return self.described.get("ResourceConfig", {}).get("InstanceCount", 1)

    @property
    def cost(self) -> float | None:
        """US dollars so far; 0 on the engine, None when the price is not known."""
        return 0.0 if settings.BACKEND == "engine" else self.price

    @property
    def price(self) -> float | None:
        """Amazon's price so far in US dollars, wherever it runs; None when not known."""
        seconds = self.billable_seconds if self.billable_seconds is not None else self.seconds or 0
        return instances.cost(self.instance_type, seconds, self.instance_count)

    @property
    def stages(self) -> list[str]:
        """Data, Training, Evaluation, Deploy: each done, now, fail, stop or wait."""
        if self.status in ("Created", "Launching"):
            return [NOW, WAIT, WAIT, WAIT] if self.status == "Created" else [DONE, NOW, WAIT, WAIT]
        if self.status in ("Failed", "Stopped"):
            end = FAIL if self.status == "Failed" else STOP
            return [DONE, end, WAIT, WAIT] if self.arn else [end, WAIT, WAIT, WAIT]
        if self.status == "Completed":
            return [DONE, DONE, DONE if self.metric or self.log_done or not self.is_judged else WAIT, WAIT]
        return [DONE, NOW, WAIT, WAIT]
