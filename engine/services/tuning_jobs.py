"""SageMaker's hyperparameter-tuning operations."""

from django.db import transaction
from django.utils.timezone import now

import algorithms
from engine.frameworks.images import trains_script
from engine.models import HyperParameterTuningJob
from engine.services import resources
from engine.services.training_jobs import check as check_training_job
from engine.services.tuning_responses import describe, summarize, summarize_training_job
from engine.tuning.objective import objective_of, value_of
from engine.tuning.ranges import InvalidRange, Ranges
from engine.tuning.step import child_request
from engine.tuning.tasks import send
from engine.wire.call import Call
from engine.wire.errors import AwsError, ResourceInUse, ResourceNotFound, ValidationException
from engine.wire.paging import paginate, read_token, sign_token

Status = HyperParameterTuningJob.Status
IN_STATUS = "The request was rejected because the hyperparameter tuning job is in status {}"
MOST_JOBS = 750  # AWS's quota of training jobs in a tuning job
UNSUPPORTED = {
    "WarmStartConfig": "warm starts",
    "TrainingJobDefinitions": "several training job definitions",
    "Autotune": "autotuning",
}
CRITERIA = ("TargetObjectiveMetricValue",)


class TuningJobs:
    """Create, describe, list and stop, and the list of one's training jobs."""

    def create_hyper_parameter_tuning_job(self, call: Call, request: dict) -> dict:
        name = request["HyperParameterTuningJobName"]
        conflict = ResourceInUse(
            f"A hyperparameter tuning job with the name, {name}, already exists. Choose a different name."
        )
        resources.check_name_free(HyperParameterTuningJob, call, name, conflict)
        _check(request, call.region)
        with transaction.atomic():
            job = resources.create(HyperParameterTuningJob, call, name, request, conflict)
            send(job.pk)
        return {"HyperParameterTuningJobArn": job.arn}

    def describe_hyper_parameter_tuning_job(self, call: Call, request: dict) -> dict:
        return describe(_find(call, request))

    def list_hyper_parameter_tuning_jobs(self, call: Call, request: dict) -> dict:
        jobs, next_token = paginate(HyperParameterTuningJob.objects.filter(region=call.region), request)
        return {"HyperParameterTuningJobSummaries": [summarize(job) for job in jobs], **next_token}

    def stop_hyper_parameter_tuning_job(self, call: Call, request: dict) -> dict:
        """Stopping twice is no error; the training jobs that run are stopped, and then the job is Stopped."""
        with transaction.atomic():
            job = _find(call, request, for_update=True)
            if job.status == Status.STOPPING:
                return {}
            if job.status != Status.IN_PROGRESS:
                raise ValidationException(IN_STATUS.format(job.status))
            job.move_to(Status.STOPPING, modified=now())
            send(job.pk)
        return {}

    def list_training_jobs_for_hyper_parameter_tuning_job(self, call: Call, request: dict) -> dict:
        job = _find(call, request)
        rows = job.training_jobs.all()
        if request.get("SortBy") == "FinalObjectiveMetricValue":
            children, next_token = _by_value(job, rows, request)
        else:
            children, next_token = paginate(rows, request)
        return {"TrainingJobSummaries": [summarize_training_job(job, child) for child in children], **next_token}


def _by_value(job: HyperParameterTuningJob, rows, request: dict) -> tuple[list, dict]:
    """The page of training jobs in the order of their objective metric; those without one are not listed, as at AWS."""
    if "StatusEquals" in request:
        rows = rows.filter(status=request["StatusEquals"])
    valued = [(value, child) for child in rows.order_by("pk") if (value := value_of(job.request, child)) is not None]
    descending = request.get("SortOrder", "Ascending") == "Descending"
    ordered = [child for _, child in sorted(valued, key=lambda pair: pair[0], reverse=descending)]
    list_name = f"training jobs of {job.arn} by value"
    start = read_token(request["NextToken"], list_name)[0] if request.get("NextToken") else 0
    end = start + request.get("MaxResults", 10)
    return ordered[start:end], {"NextToken": sign_token(list_name, end)} if end < len(ordered) else {}


def _find(call: Call, request: dict, for_update: bool = False) -> HyperParameterTuningJob:
    name = request["HyperParameterTuningJobName"]
    try:
        return resources.find(HyperParameterTuningJob, call, name, for_update=for_update)
    except ValidationException:
        raise ResourceNotFound(f"Amazon SageMaker can't find a tuning job with the name, {name}.") from None


def _check(request: dict, region: str) -> None:
    """What AWS checks before it accepts a job, and what this engine lacks."""
    config = request["HyperParameterTuningJobConfig"]
    for member, feature in UNSUPPORTED.items():
        if request.get(member):
            raise ValidationException(f"{member}: this engine does not offer {feature} of tuning. Leave it out.")
    if config["Strategy"] == "Hyperband":
        raise ValidationException("Strategy: this engine does not offer Hyperband. It has Bayesian, Random and Grid.")
    if config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
        raise ValidationException("TrainingJobEarlyStoppingType: this engine stops no training job early. Use Off.")
    if config["ResourceLimits"].get("MaxRuntimeInSeconds"):
        raise ValidationException("ResourceLimits.MaxRuntimeInSeconds: limit the number of training jobs instead.")
    for member in config.get("TuningJobCompletionCriteria", {}):
        if member not in CRITERIA:
            raise ValidationException(f"TuningJobCompletionCriteria: this engine has {CRITERIA[0]}, and no {member}.")
    if "TrainingJobDefinition" not in request:
        raise ValidationException("TrainingJobDefinition is required: it says what each training job is.")
    ranges = _ranges(request)
    _check_count(config, ranges)
    first = ranges.texts(ranges.random("first"))
    sample = child_request(request, first)
    _check_definition(request, ranges)
    try:
        check_training_job(sample, region)
    except AwsError as e:
        raise type(e)(f"TrainingJobDefinition: {e.message}") from None
    _check_objective(request)


def _ranges(request: dict) -> Ranges:
    definition, config = request["TrainingJobDefinition"], request["HyperParameterTuningJobConfig"]
    given = definition.get("HyperParameterRanges") or config.get("ParameterRanges", {})
    if given.get("AutoParameters"):
        raise ValidationException("AutoParameters: this engine does not offer autotuning. Give ranges.")
    try:
        ranges = Ranges.of(given)
        if config["Strategy"] == "Grid":
            ranges.grid()
    except InvalidRange as e:
        raise ValidationException(str(e)) from None
    return ranges


def _check_count(config: dict, ranges: Ranges) -> None:
    limits = config["ResourceLimits"]
    if config["Strategy"] == "Grid":
        count = 1
        for one in ranges.lists:
            count *= len(one.values)
        if limits.get("MaxNumberOfTrainingJobs", count) != count:
            raise ValidationException(
                f"MaxNumberOfTrainingJobs is {limits['MaxNumberOfTrainingJobs']}, and the grid has {count} "
                "combinations. Leave it out, or make them equal."
            )
    elif "MaxNumberOfTrainingJobs" not in limits:
        raise ValidationException("ResourceLimits.MaxNumberOfTrainingJobs is required for this strategy.")
    else:
        count = limits["MaxNumberOfTrainingJobs"]
    if count > MOST_JOBS:
        raise ValidationException(f"The tuning job would have {count} training jobs, and may have {MOST_JOBS}.")


def _check_definition(request: dict, ranges: Ranges) -> None:
    definition = request["TrainingJobDefinition"]
    both = sorted({*ranges.names} & {*definition.get("StaticHyperParameters", {})})
    if both:
        raise ValidationException(f"The hyperparameter {both[0]} is static and has a range. Give one of them.")
    if definition.get("HyperParameterTuningResourceConfig", {}).get("InstanceConfigs"):
        raise ValidationException("HyperParameterTuningResourceConfig: give InstanceType and InstanceCount.")


def _check_objective(request: dict) -> None:
    """The metric must be one that the training jobs report."""
    kind, name = objective_of(request)
    specification = request["TrainingJobDefinition"]["AlgorithmSpecification"]
    if not name:
        raise ValidationException("HyperParameterTuningJobObjective is required: it names the metric to look for.")
    if any(metric["Name"] == name for metric in specification.get("MetricDefinitions", ())):
        return
    as_training = {"AlgorithmSpecification": specification, "HyperParameters": request["TrainingJobDefinition"].get(
        "StaticHyperParameters", {}
    )}  # fmt: skip
    algorithm = None if trains_script(as_training) else algorithms.for_image(specification["TrainingImage"])
    if algorithm is None:
        raise ValidationException(
            "A metric is required for this hyperparameter tuning job objective. Provide a metric in the metric "
            f"definitions: there is none called {name}."
        )
    goals = {metric.name: metric.goal for metric in algorithm.metrics if metric.tunable}
    if name not in goals:
        raise ValidationException(
            f"The objective metric for the hyperparameter tuning job, [{name}], isn't valid for the "
            f"[{algorithm.title}] algorithm. Choose one of: {', '.join(goals)}."
        )
    if goals[name] != {"Maximize": "max", "Minimize": "min"}[kind]:
        raise ValidationException(
            f"The objective metric type, [{kind}], that you specified for objective metric, [{name}], isn't valid for "
            f"the [{algorithm.title}] algorithm. Choose a valid objective metric type."
        )
