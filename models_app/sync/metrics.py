"""Finds metric values in log lines, and sums up the one a model is judged by."""

import logging
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.timezone import now

import algorithms
from common.linear_regex import InvalidRegex, compile_regex
from common.messages import _
from models_app.endpoints import deploy_policy
from models_app.models import MetricPoint, TrainingJob
from models_app.sync import log_lines, values
from models_app.text import formats

MAX_POINTS = 60  # values of the small curve
MAX_SEARCHED = 8192  # characters of a line that are searched, as the engine does
# What people judge a model by, of the figures an algorithm tells when it is done; the first that was told.
JUDGED = (
    "binary_classification_accuracy", "multiclass_accuracy", "accuracy", "f1", "rmse", "mse", "absolute_loss", "msd",
    "explained_variance",
)  # fmt: skip
log = logging.getLogger(__name__)


def read(job: TrainingJob, texts: list[str]) -> list[MetricPoint]:
    """The points in log lines: as our algorithms write them (`lines`), or as a job of others defines its metrics.

    A figure told once, when training is over, is its metric's round 0.
    """
    points: list[MetricPoint] = []
    patterns = None
    counters: dict[str, int] = {}
    for text in texts:
        if points_of_line := log_lines.read(text, job.algorithm, job.hyperparameters):
            for name, number, value in points_of_line:
                _add(points, job, name, number, value)
            continue
        if (share := log_lines.progress(text, job.algorithm)) is not None:
            job.progress = {**job.progress, "pct": share}
            continue
        if patterns is None:
            patterns = _patterns(job)
        for name, pattern in patterns:
            if value := _search(pattern, text):
                if name not in counters:
                    counters[name] = job.points.filter(name=name).count()
                _add(points, job, name, counters[name], value)
                counters[name] += 1
    return points


def _add(points: list[MetricPoint], job: TrainingJob, name: str, number: int, text: str) -> None:
    try:
        value = float(text)
    except ValueError:
        return
    if value == value and abs(value) != float("inf"):  # a database takes no NaN, and a chart cannot draw one
        points.append(MetricPoint(job=job, name=name[:80], round=number, value=value))


def _patterns(job: TrainingJob) -> list[tuple[str, Any]]:
    """The job's own definitions; the lines of an algorithm we know are read without them."""
    defined = job.described.get("AlgorithmSpecification", {}).get("MetricDefinitions", [])
    if job.algorithm in algorithms.ALGORITHMS:
        defined = []
    compiled = []
    for definition in defined:
        try:
            compiled.append((definition["Name"], compile_regex(definition["Regex"])))
        except InvalidRegex as e:
            log.info("%s: the metric %s is left out: its regular expression %s", job, definition["Name"], e)
    return compiled


def _search(pattern: Any, line: str) -> str:
    match = pattern.search(line[:MAX_SEARCHED])
    return (match[1] or "") if match and match.lastindex else ""


def summarize(job: TrainingJob, new: list[MetricPoint], at: datetime | None = None) -> None:
    """Bring `job.progress` up to the points stored by now; tell the timeline of a new best.

    `at` is when the last of them was logged, now if left out.
    """
    last = dict(job.points.values_list("name").annotate(Max("round")))
    # Figures told once, at the end, are no curve: where some metrics have rounds, the others only sum up.
    with_rounds = [name for name in last if last[name]] or [*last]
    leading = _leading([point.name for point in new if point.name in with_rounds], job.progress.get("metric", ""))
    rounds = list(job.points.filter(name=leading).order_by("round").values_list("round", "value"))
    if not rounds:
        return
    goal = deploy_policy.goal(job.algorithm, leading)
    best_round, best = (max if goal == "max" else min)(rounds, key=lambda pair: pair[1])
    before = job.progress.get("best") if job.progress.get("metric") == leading else None
    job.progress = {
        "round": rounds[-1][0] + 1 if job.has_rounds else 0,
        "metric": leading,
        "goal": goal,
        "value": rounds[-1][1],
        "best": best,
        "best_round": best_round + 1 if job.has_rounds else 0,
        "curve": _thinned([value for _, value in rounds]),
        "at": (at or now()).isoformat(),
    } | {name: job.progress[name] for name in ("pct", "judged") if name in job.progress}
    once = [name for name in last if name not in with_rounds]
    if not any(last.values()) and (job.counts_epochs or not job.has_rounds):
        once = [*last]  # one epoch is no curve either
    if judged := _judged(once):
        value = job.points.filter(name=judged).values_list("value", flat=True)[0]
        job.progress["judged"] = {"name": judged, "value": value, "goal": deploy_policy.goal(job.algorithm, judged)}
    job.save(update_fields=["progress"])
    latest = {point.name: point.value for point in sorted(new, key=lambda point: point.round)}
    values.store_job(job, latest)
    if before is not None and best != before:
        words = {"leading": formats.metric_message(leading), "best": formats.metric(best, leading)}
        job.say(_("New best %(leading)s %(best)s in round %(n)s", **words, n=best_round + 1))


def _judged(names: list[str]) -> str | None:
    """Of figures told at the end, the one to judge the model by: of held-out rows where there are, and well known."""
    for part in ("test", "validation", "train"):
        for judged_name in JUDGED:
            if (name := f"{part}:{judged_name}") in names:
                return name
    return None


def _leading(names: list[str], before: str) -> str:
    """The last metric on held-out rows, else the last one on the training rows; early stopping looks at the same."""
    names = [*([before] if before else []), *names]
    held_out = [name for name in names if name.startswith(("validation:", "test:"))]
    return (held_out or names or [""])[-1]


def _thinned(values: list[float]) -> list[float]:
    """At most SHOWN values, evenly chosen, with the last one always there."""
    if len(values) <= MAX_POINTS:
        return values
    step = (len(values) - 1) / (MAX_POINTS - 1)
    return [values[round(i * step)] for i in range(MAX_POINTS)]
