"""What the page of a training job shows, taken from its row, its points, its lines and what SageMaker described."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

import algorithms
from models_app.models import TrainingJob
from models_app.text import formats
from models_app.training.metrics import metric_title
from preflight import Report

MAX_LINES = 1000
BEFORE_ERROR, AFTER_ERROR = 4, 12  # lines that are shown around the first error
# The word, or the name of a class of Python; train-merror:0.3 and multi_error: 0.3 are metrics.
_ERROR = re.compile(
    r"(?<![\w-])(?:ERROR|Error|error)(?![\w-]|:? ?[0-9.])|[a-z]Error\b|EXCEPTION|Exception\b|(?i:\btraceback\b)"
)
TAB = "#011"  # as CloudWatch keeps a tab, after syslog's octal escape of control characters
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


@dataclass(frozen=True)
class Line:
    number: int
    at: datetime
    text: str
    level: str


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


def lines_of(job: TrainingJob, *, after: int = 0, find: str = "", at_error: bool = False) -> dict:
    """The last thousand log lines after line `after`, or those that hold `find`; and how many came before them.

    `at_error` is for a job that failed: a few lines around the first error, where there is one.
    """
    rows = job.lines.filter(number__gt=after)
    if find:
        rows = rows.filter(text__icontains=find)
    last = list(rows.order_by("-number")[:MAX_LINES])[::-1]
    lines = [Line(row.number, row.at, row.text.replace(TAB, "\t"), level_of(row.text)) for row in last]
    first_error = next((line.number for line in lines if line.level == "err"), None)
    shown = lines
    if at_error and first_error and job.status == TrainingJob.Status.FAILED and not after and not find:
        shown = [line for line in lines if first_error - BEFORE_ERROR <= line.number <= first_error + AFTER_ERROR]
    return {
        "lines": shown,
        "earlier": lines[0].number - 1 if lines and not after and not find else 0,
        "last_line": lines[-1].number if lines else after,
        "first_error": first_error,
        "hidden": len(lines) - len(shown),
    }


def level_of(text: str) -> str:
    """err or warn for a line of a log that tells of an error or a warning, else ""."""
    head = text[:200]
    return "err" if _ERROR.search(head) else "warn" if "WARN" in head.upper() else ""


def timeline_of(thing) -> list[Moment]:
    """What happened to a job or an endpoint, newest first."""
    return [
        Moment(TONES.get(event.became, "info"), event.text or _(event.became), "", event.at)
        for event in thing.events.all()[:30]
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


def preflight_of(job: TrainingJob) -> Report | None:
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
