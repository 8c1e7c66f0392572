"""What a cost limit buys: how long a job may run before it has cost as much as its maker allows."""

from common.messages import _
from jobs import JobSpec
from models_app.aws import prices
from models_app.models import Model
from models_app.problems import Problem
from models_app.text import formats

ENDING = 120  # seconds SageMaker grants a container to end after its time is up; they are billed too
SHORTEST = 60  # seconds; less than this trains nothing


def check(asked: Model | JobSpec) -> None:
    """Raises Problem(field="cost_limit") when the limit cannot be kept."""
    runtime(asked)


def runtime(model: Model | JobSpec) -> int:
    """MaxRuntimeInSeconds for a job of `model`: what was allowed, or less where the money ends sooner.

    The same on both backends, at Amazon's price, so that what is tried on the engine holds on AWS. Raises
    Problem(field="cost_limit") when the limit cannot be kept.
    """
    if model.cost_limit is None:
        return model.max_runtime
    hourly = prices.cost(model.instance_type, 3600, getattr(model, "instance_count", 1))
    if not hourly:
        raise Problem(
            _(
                "The price of %(instance_type)s is not known, so a cost limit cannot be kept. Choose another instance "
                "type, or leave the limit out.",
                instance_type=model.instance_type,
            ),
            "cost_limit",
        )
    bought = int(model.cost_limit / hourly * 3600) - ENDING
    if bought < SHORTEST:
        least = hourly * (ENDING + SHORTEST) / 3600
        raise Problem(
            _(
                "%(n)s buys %(n2)s of %(instance_type)s, too little to train. Allow at least $%(n3)s.",
                n=formats.money(model.cost_limit),
                n2=formats.duration(max(0, bought + ENDING)),
                instance_type=model.instance_type,
                n3=f"{least + 0.005:.2f}",
            ),
            "cost_limit",
        )
    return min(model.max_runtime, bought)


def told(model: Model) -> str:
    """What the timeline says of the cost limit; "" when it does not shorten anything."""
    seconds = runtime(model)
    if model.cost_limit is None or seconds == model.max_runtime:
        return ""
    return _(
        "Stopped after %(time)s at the latest: the cost limit of %(limit)s buys no more of %(type)s",
        time=formats.duration(seconds),
        limit=formats.money(model.cost_limit),
        type=model.instance_type,
    )
