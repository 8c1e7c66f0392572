"""Checks of a CreateHyperParameterTuningJob request: what AWS checks, and what this engine lacks."""

import algorithms
from engine.frameworks.images import trains_script
from engine.services import tuning_parents
from engine.services.training_jobs import check as check_training_job
from engine.tuning.objective import objective_of
from engine.tuning.ranges import InvalidRange, Ranges
from engine.tuning.step import child_request
from engine.tuning.stopping import EPOCHS, MAX_EPOCHS, resources
from engine.wire.errors import AwsError, ValidationException

MOST_JOBS = 750  # AWS's quota of training jobs in a tuning job, those of its parents included
UNSUPPORTED = {
    "TrainingJobDefinitions": "several training job definitions",
    "Autotune": "autotuning",
}


def check(request: dict, region: str) -> None:
    """What AWS checks before it accepts a job, and what this engine lacks."""
    config = request["HyperParameterTuningJobConfig"]
    for member, feature in UNSUPPORTED.items():
        if request.get(member):
            raise ValidationException(f"{member}: this engine does not offer {feature} of tuning. Leave it out.")
    if config.get("TuningJobCompletionCriteria", {}).get("ConvergenceDetected"):
        raise ValidationException("TuningJobCompletionCriteria: this engine does not offer ConvergenceDetected.")
    if "TrainingJobDefinition" not in request:
        raise ValidationException("TrainingJobDefinition is required: it says what each training job is.")
    _check_strategy(request)
    ranges = _ranges(request)
    parents = tuning_parents.find(request, region)
    _check_count(config, ranges, sum(parent.training_jobs.count() for parent in parents))
    first = ranges.texts(ranges.random("first"))
    sample = child_request(request, first, "first")
    _check_definition(request, ranges)
    try:
        check_training_job(sample, region)
    except AwsError as e:
        raise type(e)(f"TrainingJobDefinition: {e.message}") from None
    _check_objective(request)
    tuning_parents.check(request, ranges, parents)


def _check_strategy(request: dict) -> None:
    """What only one strategy has, and what it cannot have."""
    config = request["HyperParameterTuningJobConfig"]
    if config["Strategy"] != "Hyperband":
        if config.get("StrategyConfig"):
            raise ValidationException(f"StrategyConfig is for Hyperband, and not for {config['Strategy']}.")
        return
    if config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
        raise ValidationException("TrainingJobEarlyStoppingType must be Off with Hyperband, which stops jobs itself.")
    low, high = resources(request)
    if high is None:
        raise ValidationException(
            "MaxResource is required for Hyperband: the epochs that a training job has at most. It is in "
            "StrategyConfig.HyperbandStrategyConfig, or taken from a static hyperparameter of the names: "
            f"{', '.join(EPOCHS)}."
        )
    if not low <= high <= MAX_EPOCHS:
        raise ValidationException(f"MinResource is {low} and MaxResource {high}; give 1 <= Min <= Max <= {MAX_EPOCHS}.")


def _ranges(request: dict) -> Ranges:
    definition, config = request["TrainingJobDefinition"], request["HyperParameterTuningJobConfig"]
    parameter_ranges = definition.get("HyperParameterRanges") or config.get("ParameterRanges", {})
    if parameter_ranges.get("AutoParameters"):
        raise ValidationException("AutoParameters: this engine does not offer autotuning. Give ranges.")
    try:
        ranges = Ranges.of(parameter_ranges)
        if config["Strategy"] == "Grid":
            ranges.grid()
    except InvalidRange as e:
        raise ValidationException(str(e)) from None
    return ranges


def _check_count(config: dict, ranges: Ranges, of_parents: int) -> None:
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
        if ranges.combinations() < count:
            raise ValidationException(
                "You don't have enough combinations of hyperparameter ranges. The total number of hyperparameter "
                f"combinations for the provided ranges [{ranges.combinations()}] must be equal or greater than the "
                f"value of MaxNumberOfJobs, [{count}]. Provide additional ranges."
            )
    if count + of_parents > MOST_JOBS:
        more = f" with the {of_parents} of its parents" if of_parents else ""
        raise ValidationException(f"The tuning job would have {count} training jobs{more}, and may have {MOST_JOBS}.")


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
    algorithm = algorithms.for_image(specification["TrainingImage"])  # of a script in XGBoost's image, too
    goals = {metric.name: metric.goal for metric in algorithm.metrics if metric.tunable} if algorithm else {}
    if algorithm is None or (name not in goals and trains_script(as_training)):
        raise ValidationException(
            "A metric is required for this hyperparameter tuning job objective. Provide a metric in the metric "
            f"definitions: there is none called {name}."
        )
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
