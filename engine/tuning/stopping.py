"""Which training jobs of a tuning job are stopped before their end: the median rule, and Hyperband's rungs."""

from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import Any

from engine.models import HyperParameterTuningJob, TrainingJob
from engine.tuning.curves import Curve, curves_of

MAX_EPOCHS = 20_000  # AWS's limit of MaxResource
FEWEST = 3  # curves that a job is compared with; of fewer neither a median nor a best third means much
REDUCTION = 3  # of the jobs that reach one of Hyperband's rungs, one in so many goes on
EPOCHS = ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs")  # where AWS looks for MaxResource
Status = TrainingJob.Status


def stops_early(request: Mapping[str, Any]) -> bool:
    """Whether training jobs of such a tuning job may be stopped by what they report."""
    config = request["HyperParameterTuningJobConfig"]
    return config["Strategy"] == "Hyperband" or config.get("TrainingJobEarlyStoppingType", "Off") == "Auto"


def hopeless(job: HyperParameterTuningJob, children: Sequence[TrainingJob]) -> list[TrainingJob]:
    """The training jobs that train and are not worth going on with."""
    running = [child for child in children if child.status == Status.IN_PROGRESS and child.started]
    if not running or not stops_early(job.request):
        return []
    curves = curves_of(job, children)
    if job.request["HyperParameterTuningJobConfig"]["Strategy"] == "Hyperband":
        low, high = resources(job.request)
        everything = list(curves.values())
        return [child for child in running if fails_at_rung(curves[child.pk], everything, low, high or MAX_EPOCHS)]
    ended = [curves[child.pk] for child in children if child.status == Status.COMPLETED]
    return [child for child in running if is_below_median(curves[child.pk], ended)]


def is_below_median(curve: Curve, earlier: Sequence[Curve]) -> bool:
    """AWS's rule of TrainingJobEarlyStoppingType Auto.

    The last value is worse than the median of what earlier jobs had on average up to the same epoch.
    """
    epochs = len(curve)
    averages = [fmean(one[:epochs]) for one in earlier if epochs and len(one) >= epochs]
    return len(averages) >= FEWEST and curve[-1] < median(averages)


def fails_at_rung(curve: Curve, everything: Sequence[Curve], low: int, high: int) -> bool:
    """Asynchronous successive halving: whether a job is past `high` epochs, or not of the best third at its last rung.

    Rungs are at `low` epochs and at three times as many each. `everything` has the curves of all jobs, this one too.
    Source: Li et al., A System for Massively Parallel Hyperparameter Tuning (2020), the variant that stops jobs.
    """
    if len(curve) > high:
        return True
    rung = low
    if len(curve) < rung:
        return False
    while rung * REDUCTION <= min(len(curve), high - 1):
        rung *= REDUCTION
    values = sorted((one[rung - 1] for one in everything if len(one) >= rung), reverse=True)
    return len(values) >= FEWEST and curve[rung - 1] < values[len(values) // REDUCTION - 1]


def resources(request: Mapping[str, Any]) -> tuple[int, int | None]:
    """MinResource and MaxResource of a Hyperband job, in epochs; None where AWS could not infer the second either."""
    config = request["HyperParameterTuningJobConfig"].get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    static = request["TrainingJobDefinition"].get("StaticHyperParameters", {})
    inferred = next((int(v) for name in EPOCHS if (v := static.get(name, "").strip('"')).isdecimal()), None)
    return config.get("MinResource", 1), config.get("MaxResource", inferred)
