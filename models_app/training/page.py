"""What the page of a training job shows, taken from its row, its points, its lines and what SageMaker described."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

import algorithms
from models_app.aws import archive
from models_app.models import TrainingJob, TuningJob
from models_app.problems import Problem
from models_app.text import formats
from models_app.training.metrics import metric_title
from preflight import Report

MAX_EVENTS = 30  # of a timeline
TONES = {
    "Completed": "ok",
    "InService": "ok",
    "Failed": "err",
    "Stopped": "stop",
    "OutOfService": "stop",
    "Stopping": "warn",
    "RollingBack": "warn",
}


@dataclass(frozen=True)
class Step:
    """One stage of the pipeline, as partials/stepper.html draws it."""

    name: str
    status: str
    fact: str
    seconds: float | None = None
    pct: float | None = None


@dataclass(frozen=True)
class Moment:
    """One line of a timeline."""

    tone: str
    title: str
    text: str
    at: datetime | None
    url: str = ""


def steps_of(job: TrainingJob) -> list[Step]:
    """Data, Training, Evaluation, and Deploy for a job that belongs to a model."""
    model = job.model
    current_model = model if model and model.job_id == job.pk else None
    stages = current_model.stages if current_model else job.stages
    rows = (model.schema or {}).get("rows") if model else None
    not_started = _("Not started")
    facts = [
        _("%(count)s rows") % {"count": f"{rows:,}"}
        if rows
        else (_("Made elsewhere") if job.external else job.status_note),
        not_started if stages[1] == "wait" else _training(job),
        _evaluation(job) if stages[2] == "done" else not_started,
        current_model.endpoint.name
        if current_model and current_model.endpoint
        else _("Held back")
        if current_model and current_model.held_back
        else not_started,
    ]
    names = (pgettext("section", "Data"), pgettext("section", "Training"), _("Evaluation"), _("Deploy"))
    step_count = 4 if model else 3
    seconds = (None, job.seconds, None, None)
    shares = (job.prepared_pct, job.pct, None, None)
    return [Step(names[i], stages[i], facts[i], seconds[i], shares[i]) for i in range(step_count)]


def _training(job: TrainingJob) -> str:
    if job.status == TrainingJob.Status.COMPLETED:
        done = _("%(count)s epochs") if job.counts_epochs else _("%(count)s rounds")
        return done % {"count": f"{job.round:,}"} if job.round and job.has_rounds else _("Done")
    return job.status_note


def _evaluation(job: TrainingJob) -> str:
    metric = job.metric
    if metric is None:
        return _("No metric")
    return f"{metric_title(metric.name, job.algorithm)} {formats.metric(metric.best, metric.name)}"


def timeline_of(thing) -> list[Moment]:
    """What happened to a job or an endpoint, newest first."""
    moments = [
        Moment(TONES.get(event.became, "info"), event.text or _(event.became), "", event.at)
        for event in thing.events.all()[:MAX_EVENTS]
    ]
    return [*moments, *_archived_timeline(thing)][:MAX_EVENTS]


def _archived_timeline(thing) -> list[Moment]:
    """The events that are in the archive; none when it cannot be read, which the log's card says."""
    if not getattr(thing, "archive", ""):
        return []
    try:
        events = archive.events(thing.archive)[::-1][:MAX_EVENTS]
    except Problem:
        return []
    return [
        Moment(TONES.get(event["became"], "info"), _(event["text"] or event["became"]), "", _moment(event["at"]))
        for event in events
        if event["text"] or event["became"]
    ]


def transitions_of(job: TrainingJob) -> list[dict]:
    """SageMaker's SecondaryStatusTransitions, oldest first: status, message, start, seconds (None while it lasts)."""
    transitions = []
    for step in (job.described or {}).get("SecondaryStatusTransitions") or ():
        start, end = _moment(step.get("StartTime")), _moment(step.get("EndTime"))
        seconds = (end - start).total_seconds() if start and end else None
        transitions.append(
            {
                "status": step.get("Status", ""),
                "message": step.get("StatusMessage", ""),
                "start": start,
                "seconds": seconds,
            }
        )
    return transitions


def _moment(text) -> datetime | None:
    return parse_datetime(text) if isinstance(text, str) else None


def preflight_of(job: TrainingJob | TuningJob) -> Report | None:
    """What was checked before it was started; None when nothing was, as for jobs of others."""
    return Report.from_json(job.preflight) if job.preflight else None


def hyperparameters_of(job: TrainingJob) -> list[dict]:
    """The hyperparameters it was given, each with the default it replaces ("" when it is the default or has none)."""
    algorithm = algorithms.ALGORITHMS.get(job.algorithm)
    defaults = {h.name: str(h.default) for h in algorithm.hyperparameters if h.default is not None} if algorithm else {}
    return [
        {
            "name": name,
            "value": value,
            "default": defaults[name] if defaults.get(name, str(value)) != str(value) else "",
        }
        for name, value in sorted((job.hyperparameters or {}).items())
    ]
