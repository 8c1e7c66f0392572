"""Checks of WarmStartConfig: that a tuning job may begin from what its parents have found out."""

from algorithms.images import parse_image_uri
from engine.models import HyperParameterTuningJob
from engine.tuning.objective import objective_of
from engine.tuning.ranges import Ranges
from engine.tuning.step import ranges_of
from engine.tuning.warm_start import IDENTICAL, parent_names
from engine.wire.errors import ValidationException

NOT_FOUND = "Amazon SageMaker can't find a tuning job with the name, {}."
STRATEGIES = ("Bayesian", "Random")
Status = HyperParameterTuningJob.Status
SAME_NAMES = (
    "The set of tunable plus static HyperParameter names is not the same across current and parent tuning jobs. Please "
    "ensure this set is constant when warm starting. Note that previously static HyperParameters can be tuned in warm "
    "start jobs and vice versa."
)


def find(request: dict, region: str) -> list[HyperParameterTuningJob]:
    """The parents that WarmStartConfig names, none without it. Raises ValidationException for an unknown one."""
    names = parent_names(request)
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValidationException(f"WarmStartConfig names the parent tuning job {twice} more than once.")
    parents = {job.name: job for job in HyperParameterTuningJob.objects.filter(region=region, name__in=names)}
    if missing := next((name for name in names if name not in parents), None):
        raise ValidationException(f"WarmStartConfig: {NOT_FOUND.format(missing)}")
    return [parents[name] for name in names]


def check(request: dict, ranges: Ranges, parents: list[HyperParameterTuningJob]) -> None:
    """Raise ValidationException unless the tuning job may begin from `parents`."""
    strategy = request["HyperParameterTuningJobConfig"]["Strategy"]
    if parents and strategy not in STRATEGIES:
        raise ValidationException(f"WarmStartConfig: {strategy} learns nothing from parents. Use Bayesian or Random.")
    for parent in parents:
        if parent.status in (Status.IN_PROGRESS, Status.STOPPING):
            raise ValidationException(
                f"The parent tuning job {parent.name} is in status {parent.status}. All parent tuning jobs must have "
                "ended before a warm start."
            )
        if objective_of(parent.request) != objective_of(request):
            raise ValidationException(
                f"The objective metric of the parent tuning job {parent.name} is "
                f"{' '.join(objective_of(parent.request))}, and that of this one {' '.join(objective_of(request))}. "
                "They must be the same for a warm start."
            )
        if _names(parent.request, ranges_of(parent)) != _names(request, ranges):
            raise ValidationException(SAME_NAMES)
        if request["WarmStartConfig"]["WarmStartType"] == IDENTICAL:
            _check_identical(request["TrainingJobDefinition"], parent)


def _check_identical(definition: dict, parent: HyperParameterTuningJob) -> None:
    """The same algorithm, of whatever version, and the same data."""
    earlier = parent.request["TrainingJobDefinition"]
    images = [d["AlgorithmSpecification"].get("TrainingImage", "") for d in (definition, earlier)]
    same_image = images[0] == images[1] or len({parse_image_uri(image).repository for image in images}) == 1
    if not same_image or definition.get("InputDataConfig", []) != earlier.get("InputDataConfig", []):
        what = "InputDataConfig" if same_image else "AlgorithmSpecification.TrainingImage"
        raise ValidationException(
            f"WarmStartType {IDENTICAL} needs the data and the algorithm of the parent tuning job {parent.name}, and "
            f"{what} differs. Use TransferLearning."
        )


def _names(request: dict, ranges: Ranges) -> set[str]:
    return {*ranges.names, *request["TrainingJobDefinition"].get("StaticHyperParameters", {})}
