"""About how long a job will train and what that costs, before anything is started. Pure: no network, no clock.

The figures come from `Algorithm.seconds` and `.memory` for one ml.m5.large; what is not known is said to be not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import algorithms
from algorithms.contract import Facts, InvalidHyperparameters
from algorithms.fold_score import COUNT, MAX_ROWS
from algorithms.spec import Algorithm
from common.amounts import duration, money
from common.messages import _
from jobs.folds import may_fold
from jobs.instances import BY_NAME, DEFAULT, cost, hosting_type
from jobs.limits import GRACE, affordable_seconds
from jobs.spec import JobSpec
from tables import Inspection
from tables.outline import Width, is_raw, prepared_width
from tables.recipe import Recipe
from tables.split import held_out_shares

MARGIN = 2.0  # the truth is mostly between half the estimate and twice the estimate
SCALING = 0.7  # twice the vCPUs are worth 2 ** 0.7 times the speed: histograms and BLAS share work, not all of it
CELLS_A_VCPU = 100_000  # of the training rows, below which a further vCPU has too little to do
# Billed besides training: fetching the image and the data. AWS names no figure; small jobs are billed about a minute.
OVERHEAD = 60.0
MEMORY_SHARE = 0.8  # of an instance; the rest is the system's and the container's
GIB = 1024**3
DAY = 86400  # seconds
ENDLESS = 1e9  # seconds, 30 years: what takes longer is said to take so long


@dataclass(frozen=True)
class Estimate:
    """`seconds` and `dollars` are (least, most) of training; None when not known. Dollars are Amazon's."""

    seconds: tuple[float, float] | None
    dollars: tuple[float, float] | None
    day: float | None  # US dollars a day for the endpoint
    memory: float  # bytes on each instance; 0 when not known
    fits: bool
    room: float  # bytes of memory that training may use
    limit: float  # seconds after which training is stopped
    limit_dollars: float | None  # what the limit costs
    limited_by_cost: bool
    rows: int

    @property
    def time(self) -> str:
        """The time of training as text: "20 s to 2 min", or that it is not known."""
        if self.seconds is None:
            return _("Not known")
        if self.seconds[0] < 1:  # "0 s to 1 s" would be more than anyone knows
            return _("Up to %(most)s", most=duration(max(1.0, _rounded(self.seconds[1]))))
        least, most = (duration(_rounded(value)) for value in self.seconds)
        return least if least == most else _("%(least)s to %(most)s", least=least, most=most)

    @property
    def cost(self) -> str:
        """The cost of training in US dollars as text: "$0.01 to $0.03", or that it is not known."""
        if self.dollars is None:
            return _("Not known")
        least, most = map(money, self.dollars)
        return least if least == most else _("%(least)s to %(most)s", least=least, most=most)

    @property
    def too_long(self) -> bool:
        """Even the shortest training will be stopped before its end."""
        return self.seconds is not None and self.seconds[0] > self.limit


def estimate(spec: JobSpec, table: Inspection | None) -> Estimate:
    """The estimate for `spec` on `table`. Training on several instances is taken to be as quick as on one."""
    instance, count = BY_NAME.get(spec.instance_type), spec.instance_count
    one_second, between, seconds, memory = cost(spec.instance_type, 1, count), None, 0.0, 0.0
    if table is not None and spec.algorithm in algorithms.ALGORITHMS:
        facts = estimated_facts(spec, table)
        seconds = expected_seconds(spec, facts)
        memory = training_cost(algorithms.get(spec.algorithm), spec.hyperparameters, facts, spec.recipe)[1]
    if seconds:
        between = (seconds / MARGIN, seconds * MARGIN)
    room = MEMORY_SHARE * GIB * (instance.memory if instance else 0)
    affordable = affordable_seconds(spec)
    by_cost = affordable is not None and affordable < spec.max_runtime
    limit = max(0.0, affordable) if by_cost and affordable is not None else float(spec.max_runtime)
    return Estimate(
        seconds=between,
        dollars=None
        if between is None or one_second is None
        else ((between[0] + OVERHEAD) * one_second, (between[1] + OVERHEAD) * one_second),
        day=cost(hosting_type(spec.instance_type), DAY),
        memory=memory,
        fits=not memory or not room or memory <= room,
        room=room,
        limit=limit,
        limit_dollars=None if one_second is None else (limit + GRACE) * one_second,
        limited_by_cost=by_cost,
        rows=table.rows_total if table else 0,
    )


def estimated_facts(spec: JobSpec, table: Inspection) -> Facts:
    """What is known of the prepared data before it is prepared."""
    algorithm = algorithms.get(spec.algorithm)
    target = table.column(spec.recipe.target) or table.column(table.target_suggestion)
    task = algorithm.task_of(spec.hyperparameters, table.task) if algorithm.supervised else ""
    name = target.name if algorithm.supervised and target else ""
    classes = target.unique if target and task in ("binary", "multiclass") else 0
    rows = round(table.rows_total * (1 - sum(held_out_shares(spec.recipe, algorithm.data))))
    width, recipe = _width(spec, table, name, task), spec.recipe
    return Facts(
        task, classes, rows, width.features, recipe.validation != "none", width.entries, bool(recipe.weight),
        categories=width.categories,
    )  # fmt: skip


def _width(spec: JobSpec, table: Inspection, target: str, task: str) -> Width:
    """`prepared_width` of the table, or the columns of objects that are used as they are."""
    left_out = {column.name for column in table.columns if column.role == "excluded"}
    excluded = {*spec.recipe.excluded, spec.recipe.weight, *left_out} - {target, ""}
    if table.profile and not is_raw(table, spec.recipe):
        return prepared_width(table.profile, target, algorithms.get(spec.algorithm), task, excluded)
    return Width(len({column.name for column in table.columns} - excluded - {target}), 0, 0)


def training_cost(
    algorithm: Algorithm, hyperparameters: Mapping[str, str], facts: Facts, recipe: Recipe
) -> tuple[float, float]:
    """(seconds on one ml.m5.large, bytes) of a job whose model learns once more from all rows if `recipe` has it so.

    0 for what is not known.
    """
    if algorithm.supervised and not facts.task:
        return 0.0, 0.0
    try:
        values = algorithm.parse(algorithm.settle(hyperparameters, facts))
    except InvalidHyperparameters:
        return 0.0, 0.0
    try:
        seconds, memory = algorithm.seconds(values, facts), algorithm.memory(values, facts)
    except OverflowError:  # of trees 100,000 levels deep, say
        seconds, memory = ENDLESS, 0.0
    if recipe.refit and algorithm.refits and facts.validation:
        all_rows = seconds / (1 - held_out_shares(recipe, algorithm.data).validation)
        folds = COUNT - 1 if may_fold(recipe, algorithm) and facts.rows <= MAX_ROWS else 0  # each without one part
        seconds += all_rows * (1 + folds)  # once more, on more rows
    return min(seconds, ENDLESS), memory


def expected_seconds(spec: JobSpec, facts: Facts) -> float:
    """Seconds of training on the instance type of `spec`, 0 where they are not known."""
    instance = BY_NAME.get(spec.instance_type) or DEFAULT
    alone = training_cost(algorithms.get(spec.algorithm), spec.hyperparameters, facts, spec.recipe)[0]
    busy = max(DEFAULT.vcpu, min(instance.vcpu, facts.rows * facts.row_size / CELLS_A_VCPU))
    return alone / (busy / DEFAULT.vcpu) ** SCALING


def _rounded(seconds: float) -> float:
    """As exact as an estimate deserves: two digits."""
    return float(f"{seconds:.2g}") if seconds < 60 else round(seconds / 60) * 60.0
