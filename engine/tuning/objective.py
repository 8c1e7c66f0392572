"""What a tuning job looks for: its objective metric, the value that a training job has of it, and the best of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from engine.models import TrainingJob


def objective_of(request: Mapping[str, Any]) -> tuple[str, str]:
    """("Maximize" or "Minimize", name of the metric) of a CreateHyperParameterTuningJob request."""
    definition = request["TrainingJobDefinition"]
    config = request["HyperParameterTuningJobConfig"]
    objective = definition.get("TuningObjective") or config.get("HyperParameterTuningJobObjective") or {}
    return objective.get("Type", ""), objective.get("MetricName", "")


def value_of(request: Mapping[str, Any], job: TrainingJob) -> float | None:
    """The last value of the objective metric of a training job that is completed, None if there is none."""
    if job.status != TrainingJob.Status.COMPLETED:
        return None
    _, name = objective_of(request)
    return next((metric["Value"] for metric in job.final_metrics if metric["MetricName"] == name), None)


def best(request: Mapping[str, Any], jobs: Iterable[TrainingJob]) -> TrainingJob | None:
    """The best of the training jobs, the first of several; None if none has a value."""
    kind, _ = objective_of(request)
    sign = 1.0 if kind == "Maximize" else -1.0
    valued = [(sign * value, job) for job in jobs if (value := value_of(request, job)) is not None]
    return max(valued, key=lambda pair: pair[0])[1] if valued else None
