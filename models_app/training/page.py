"""What the page of a training job shows, taken from its row, its points, its lines and what SageMaker described."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

import algorithms
from models_app.models import TrainingJob
from models_app.text import formats
from models_app.web.svg import Series
from preflight import Report

MAX_LINES = 1000
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
ORDER = ("validation", "test", "train")


@dataclass(frozen=True)
class Step:
    """One stage of the pipeline, as partials/stepper.html draws it."""

    name: str
    status: str
    fact: str
    seconds: float | None = None
    pct: float | None = None


@dataclass(frozen=True)
class Curve:
    """A learning curve and the choice of metrics it was taken from."""

    key: str
    title: str
    keys: list[tuple[str, str]]
    series: list[Series]
    summary: str
    x_end: int | None
    goal: float | None = None  # the deploy gate, when it looks at this metric


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
    return f"{formats.metric_name(metric.name)} {formats.metric(metric.best, metric.name)}"


def curve_of(job: TrainingJob, metric_key: str = "") -> Curve | None:
    """The learning curve of the metric `wanted`, by default the one the job is judged by; None before any point."""
    points = job.points.order_by("name", "round").values_list("name", "round", "value")
    # Logs count rounds from 0, people from 1; the words beside the curve do, too.
    by_name = {name: [(r + 1, v) for _name, r, v in some] for name, some in groupby(points, key=lambda p: p[0])}
    if not by_name:
        return None
    by_name = _followed(job, by_name)
    if not by_name:
        return None
    keys = list(dict.fromkeys(formats.metric_key(name) for name in by_name))
    judged = formats.metric_key(job.progress.get("metric", keys[0]))
    key = metric_key if metric_key in keys else judged if judged in keys else keys[0]
    names = sorted((n for n in by_name if formats.metric_key(n) == key), key=_rank)
    best = job.metric if job.metric and job.metric.best_round and job.metric.name in names else None
    series = [
        Series(
            _channel(name),
            by_name[name],
            f"s{i + 1}",
            best=(best.best_round, best.best) if best and best.name == name else None,
        )
        for i, name in enumerate(names[:4])
    ]
    title = formats.metric_name(key)
    return Curve(
        key,
        title,
        [(k, formats.metric_name(k)) for k in keys],
        series,
        _summary(job, best, title),
        job.rounds if not job.is_final else None,
        _gate(job, key),
    )


def _followed(job: TrainingJob, by_name: dict[str, list]) -> dict[str, list]:
    """The metrics that make a curve: figures told only once, when training is over, do not."""
    longest = max(len(points) for points in by_name.values())
    if longest == 1:
        one_round = job.rounds == 1 and not job.counts_epochs
        return by_name if one_round or (job.has_rounds and not job.is_final) else {}
    return {name: points for name, points in by_name.items() if len(points) > 1}


def figures_of(job: TrainingJob) -> list[tuple[str, str]]:
    """(title, value) of the figures the job told once, when training was over."""
    points = job.points.order_by("name", "round").values_list("name", "value")
    by_name = {name: [v for _name, v in some] for name, some in groupby(points, key=lambda p: p[0])}
    curves = _followed(job, by_name) if by_name else {}
    final_names = sorted((name for name in by_name if name not in curves), key=lambda name: (_rank(name), name))
    return [(metric_title(name), formats.metric(by_name[name][-1], name)) for name in final_names]


def metric_title(name: str) -> str:
    """ "validation:auc" is "Validation AUC"."""
    channel = name.replace("-", ":").removesuffix(":final").rpartition(":")[0]
    title = formats.metric_name(name)
    words = {
        "validation": _("Validation %(metric)s"),
        "train": _("Training %(metric)s"),
        "test": _("Test %(metric)s"),
    }
    return words.get(channel, "%(metric)s") % {"metric": title}


def best_note(job) -> str:
    """When the figure it is judged by was reached."""
    at = job.metric.best_round if job.metric else 0
    if not at:
        return _("When training was over")
    return (_("Best at epoch %(round)s") if job.counts_epochs else _("Best at round %(round)s")) % {"round": f"{at:,}"}


def _gate(job: TrainingJob, key: str) -> float | None:
    model = job.model
    if model is None or not model.deploy_metric or formats.metric_key(model.deploy_metric) != key:
        return None
    return model.deploy_threshold


def _summary(job: TrainingJob, best, title: str) -> str:
    words = []
    if job.round:
        words.append(f"{job.unit_of(job.round, job.rounds)}.")
    if best:
        facts = {"metric": title, "value": formats.metric(best.best, best.name), "round": f"{best.best_round:,}"}
        at_epoch = _("Best %(metric)s %(value)s at epoch %(round)s.")
        words.append((at_epoch if job.counts_epochs else _("Best %(metric)s %(value)s at round %(round)s.")) % facts)
    return " ".join(words)


def _rank(name: str) -> int:
    channel = name.replace("-", ":").partition(":")[0]
    return ORDER.index(channel) if channel in ORDER else len(ORDER)


def _channel(name: str) -> str:
    titles = {"validation": _("Validation"), "train": pgettext("section", "Training"), "test": _("Test")}
    channel = name.replace("-", ":").partition(":")[0]
    return titles.get(channel, name)


def lines_of(job: TrainingJob, *, after: int = 0, find: str = "") -> dict:
    """The last thousand log lines after line `after`, or those that hold `find`; and how many came before them."""
    rows = job.lines.filter(number__gt=after)
    if find:
        rows = rows.filter(text__icontains=find)
    last = list(rows.order_by("-number")[:MAX_LINES])[::-1]
    lines = [Line(row.number, row.at, row.text.replace(TAB, "\t"), _level(row.text)) for row in last]
    return {
        "lines": lines,
        "earlier": lines[0].number - 1 if lines and not after and not find else 0,
        "last_line": lines[-1].number if lines else after,
        "first_error": next((line.number for line in lines if line.level == "err"), None),
    }


def _level(text: str) -> str:
    head = text[:200].upper()
    if "ERROR" in head or "TRACEBACK" in head or "EXCEPTION" in head:
        return "err"
    return "warn" if "WARN" in head else ""


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
