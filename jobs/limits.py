"""The time limit of a training job: the one that was set, or less where a cost limit is reached earlier."""

from __future__ import annotations

from common.amounts import duration, money
from common.messages import _
from common.problems import Problem
from jobs.instances import cost
from jobs.spec import JobSpec

GRACE = 120  # seconds SageMaker grants a container to end after its time is up; they are billed too
SHORTEST = 60  # seconds; less than this trains nothing


def affordable_seconds(spec: JobSpec) -> float | None:
    """Seconds of training that the cost limit of `spec` pays for, less the grace; None without a limit or a price."""
    hourly = cost(spec.instance_type, 3600, spec.instance_count)
    if spec.cost_limit is None or not hourly:
        return None
    return spec.cost_limit / hourly * 3600 - GRACE


def max_runtime(spec: JobSpec) -> int:
    """MaxRuntimeInSeconds of `spec`.

    The same on both backends, at Amazon's price, so that a job tried on the engine behaves as on AWS. Raises
    Problem(field="cost_limit") when the cost limit cannot be kept.
    """
    if spec.cost_limit is None:
        return spec.max_runtime
    affordable = affordable_seconds(spec)
    if affordable is None:
        raise Problem(
            _(
                "The price of %(instance_type)s is not known, so a cost limit cannot be kept. Choose another instance "
                "type, or leave the limit out.",
                instance_type=spec.instance_type,
            ),
            "cost_limit",
        )
    if int(affordable) < SHORTEST:
        least = cost(spec.instance_type, GRACE + SHORTEST, spec.instance_count) or 0.0
        raise Problem(
            _(
                "%(n)s buys %(n2)s of %(instance_type)s, too little to train. Allow at least $%(n3)s.",
                n=money(spec.cost_limit),
                n2=duration(max(0, int(affordable) + GRACE)),
                instance_type=spec.instance_type,
                n3=f"{least + 0.005:.2f}",
            ),
            "cost_limit",
        )
    return min(spec.max_runtime, int(affordable))


def limit_note(spec: JobSpec) -> str:
    """What the timeline says of the cost limit; "" when it does not shorten anything."""
    seconds = max_runtime(spec)
    if spec.cost_limit is None or seconds == spec.max_runtime:
        return ""
    return _(
        "Stopped after %(time)s at the latest: the cost limit of %(limit)s buys no more of %(type)s",
        time=duration(seconds),
        limit=money(spec.cost_limit),
        type=spec.instance_type,
    )
