"""The metrics of a training job as its page shows them: the learning curve and the final figures."""

from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

import algorithms
from algorithms.fold_score import COUNT, MARGIN, PART
from models_app.models import TrainingJob
from models_app.text import formats
from models_app.training.previous import previous_job
from models_app.web import charts
from models_app.web.svg import Series

ORDER = ("validation", "test", "train")
FOLDS = (f"{PART}:", f"{MARGIN}:")  # of the names of figures that `fold_words` shows


@dataclass(frozen=True)
class Curve:
    """A learning curve and the choice of metrics it was taken from."""

    key: str
    title: str
    keys: list[tuple[str, str]]
    series: list[Series]
    summary: str
    x_end: int | None
    table: charts.Table
    goal: float | None = None  # the deploy gate, when it looks at this metric
    is_whole: bool = False  # the axis goes to the last round that is planned


def curve_of(job: TrainingJob, metric_key: str = "", whole: bool = False) -> Curve | None:
    """The learning curve of the metric `wanted`, by default the one the job is judged by; None before any point.

    It shows the rounds so far, the job before it dashed; `whole` shows those that are to come too.
    """
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
            _channel(name, job.algorithm),
            by_name[name],
            f"s{i + 1}",
            best=(best.best_round, best.best) if best and best.name == name else None,
        )
        for i, name in enumerate(names[:4])
    ]
    now = max(x for points in series for x, _y in points.points)
    previous = previous_job(job)
    if previous and (before := _points(previous, names[0], None if job.is_final else now)):
        series.append(Series(_("Before: %(name)s") % {"name": previous.name}, before, "s6", dash=True))
    title = formats.metric_name(key)
    is_whole = whole and not job.is_final
    return Curve(
        key,
        title,
        [(k, formats.metric_name(k)) for k in keys],
        series,
        _summary(job, best, title),
        job.rounds if is_whole else None,
        _table(job, series, key),
        _gate(job, key),
        is_whole,
    )


def _points(job: TrainingJob, name: str, last: float | None) -> list[tuple[int, float]]:
    """The points of the metric `name` of `job`, up to round `last`."""
    rows = job.points.filter(name=name).order_by("round").values_list("round", "value")
    return [(r + 1, v) for r, v in rows if last is None or r + 1 <= last]


def _table(job: TrainingJob, series: list[Series], key: str) -> charts.Table:
    by_round = [dict(one.points) for one in series]
    rows = [
        [f"{x:,}", *(formats.metric(values[x], key) if values.get(x) is not None else "-" for values in by_round)]
        for x in sorted(set().union(*by_round))
    ]
    return charts.table([_("Epoch") if job.counts_epochs else _("Round"), *(one.name for one in series)], rows)


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
    final_names = [name for name in by_name if name not in curves and not name.startswith(FOLDS)]
    final_names.sort(key=lambda name: (_rank(name), name))
    return [(metric_title(name, job.algorithm), formats.metric(by_name[name][-1], name)) for name in final_names]


def fold_words(job: TrainingJob) -> str:
    """How good the model is in folds of all rows that trained it, with the interval of the mean; "" without folds."""
    values = {point.name: point.value for point in job.points.filter(name__startswith=PART)}
    name = next((name for name in values if name.startswith(f"{PART}:")), "")
    margin = values.get(f"{MARGIN}:{name.removeprefix(f'{PART}:')}")
    if margin is None:
        return ""
    bounds = [formats.metric(values[name] + sign * margin, name) for sign in (-1, 1)]
    facts = {
        "count": COUNT,
        "metric": formats.metric_name(name.removeprefix(f"{PART}:")),
        "value": formats.metric(values[name], name),
        "interval": "–".join(bounds),
    }
    return _("%(count)s-fold %(metric)s of the training and validation rows: %(value)s (%(interval)s).") % facts


def metric_title(name: str, algorithm: str = "") -> str:
    """ "validation:auc" is "Validation AUC"; so is "test:auc" of an algorithm whose validation channel is "test"."""
    channel = metric_part(name, algorithm)
    title = formats.metric_name(name)
    words = {
        "validation": _("Validation %(metric)s"),
        "train": _("Training %(metric)s"),
        "test": _("Test %(metric)s"),
    }
    return words.get(channel, "%(metric)s") % {"metric": title}


def metric_part(name: str, algorithm: str = "") -> str:
    """The part of the rows that a metric is of: "validation", "train", "test", or "" where its name does not say."""
    return _part(name.replace("-", ":").removesuffix(":final").rpartition(":")[0], algorithm)


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


def _part(channel: str, algorithm: str) -> str:
    """The part of the rows that `channel` has: "validation" whatever its algorithm calls it."""
    known = algorithms.ALGORITHMS.get(algorithm)
    return "validation" if known and channel and channel == known.data.validation else channel


def _channel(name: str, algorithm: str) -> str:
    titles = {"validation": _("Validation"), "train": pgettext("section", "Training"), "test": _("Test")}
    return titles.get(_part(name.replace("-", ":").partition(":")[0], algorithm), name)
