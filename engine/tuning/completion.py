"""When a tuning job starts nothing more: TuningJobCompletionCriteria, and the time that it may take."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from engine.models import HyperParameterTuningJob, TrainingJob
from engine.tuning.objective import best, sign_of, value_of

IMPROVEMENT = 0.01  # of the best value so far; less counts as none, as at AWS


def is_over(job: HyperParameterTuningJob, children: Sequence[TrainingJob], at: datetime) -> bool:
    """Whether one of the job's criteria is met, or its time has passed at `at`."""
    config = job.request["HyperParameterTuningJobConfig"]
    limit = config["ResourceLimits"].get("MaxRuntimeInSeconds")
    if limit and at - job.created > timedelta(seconds=limit):
        return True
    criteria = config.get("TuningJobCompletionCriteria", {})
    most = criteria.get("BestObjectiveNotImproving", {}).get("MaxNumberOfTrainingJobsNotImproving")
    if most and max(_counts(job.request, children), default=0) >= most:  # a job that ends later takes nothing back
        return True
    target, chosen = criteria.get("TargetObjectiveMetricValue"), best(job.request, children)
    if target is None or chosen is None or (value := value_of(job.request, chosen)) is None:
        return False
    sign = sign_of(job.request)
    return sign * value >= sign * target


def not_improving(request: Mapping[str, Any], children: Iterable[TrainingJob]) -> int:
    """How many training jobs have ended since one was better than all before it by 1 % or more."""
    return max(deque(_counts(request, children), maxlen=1), default=0)


def _counts(request: Mapping[str, Any], children: Iterable[TrainingJob]) -> Iterator[int]:
    """`not_improving` after each training job, in the order in which they ended."""
    sign, count = sign_of(request), 0
    highest: float | None = None
    for child in sorted((c for c in children if c.ended), key=lambda c: (c.ended, c.pk)):
        value = value_of(request, child)
        gain = None if value is None or highest is None else sign * value - highest
        if value is not None and (gain is None or (gain > 0 and gain >= IMPROVEMENT * abs(highest or 0.0))):
            highest, count = sign * value, 0
        else:
            count += 1
        yield count
