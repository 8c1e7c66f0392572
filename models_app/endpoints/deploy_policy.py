"""The deploy gate: is a trained model as good as its maker asked for? Reads rows; asks nothing of AWS."""

import algorithms
from common.messages import _
from jobs.code.declaration import goal as code_goal
from jobs.code.kinds import ALGORITHM as CODE
from models_app.models import Model, TrainingJob
from models_app.text import formats

_UP = ("auc", "accuracy", "f1", "f_beta", "precision", "recall", "r2", "map", "ndcg")
_CHANNELS = ("validation", "test", "")  # whose figure counts, first of all; never the training rows'


def held_back(model: Model, job: TrainingJob) -> str:
    """Why `job` is not good enough to be deployed by itself, in words; "" when it is, or nothing was asked for."""
    least = model.deploy_threshold
    if least is None or not model.deploy_metric:
        return ""
    name, value = figure(job, model.deploy_metric)
    if value is None:
        return _(
            "Not deployed: the job reported no %(n)s to compare with %(least)s",
            n=_title(model.deploy_metric),
            least=f"{least:g}",
        )
    up = goal(job.algorithm, name) == "max"
    if value >= least if up else value <= least:
        return ""
    figure_text = formats.metric(value, name)
    if figure_text == formats.metric(least, name):  # a difference that rounding would hide
        figure_text = f"{value:.9g}"
    words = {"metric": _title(name), "shown": figure_text, "least": f"{least:g}"}
    if up:
        return _("Not deployed: %(metric)s %(shown)s is below %(least)s", **words)
    return _("Not deployed: %(metric)s %(shown)s is above %(least)s", **words)


def figure(job: TrainingJob, metric: str) -> tuple[str, float | None]:
    """(name, value) of the metric `wanted` for the model that `job` left: "auc" means that of the held-out rows.

    With early stopping the artifact holds the best round, so the best value counts; else the last one.
    """
    points = dict.fromkeys(job.points.order_by("name").values_list("name", flat=True).distinct())
    name = _named(metric, [*job.final_metrics, *points])
    if name is None:
        return metric, None
    if name in points and job.hyperparameters.get("early_stopping_rounds"):
        values = job.points.filter(name=name).values_list("value", flat=True)
        return name, (max if goal(job.algorithm, name) == "max" else min)(values)
    if name in job.final_metrics:
        return name, job.final_metrics[name]
    return name, job.points.filter(name=name).order_by("-round").values_list("value", flat=True)[0]


def _named(metric: str, names: list[str]) -> str | None:
    """`wanted`, or what has its title: the accuracy of many classes for that of two, where a job reported the other."""
    if metric in names:
        return metric
    title = formats.metric_name(metric)
    same = {name.rpartition(":")[0]: name for name in reversed(names) if formats.metric_name(name) == title}
    channels = (metric.rpartition(":")[0],) if ":" in metric else _CHANNELS
    return next((same[channel] for channel in channels if channel in same), None)


def goal(algorithm: str, name: str) -> str:
    """Whether more of the metric `name` is better: "max" or "min"."""
    base = name.split("@", 1)[0]
    if algorithm == CODE:
        return code_goal(base)
    if algorithm in algorithms.ALGORITHMS:
        metrics = {metric.name: metric.goal for metric in algorithms.get(algorithm).metrics}
        bare = base.partition(":")[2]
        if value := metrics.get(base) or metrics.get(bare):
            return value
    return "max" if any(word in base.lower() for word in _UP) else "min"


def _title(name: str) -> str:
    """Return the channel and the metric's name: "validation:auc" is "validation AUC"."""
    channel, title = name.rpartition(":")[0], formats.metric_name(name)
    return f"{channel} {title}" if channel else title
