"""About how long a spec will train and what that costs, before anything is started. Pure: no network, no clock.

The figures come from `Algorithm.seconds` and `.memory` for one ml.m5.large; what is not known is said to be not known.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

import algorithms
from algorithms.contract import Facts, InvalidHyperparameters
from jobs import JobSpec
from models_app.aws import prices
from models_app.create.cost_limit import ENDING
from models_app.text import formats
from tables import Inspection
from tables.inspector import HEAD_BYTES

MARGIN = 2.0  # the truth is mostly between half the estimate and twice the estimate
USUAL_VCPU = 2  # of the ml.m5.large that `seconds` is about
SPREADS = 0.7  # twice the vCPUs are worth 2 ** 0.7 times the speed: histograms and BLAS share work, not all of it
# Billed besides training: fetching the image and the data. AWS names no figure; small jobs are billed about a minute.
BILLED_BESIDES = 60.0
MOST_OF_MEMORY = 0.8  # of an instance; the rest is the system's and the container's
GIB = 1024**3


@dataclass(frozen=True)
class Estimate:
    """`seconds` and `dollars` are (least, most) of training; None when not known. Dollars are Amazon's."""

    seconds: tuple[float, float] | None
    dollars: tuple[float, float] | None
    day: float | None  # US dollars a day for the endpoint
    memory: float  # bytes; 0 when not known
    fits: bool
    room: float  # bytes of memory that training may use
    limit: float  # seconds after which training is stopped
    limit_dollars: float | None  # what the limit costs
    limited_by_cost: bool
    rows: int

    @property
    def time(self) -> str:
        """ "20 s to 2 min", or that it is not known."""
        if self.seconds is None:
            return _("Not known")
        if self.seconds[0] < 1:  # "0 s to 1 s" would be more than anyone knows
            return _("Up to %(most)s") % {"most": formats.duration(max(1.0, _tidy(self.seconds[1])))}
        least, most = (formats.duration(_tidy(value)) for value in self.seconds)
        return least if least == most else _("%(least)s to %(most)s") % {"least": least, "most": most}

    @property
    def cost(self) -> str:
        if self.dollars is None:
            return _("Not known")
        least, most = map(formats.money, self.dollars)
        return least if least == most else _("%(least)s to %(most)s") % {"least": least, "most": most}

    @property
    def too_long(self) -> bool:
        """Even the shortest training will be stopped before its end."""
        return self.seconds is not None and self.seconds[0] > self.limit


def of(spec: JobSpec, found: Inspection | None) -> Estimate:
    """The estimate for `spec` on a table as `found` shows it."""
    instance = next((i for f in prices.families() for i in f.types if i.name == spec.instance_type), None)
    seconds, memory = _known(spec, found)
    hourly = prices.USD_PER_HOUR.get(spec.instance_type)
    between = None
    if seconds:
        scaled = seconds / ((instance.vcpu if instance else USUAL_VCPU) / USUAL_VCPU) ** SPREADS
        between = (scaled / MARGIN, scaled * MARGIN)
    room = MOST_OF_MEMORY * GIB * (instance.memory if instance else 0)
    limit, by_cost = _limit(spec, hourly)
    return Estimate(
        seconds=between,
        dollars=None
        if between is None or hourly is None
        else ((between[0] + BILLED_BESIDES) * hourly / 3600, (between[1] + BILLED_BESIDES) * hourly / 3600),
        day=prices.cost(prices.hosting(spec.instance_type), 86400),
        memory=memory,
        fits=not memory or not room or memory <= room,
        room=room,
        limit=limit,
        limit_dollars=None if hourly is None else (limit + ENDING) * hourly / 3600,
        limited_by_cost=by_cost,
        rows=rows_about(found) if found else 0,
    )


def rows_about(found: Inspection) -> int:
    """The rows of the table: counted where all of it was read, else as many as its size suggests."""
    if found.complete or found.size <= HEAD_BYTES:
        return found.rows_seen
    return round(found.rows_seen * found.size / HEAD_BYTES)


def facts_of(spec: JobSpec, found: Inspection) -> Facts:
    """What is known of the prepared data before it is prepared."""
    algorithm = algorithms.get(spec.algorithm)
    target = found.column(spec.recipe.target) or found.column(found.target_suggestion)
    task = algorithm.task_of(spec.hyperparameters, found.task) if algorithm.supervised else ""
    out = {*spec.recipe.excluded, *(column.name for column in found.columns if column.role == "excluded")}
    names = {column.name for column in found.columns} - out
    if algorithm.supervised and target:
        names.discard(target.name)
    classes = target.unique if target and task in ("binary", "multiclass") else 0
    rows, held = rows_about(found), spec.recipe.validation_share if spec.recipe.validation == "share" else 0.0
    return Facts(task, classes, round(rows * (1 - held)), len(names), spec.recipe.validation != "none")


def _known(spec: JobSpec, found: Inspection | None) -> tuple[float, float]:
    """(seconds on one ml.m5.large, bytes); 0 for what is not known."""
    if found is None or spec.algorithm not in algorithms.ALGORITHMS:
        return 0.0, 0.0
    algorithm, facts = algorithms.get(spec.algorithm), facts_of(spec, found)
    if algorithm.supervised and not facts.task:
        return 0.0, 0.0
    try:
        values = algorithm.parse(algorithm.settle(spec.hyperparameters, facts))
    except InvalidHyperparameters:
        return 0.0, 0.0
    return algorithm.seconds(values, facts), algorithm.memory(values, facts)


def _limit(spec: JobSpec, hourly: float | None) -> tuple[float, bool]:
    """(seconds, whether money sets them): the smaller of the time limit and what the cost limit buys."""
    if spec.cost_limit is None or not hourly:
        return float(spec.max_runtime), False
    bought = max(0.0, spec.cost_limit / hourly * 3600 - ENDING)
    return (bought, True) if bought < spec.max_runtime else (float(spec.max_runtime), False)


def _tidy(seconds: float) -> float:
    """As exact as an estimate deserves: two digits."""
    return float(f"{seconds:.2g}") if seconds < 60 else round(seconds / 60) * 60.0
