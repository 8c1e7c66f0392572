"""What a tuning job knows from its parents: the points that they tried, and how good those were."""

from collections.abc import Mapping, Sequence
from statistics import fmean, pstdev
from typing import Any

from engine.models import HyperParameterTuningJob, TrainingJob
from engine.tuning.objective import sign_of, value_of
from engine.tuning.ranges import Point, Ranges

TRANSFER, IDENTICAL = "TransferLearning", "IdenticalDataAndAlgorithm"
Known = list[tuple[Point, float]]  # larger is better


def parent_names(request: Mapping[str, Any]) -> list[str]:
    """The parents of a CreateHyperParameterTuningJob request."""
    parents = request.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", ())
    return [parent["HyperParameterTuningJobName"] for parent in parents]


def parents_of(job: HyperParameterTuningJob) -> list[HyperParameterTuningJob]:
    """The parents, in the order of their creation; one that was deleted since is left out."""
    names = parent_names(job.request)
    return list(HyperParameterTuningJob.objects.filter(region=job.region, name__in=names).order_by("pk"))


def all_training_jobs(job: HyperParameterTuningJob) -> list[TrainingJob]:
    """The training jobs of the job and of its parents, those of the parents first."""
    return [child for one in [*parents_of(job), job] for child in one.training_jobs.order_by("pk")]


def known_points(job: HyperParameterTuningJob, ranges: Ranges) -> list[Known]:
    """What each parent results out inside of the new ranges, and last what the job itself has results out."""
    return [_known(one, ranges) for one in [*parents_of(job), job]]


def comparable(known: Sequence[Known], kind: str) -> Known:
    """All points together.

    Values of other data are of another scale: with TransferLearning each job's have mean 0 and standard deviation 1.
    """
    if kind != TRANSFER:
        return [pair for one in known for pair in one]
    return [pair for one in known for pair in _standardized(one)]


def _known(job: HyperParameterTuningJob, ranges: Ranges) -> Known:
    sign = sign_of(job.request)
    results = []
    for child in job.training_jobs.order_by("pk"):
        value = value_of(job.request, child)
        point = ranges.point_inside(child.request.get("HyperParameters", {}))  # a parent may have had it static
        if value is not None and point is not None:
            results.append((point, sign * value))
    return results


def _standardized(known: Known) -> Known:
    values = [value for _, value in known]
    spread = pstdev(values) if len(values) > 1 else 0.0
    return [(point, (value - fmean(values)) / spread if spread else 0.0) for point, value in known]
