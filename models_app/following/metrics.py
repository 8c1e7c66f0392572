"""Finds metric values in log lines, and sums up the one a model is judged by."""

import logging

import regex

import algorithms
from models_app.following import rounds
from models_app.models import MetricPoint, TrainingJob

SHOWN = 60  # values of the small curve
PATIENCE = 0.05  # seconds for one pattern of others on one line
_UP = ("auc", "accuracy", "f1", "precision", "recall", "r2", "map", "ndcg")
log = logging.getLogger(__name__)


def read(job: TrainingJob, lines: list[str]) -> list[MetricPoint]:
    """The points in `lines`: of round lines (`[12]#011train-auc:0.9`), and of whatever the job's own patterns find."""
    points: list[MetricPoint] = []
    patterns = None
    counters: dict[str, int] = {}
    for line in lines:
        if found := rounds.figures(line, job.hyperparameters):
            for name, number, value in found:
                _add(points, job, name, number, value)
            continue
        if patterns is None:
            patterns = _patterns(job)
        for name, pattern in patterns:
            if value := _search(pattern, line):
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


def _patterns(job: TrainingJob) -> list[tuple[str, regex.Pattern]]:
    """The job's own definitions; those of an algorithm we know only where its lines are not round lines."""
    defined = job.described.get("AlgorithmSpecification", {}).get("MetricDefinitions", [])
    if job.algorithm in rounds.ALGORITHMS:
        defined = []
    made = []
    for definition in defined:
        try:
            made.append((definition["Name"], regex.compile(definition["Regex"])))
        except regex.error as e:
            log.info("%s: the pattern of %s cannot be used: %s", job, definition["Name"], e)
    return made


def _search(pattern: regex.Pattern, line: str) -> str:
    try:
        found = pattern.search(line, timeout=PATIENCE)
    except TimeoutError:
        return ""
    return found[1] if found and found.re.groups else ""


def summarize(job: TrainingJob, new: list[MetricPoint]) -> None:
    """Bring `job.progress` up to the points stored by now; tell the timeline of a new best."""
    leading = _leading([point.name for point in new], job.progress.get("metric", ""))
    values = list(job.points.filter(name=leading).order_by("round").values_list("round", "value"))
    if not values:
        return
    goal = _goal(job, leading)
    best_round, best = (max if goal == "max" else min)(values, key=lambda pair: pair[1])
    before = job.progress.get("best")
    job.progress = {
        "round": values[-1][0] + 1,
        "metric": leading,
        "goal": goal,
        "value": values[-1][1],
        "best": best,
        "best_round": best_round + 1,
        "curve": _thinned([value for _, value in values]),
    }
    job.save(update_fields=["progress"])
    if before is not None and best != before:
        job.say(f"New best {leading} {best:.5g} in round {best_round + 1}")


def _leading(names: list[str], before: str) -> str:
    """The last metric on held-out rows, else the last one on the training rows; early stopping looks at the same."""
    names = [*([before] if before else []), *names]
    held_out = [name for name in names if name.startswith("validation:")]
    return (held_out or names)[-1]


def _goal(job: TrainingJob, name: str) -> str:
    base = name.split("@", 1)[0]
    if job.algorithm in algorithms.ALGORITHMS:
        for metric in algorithms.get(job.algorithm).metrics:
            if metric.name in (base, base.partition(":")[2]):
                return metric.goal
    return "max" if any(word in base.lower() for word in _UP) else "min"


def _thinned(values: list[float]) -> list[float]:
    """At most SHOWN values, evenly chosen, with the last one always there."""
    if len(values) <= SHOWN:
        return values
    step = (len(values) - 1) / (SHOWN - 1)
    return [values[round(i * step)] for i in range(SHOWN)]
