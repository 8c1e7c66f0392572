"""What a tuning job looks for: its objective metric, the value that a training job has of it, and the best of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.models import TrainingJob

Status = TrainingJob.Status


def objective_of(request: Mapping[str, Any]) -> tuple[str, str]:
    """("Maximize" or "Minimize", name of the metric) of a CreateHyperParameterTuningJob request."""
    definition = request["TrainingJobDefinition"]
    config = request["HyperParameterTuningJobConfig"]
    objective = definition.get("TuningObjective") or config.get("HyperParameterTuningJobObjective") or {}
    return objective.get("Type", ""), objective.get("MetricName", "")


def value_of(request: Mapping[str, Any], job: TrainingJob) -> float | None:
    """The last value of the objective metric of a training job that is completed or was stopped; None without one."""
    if job.status not in (Status.COMPLETED, Status.STOPPED):
        return None
    _, name = objective_of(request)
    return next((metric["Value"] for metric in job.final_metrics if metric["MetricName"] == name), None)


def best(request: Mapping[str, Any], jobs: Iterable[TrainingJob]) -> TrainingJob | None:
    """The best of the completed training jobs, the first of several; of the stopped ones if none is completed.

    A stopped job may have left no model. None if no job has a value.
    """
    sign = sign_of(request)
    valued = [(sign * value, job) for job in jobs if (value := value_of(request, job)) is not None]
    completed = [pair for pair in valued if pair[1].status == Status.COMPLETED]
    return max(completed or valued, key=lambda pair: pair[0])[1] if valued else None


def sign_of(request: Mapping[str, Any]) -> float:
    """1 for a metric that is to be large, -1 for one that is to be small."""
    return 1.0 if objective_of(request)[0] == "Maximize" else -1.0
