"""Moves a tuning job on: starts the training jobs that it may have, and ends it when nothing is left to do."""

import secrets

from django.db import transaction
from django.utils.timezone import now

from engine.jobs.failure import reason
from engine.models import HyperParameterTuningJob, Tag, TrainingJob
from engine.training.transitions import add_transition
from engine.training.work import TRAINING
from engine.tuning.objective import best, objective_of, value_of
from engine.tuning.ranges import Ranges
from engine.tuning.suggest import NoSuggestion, suggest

Status, Training = HyperParameterTuningJob.Status, TrainingJob.Status
LIVE = (Training.IN_PROGRESS, Training.STOPPING)
FIRST = 3  # jobs at random before the Bayesian strategy has something to go by
ALL_FAILED = "All training jobs failed. Please take a look at the training jobs failures to get more details"
COPIED = (
    "AlgorithmSpecification", "RoleArn", "InputDataConfig", "VpcConfig", "OutputDataConfig", "StoppingCondition",
    "EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining", "CheckpointConfig",
    "RetryStrategy", "Environment",
)  # fmt: skip


def step(pk: int) -> None:
    """Do what is due for a tuning job. Repeatable at any time, and several at once start nothing twice."""
    job = HyperParameterTuningJob.objects.filter(pk=pk, status__in=(Status.IN_PROGRESS, Status.STOPPING)).first()
    if job is None:
        return
    children = list(job.training_jobs.order_by("pk"))
    if job.status == Status.STOPPING or has_reached_target(job, children):
        _stop(children)
    elif wanted := _free_places(job, children):
        points = [_next(job, children, len(children) + n) for n in range(wanted)]
        _start(job, len(children), points)
        return
    if not any(child.status in LIVE for child in children):
        _end(job, children)


def limit_of(job: HyperParameterTuningJob) -> int:
    """The most training jobs that the tuning job starts."""
    config = job.request["HyperParameterTuningJobConfig"]
    if config["Strategy"] == "Grid":
        return sum(1 for _ in ranges_of(job).grid())
    return config["ResourceLimits"]["MaxNumberOfTrainingJobs"]


def ranges_of(job: HyperParameterTuningJob) -> Ranges:
    """What the tuning job varies."""
    definition = job.request["TrainingJobDefinition"]
    return Ranges.of(
        definition.get("HyperParameterRanges") or job.request["HyperParameterTuningJobConfig"]["ParameterRanges"]
    )


def has_reached_target(job: HyperParameterTuningJob, children: list[TrainingJob]) -> bool:
    """Whether a training job is as good as TuningJobCompletionCriteria asks."""
    criteria = job.request["HyperParameterTuningJobConfig"].get("TuningJobCompletionCriteria", {})
    target, chosen = criteria.get("TargetObjectiveMetricValue"), best(job.request, children)
    if target is None or chosen is None:
        return False
    kind, _ = objective_of(job.request)
    value = value_of(job.request, chosen)
    return value is not None and (value >= target if kind == "Maximize" else value <= target)


def child_request(request: dict, tuned: dict[str, str]) -> dict:
    """The CreateTrainingJob request of a training job with these values, without its name."""
    definition = request["TrainingJobDefinition"]
    _, metric = objective_of(request)
    hyperparameters = {**definition.get("StaticHyperParameters", {}), **tuned, "_tuning_objective_metric": metric}
    resources = definition.get("ResourceConfig") or definition.get("HyperParameterTuningResourceConfig", {})
    copied = {name: definition[name] for name in COPIED if name in definition}
    return copied | {"HyperParameters": hyperparameters, "ResourceConfig": resources}


def _free_places(job: HyperParameterTuningJob, children: list[TrainingJob]) -> int:
    parallel = job.request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"]
    running = sum(child.status in LIVE for child in children)
    return max(0, min(parallel - running, limit_of(job) - len(children)))


def _next(job: HyperParameterTuningJob, children: list[TrainingJob], number: int) -> dict[str, str]:
    """The hyperparameters of training job `number`, counted from 0."""
    ranges, config = ranges_of(job), job.request["HyperParameterTuningJobConfig"]
    if config["Strategy"] == "Grid":
        return next(texts for n, texts in enumerate(ranges.grid()) if n == number)
    seed = config.get("RandomSeed", job.pk)
    kind, _ = objective_of(job.request)
    sign = 1.0 if kind == "Maximize" else -1.0
    values = [value_of(job.request, child) for child in children]
    known = [value for value in values if value is not None]
    if config["Strategy"] == "Random" or number < FIRST or not known:
        return ranges.texts(ranges.random(f"{seed}:{number}"))
    tried = [
        (ranges.point(child.tuned), None if value is None else sign * value)
        for child, value in zip(children, values, strict=True)
        if value is not None or child.status in LIVE
    ]
    try:
        return ranges.texts(suggest(ranges, tried, seed + number))
    except NoSuggestion:
        return ranges.texts(ranges.random(f"{seed}:{number}"))


def _start(job: HyperParameterTuningJob, count: int, points: list[dict[str, str]]) -> None:
    with transaction.atomic():
        locked = HyperParameterTuningJob.objects.select_for_update().get(pk=job.pk)
        if locked.status != Status.IN_PROGRESS or locked.training_jobs.count() != count:
            return  # another has been here meanwhile
        tags = list(Tag.objects.filter(arn=job.arn))
        for number, tuned in enumerate(points, count + 1):
            created = now()
            child = TrainingJob.objects.create(
                region=job.region, name=f"{job.name}-{number:03}-{secrets.token_hex(4)}", owner=job.owner,
                request=child_request(job.request, tuned), created=created, modified=created, tuning=job, tuned=tuned,
                transitions=add_transition([], "Starting", created, created),
            )  # fmt: skip
            Tag.objects.bulk_create(Tag(arn=child.arn, key=tag.key, value=tag.value) for tag in tags)
            TRAINING.enqueue(child.pk)
        HyperParameterTuningJob.objects.filter(pk=job.pk).update(modified=now())


def _stop(children: list[TrainingJob]) -> None:
    for child in children:
        if child.status != Training.IN_PROGRESS:
            continue
        with transaction.atomic():
            steps = add_transition(child.transitions, "Stopping", now(), child.created)
            child.move_to(Training.STOPPING, secondary_status="Stopping", transitions=steps, modified=now())
            TRAINING.enqueue(child.pk)


def _end(job: HyperParameterTuningJob, children: list[TrainingJob]) -> None:
    at, status, failure = now(), Status.COMPLETED, ""
    if job.status == Status.STOPPING:
        status = Status.STOPPED
    elif not any(child.status == Training.COMPLETED for child in children):
        status, failure = Status.FAILED, reason("ClientError", ALL_FAILED)
    job.move_to(status, failure_reason=failure, ended=at, modified=at)
