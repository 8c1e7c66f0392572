"""A tuning job and its training jobs as SageMaker's operations answer them."""

from collections import Counter

from engine.models import HyperParameterTuningJob, TrainingJob
from engine.tuning.completion import not_improving
from engine.tuning.objective import best, objective_of, value_of
from engine.tuning.warm_start import IDENTICAL, all_training_jobs

Training = TrainingJob.Status
PENDING = (Training.IN_PROGRESS, Training.STOPPING)


def describe(job: HyperParameterTuningJob) -> dict:
    """Everything about the job. What is not known yet is left out, as AWS does."""
    children = list(job.training_jobs.order_by("pk"))
    chosen = best(job.request, children)
    seconds = [(child.ended - child.started).total_seconds() for child in children if child.started and child.ended]
    return {
        "HyperParameterTuningJobName": job.name,
        "HyperParameterTuningJobArn": job.arn,
        "HyperParameterTuningJobConfig": job.request["HyperParameterTuningJobConfig"],
        "TrainingJobDefinition": job.request["TrainingJobDefinition"],
        "HyperParameterTuningJobStatus": job.status,
        "CreationTime": job.created,
        "HyperParameterTuningEndTime": job.ended,
        "LastModifiedTime": job.modified,
        **_counters(job, children),
        "BestTrainingJob": summarize_training_job(job, chosen) if chosen else None,
        **_warm_start(job),
        "TuningJobCompletionDetails": {
            "NumberOfTrainingJobsObjectiveNotImproving": not_improving(job.request, children)
        },
        "FailureReason": job.failure_reason or None,
        "ConsumedResources": {"RuntimeInSeconds": round(sum(seconds))},
    }


def _warm_start(job: HyperParameterTuningJob) -> dict:
    """How the job was started from others, and the best of theirs and its own where those can be compared."""
    config = job.request.get("WarmStartConfig")
    if not config or config["WarmStartType"] != IDENTICAL:
        return {"WarmStartConfig": config}
    chosen = best(job.request, all_training_jobs(job))
    overall = summarize_training_job(job, chosen) if chosen else None
    if overall and chosen and chosen.tuning:
        overall["TuningJobName"] = chosen.tuning.name
    return {"WarmStartConfig": config, "OverallBestTrainingJob": overall}


def summarize(job: HyperParameterTuningJob) -> dict:
    """The job in a list."""
    config = job.request["HyperParameterTuningJobConfig"]
    return {
        "HyperParameterTuningJobName": job.name,
        "HyperParameterTuningJobArn": job.arn,
        "HyperParameterTuningJobStatus": job.status,
        "Strategy": config["Strategy"],
        "CreationTime": job.created,
        "HyperParameterTuningEndTime": job.ended,
        "LastModifiedTime": job.modified,
        **_counters(job, list(job.training_jobs.all())),
        "ResourceLimits": config["ResourceLimits"],
    }


def summarize_training_job(job: HyperParameterTuningJob, child: TrainingJob) -> dict:
    """One of the job's training jobs, with the values that it tried and what came of them."""
    kind, metric = objective_of(job.request)
    value = value_of(job.request, child)
    return {
        "TrainingJobDefinitionName": job.request["TrainingJobDefinition"].get("DefinitionName"),
        "TrainingJobName": child.name,
        "TrainingJobArn": child.arn,
        "CreationTime": child.created,
        "TrainingStartTime": child.started,
        "TrainingEndTime": child.ended,
        "TrainingJobStatus": child.status,
        "TunedHyperParameters": child.tuned,
        "FailureReason": child.failure_reason or None,
        "FinalHyperParameterTuningJobObjectiveMetric": None
        if value is None
        else {"Type": kind, "MetricName": metric, "Value": value},
        "ObjectiveStatus": _objective_status(job, child),
    }


def _objective_status(job: HyperParameterTuningJob, child: TrainingJob) -> str:
    if child.status in PENDING:
        return "Pending"
    return "Failed" if value_of(job.request, child) is None else "Succeeded"


def _counters(job: HyperParameterTuningJob, children: list[TrainingJob]) -> dict:
    statuses = Counter(child.status for child in children)
    objectives = Counter(_objective_status(job, child) for child in children)
    return {
        "TrainingJobStatusCounters": {
            "Completed": statuses[Training.COMPLETED],
            "InProgress": sum(statuses[status] for status in PENDING),
            "RetryableError": 0,
            "NonRetryableError": statuses[Training.FAILED],
            "Stopped": statuses[Training.STOPPED],
        },
        "ObjectiveStatusCounters": {name: objectives[name] for name in ("Succeeded", "Pending", "Failed")},
    }
