"""Moves a tuning job on: starts the training jobs that it may have, and ends it when nothing is left to do."""

import random
import secrets
from functools import partial

from django.db import transaction
from django.utils.timezone import now

from engine.jobs.failure import reason
from engine.models import HyperParameterTuningJob, Tag, TrainingJob
from engine.training.transitions import add_transition
from engine.training.work import TRAINING
from engine.tuning.completion import is_over
from engine.tuning.objective import objective_of
from engine.tuning.ranges import Ranges
from engine.tuning.stopping import hopeless
from engine.tuning.suggest import NoSuggestion, suggest
from engine.tuning.warm_start import all_training_jobs, comparable, known_points

Status, Training = HyperParameterTuningJob.Status, TrainingJob.Status
LIVE = (Training.IN_PROGRESS, Training.STOPPING)
TRIES = 100  # draws at random for a combination that was not tried yet
FEW = 10_000  # combinations, of which those that are left are looked for when the draws have met none
MORE = 8  # suggestions, when the first of all was tried already
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
    over = job.status == Status.STOPPING or is_over(job, children, now())
    _stop(children if over else hopeless(job, children))
    if not over and (wanted := _free_slots(job, children)):
        points: list[dict[str, str]] = []
        for number in range(len(children), len(children) + wanted):
            points.append(_next(job, children, number, points))
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


def child_request(request: dict, tuned: dict[str, str], name: str) -> dict:
    """The CreateTrainingJob request of the training job `name` with these values, without its name.

    Its checkpoints have a folder of their own: those of another job would be taken for its own.
    """
    definition = request["TrainingJobDefinition"]
    _, metric = objective_of(request)
    hyperparameters = {**definition.get("StaticHyperParameters", {}), **tuned, "_tuning_objective_metric": metric}
    resources = definition.get("ResourceConfig") or definition.get("HyperParameterTuningResourceConfig", {})
    copied = {member: definition[member] for member in COPIED if member in definition}
    if config := definition.get("CheckpointConfig"):
        copied["CheckpointConfig"] = {**config, "S3Uri": f"{config['S3Uri'].rstrip('/')}/{name}"}
    return copied | {"HyperParameters": hyperparameters, "ResourceConfig": resources}


def _free_slots(job: HyperParameterTuningJob, children: list[TrainingJob]) -> int:
    parallel = job.request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"]
    running = sum(child.status in LIVE for child in children)
    return max(0, min(parallel - running, limit_of(job) - len(children)))


def _next(
    job: HyperParameterTuningJob, children: list[TrainingJob], number: int, pending: list[dict[str, str]]
) -> dict[str, str]:
    """The hyperparameters of training job `number`, counted from 0, which starts together with those `pending`."""
    ranges, config = ranges_of(job), job.request["HyperParameterTuningJobConfig"]
    if config["Strategy"] == "Grid":
        tried = [*(child.tuned for child in children), *pending]  # by values: one that was deleted leaves a gap
        return next(texts for texts in ranges.grid() if texts not in tried)
    seed = config.get("RandomSeed", job.pk)
    random_one = partial(_random, job, ranges, f"{seed}:{number}", pending)
    if config["Strategy"] != "Bayesian":
        return random_one()
    of_parents = known_points(job, ranges)
    known = comparable(of_parents, job.request.get("WarmStartConfig", {}).get("WarmStartType", ""))
    is_warm = any(of_parents[:-1])
    if not known or (number < FIRST and not is_warm):
        return random_one()
    running = [(ranges.point(texts), None) for texts in [*(c.tuned for c in children if c.status in LIVE), *pending]]
    # A suggestion is a point of real numbers: rounded to whole ones it may be what another job has tried or tries.
    tried = [*(child.tuned for child in all_training_jobs(job)), *pending]
    try:
        for count in (1, MORE):
            for point in suggest(ranges, [*known, *running], seed + number, count):
                if (texts := ranges.texts(point)) not in tried:
                    return texts
    except NoSuggestion:
        pass
    return random_one()


def _random(job: HyperParameterTuningJob, ranges: Ranges, seed: str, pending: list[dict[str, str]]) -> dict[str, str]:
    """Hyperparameters at random that neither the job nor a parent has tried, while there are any."""
    tried = [*(child.tuned for child in all_training_jobs(job)), *pending]
    texts = ranges.texts(ranges.random(seed))
    for again in range(TRIES):
        if texts not in tried:
            return texts
        texts = ranges.texts(ranges.random(f"{seed}:{again}"))
    left = [other for other in ranges.every() if other not in tried] if ranges.combinations() <= FEW else []
    return random.Random(seed).choice(left) if left else texts  # noqa: S311  # nothing is secret here


def _start(job: HyperParameterTuningJob, count: int, points: list[dict[str, str]]) -> None:
    with transaction.atomic():
        locked = HyperParameterTuningJob.objects.select_for_update().get(pk=job.pk)
        if locked.status != Status.IN_PROGRESS or locked.training_jobs.count() != count:
            return  # another has been here meanwhile
        tags = list(Tag.objects.filter(arn=job.arn))
        for number, tuned in enumerate(points, count + 1):
            created, name = now(), f"{job.name}-{number:03}-{secrets.token_hex(4)}"
            child = TrainingJob.objects.create(
                region=job.region, name=name, owner=job.owner, request=child_request(job.request, tuned, name),
                created=created, modified=created, tuning=job, tuned=tuned,
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
    elif not any(child.status in (Training.COMPLETED, Training.STOPPED) for child in children):
        status, failure = Status.FAILED, reason("ClientError", ALL_FAILED)
    job.move_to(status, failure_reason=failure, ended=at, modified=at)
