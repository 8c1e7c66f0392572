"""A training job as DescribeTrainingJob and ListTrainingJobs answer it."""

from engine.frameworks import images
from engine.models import TrainingJob

ECHOED = (
    "HyperParameters",
    "AlgorithmSpecification",
    "RoleArn",
    "InputDataConfig",
    "ResourceConfig",
    "VpcConfig",
    "StoppingCondition",
    "CheckpointConfig",
    "DebugHookConfig",
    "ProfilerConfig",
    "ExperimentConfig",
    "Environment",
    "RetryStrategy",
    "RemoteDebugConfig",
    "InfraCheckConfig",
)
SWITCHES = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")
DEFAULT_MAX_RUNTIME = 86400  # seconds, AWS's own when the request names none


def describe(job: TrainingJob) -> dict:
    """Everything about the job. What is not known yet is left out, as AWS does."""
    request = job.request
    answer = {name: request[name] for name in ECHOED if name in request} | {
        "TrainingJobName": job.name,
        "TrainingJobArn": job.arn,
        "TuningJobArn": job.tuning.arn if job.tuning else None,
        "ModelArtifacts": {"S3ModelArtifacts": job.artifact},
        "TrainingJobStatus": job.status,
        "SecondaryStatus": job.secondary_status,
        "FailureReason": job.failure_reason or None,
        # The SDK's attach() reads KmsKeyId whether there is one or not.
        "OutputDataConfig": {"KmsKeyId": "", "CompressionType": "GZIP", **request["OutputDataConfig"]},
        "CreationTime": job.created,
        "TrainingStartTime": job.started,
        "TrainingEndTime": job.ended,
        "LastModifiedTime": job.modified,
        "SecondaryStatusTransitions": job.transitions,
        "FinalMetricDataList": job.final_metrics or None,
        **{name: request.get(name, False) for name in SWITCHES},
    }
    answer["StoppingCondition"] = {"MaxRuntimeInSeconds": DEFAULT_MAX_RUNTIME, **request["StoppingCondition"]}
    answer["AlgorithmSpecification"] = _specification(request)
    if job.started and job.ended:
        seconds = max(1, round((job.ended - job.started).total_seconds()))
        answer |= {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
    return answer


def summarize(job: TrainingJob) -> dict:
    """The job's entry in ListTrainingJobs."""
    return {
        "TrainingJobName": job.name,
        "TrainingJobArn": job.arn,
        "CreationTime": job.created,
        "TrainingEndTime": job.ended,
        "LastModifiedTime": job.modified,
        "TrainingJobStatus": job.status,
        "SecondaryStatus": job.secondary_status,
    }


def _specification(request: dict) -> dict:
    """The algorithm as asked for, with the metrics it has of its own."""
    specification = request["AlgorithmSpecification"]
    metrics = images.metric_definitions(specification)
    return {"EnableSageMakerMetricsTimeSeries": False, **specification, "MetricDefinitions": metrics}
