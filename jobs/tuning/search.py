"""What a tuning job searches: ranges of hyperparameters, for which metric, how, how often and how long."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from algorithms.parameters import Hyperparameter
from algorithms.spec import Algorithm, Continuous, Integer, Metric
from common.messages import gettext_noop

BAYESIAN, RANDOM, GRID, HYPERBAND = "Bayesian", "Random", "Grid", "Hyperband"
STRATEGIES = {
    BAYESIAN: gettext_noop("Learns from each try. Best for 20 to 100 tries, a few at a time."),
    RANDOM: gettext_noop("Independent tries, as many at a time as you like."),
    GRID: gettext_noop("Every combination of the values that you name."),
    HYPERBAND: gettext_noop("Stops weak tries early. Best with many rounds."),
}
AUTO, LINEAR, LOGARITHMIC, REVERSE = "Auto", "Linear", "Logarithmic", "ReverseLogarithmic"
SCALES = {
    AUTO: gettext_noop("Auto"),
    LINEAR: gettext_noop("Linear"),
    LOGARITHMIC: gettext_noop("Logarithmic"),
    REVERSE: gettext_noop("Reverse logarithmic"),
}
WIDE = 100  # ends of such a ratio are far apart enough for a logarithmic middle


@dataclass(frozen=True)
class Range:
    """What is tried for one hyperparameter, as text: `low` to `high` on a `scale`; for Grid, the `values`."""

    low: str = ""
    high: str = ""
    scale: str = AUTO
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Search:
    """What a tuning job is beside its training job. `max_runtime` is in seconds, 0 for no limit of all tries together.

    `objective` is a metric of the algorithm, "" for its own by the task.
    """

    ranges: Mapping[str, Range] = field(default_factory=dict)
    objective: str = ""
    strategy: str = BAYESIAN
    max_jobs: int = 20
    max_parallel: int = 2
    early_stopping: bool = False
    max_runtime: int = 0

    def as_json(self) -> dict[str, Any]:
        """All of it, as JSON takes it."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Search:
        """The search of `as_json`."""
        ranges = {n: Range(**one | {"values": tuple(one["values"])}) for n, one in stored.get("ranges", {}).items()}
        return cls(**{**stored, "ranges": ranges})

    @property
    def jobs(self) -> int:
        """Training jobs that are started at most."""
        if self.strategy == GRID:
            return math.prod(len(one.values) for one in self.ranges.values()) if self.ranges else 0
        return self.max_jobs


def can_tune(algorithm: Algorithm) -> bool:
    """True if a tuning job of `algorithm` has something to vary and a metric to go by."""
    return bool(algorithm.objectives and tunable(algorithm))


def tunable(algorithm: Algorithm) -> list[Hyperparameter]:
    """The hyperparameters that a tuning job may vary, all of them numbers."""
    return [h for h in algorithm.hyperparameters if h.tunable and isinstance(h, Integer | Continuous) and h.suggested]


def default_search(algorithm: Algorithm) -> Search:
    """What a new tuning job of `algorithm` starts with."""
    return Search({h.name: suggested_range(h) for h in tunable(algorithm) if h.tuned})


def suggested_range(spec: Hyperparameter) -> Range:
    """The range that AWS recommends, and for Grid its ends and its middle."""
    low, high = spec.suggested or (0, 1)
    values = tuple(_text(v, isinstance(spec, Integer)) for v in (low, _between(low, high), high))
    return Range(values[0], values[-1], values=values)


def middle(one: Range, strategy: str) -> str:
    """A value in the middle of what is tried, "" where that cannot be read."""
    if strategy == GRID:
        return one.values[len(one.values) // 2] if one.values else ""
    try:
        value = _between(float(one.low), float(one.high))
    except ValueError:
        return ""
    return _text(value, one.low.isdecimal() and one.high.isdecimal()) if math.isfinite(value) else ""


def strategies(algorithm: Algorithm) -> list[str]:
    """The strategies that fit: Hyperband judges jobs by what they log after each round."""
    stops = algorithm.log.rounds and any(m.each_round for m in metrics(algorithm))
    return [name for name in STRATEGIES if name != HYPERBAND or stops]


def metrics(algorithm: Algorithm, task: str | None = None) -> list[Metric]:
    """The metrics that may be looked for with a table of `task`, the algorithm's own first; None for any table."""
    tasks = algorithm.objectives.values() if task is None else [algorithm.objectives.get(task, ())]
    by_name = {metric.name: metric for metric in algorithm.metrics}
    return [by_name[name] for name in dict.fromkeys(name for names in tasks for name in names)]


def objective(algorithm: Algorithm, search: Search, task: str) -> Metric | None:
    """The metric that `search` looks for with a table of `task`; None if there is none, or it does not fit."""
    fitting = metrics(algorithm, task)
    if not search.objective:
        return fitting[0] if fitting else None
    return next((metric for metric in fitting if metric.name == search.objective), None)


def _between(low: float, high: float) -> float:
    return math.sqrt(low * high) if low > 0 and high / low >= WIDE else (low + high) / 2


def _text(value: float, is_whole: bool) -> str:
    return str(round(value)) if is_whole else f"{value:.4g}"
