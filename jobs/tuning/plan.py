"""What launching a tuning job sends: the plan of its training job, with the ranges in the place of what is varied.

Every try reads the channels that were prepared once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from algorithms.spec import Algorithm, Integer, Metric
from common.messages import _
from common.problems import Problem
from jobs.estimate import Estimate, estimate
from jobs.plan import LaunchPlan
from jobs.spec import JobSpec
from jobs.tuning.checks import most_rounds
from jobs.tuning.search import GRID, HYPERBAND, Range, Search, metrics, middle, objective
from tables.inspection import Inspection

TYPES = {"max": "Maximize", "min": "Minimize"}
OF_A_JOB = ("TrainingJobName", "HyperParameters", "Tags")


@dataclass(frozen=True)
class TuningPlan:
    """What a launch sends, as far as it can be known. `launch.spec.name` is the tuning job's name.

    `task` is that of the table, None if it is not known; then the first metric of the algorithm stands for its own.
    """

    launch: LaunchPlan
    search: Search
    task: str | None = None

    @property
    def metric(self) -> Metric:
        """The metric that is looked for. Raises Problem if none fits."""
        algorithm = self.launch.algorithm
        task = next(iter(algorithm.objectives), "") if self.task is None and not self.search.objective else self.task
        if task is None:
            named = [metric for metric in metrics(algorithm) if metric.name == self.search.objective]
            metric = named[0] if named else None
        else:
            metric = objective(algorithm, self.search, task)
        if metric is None:
            words = _("%(name)s does not fit this table. Choose another metric.", name=self.search.objective or "-")
            raise Problem(words, "objective")
        return metric

    def request(self) -> dict[str, Any]:
        """The CreateHyperParameterTuningJob request, with people's tags alone. Raises the first problem of `launch`."""
        request = {
            "HyperParameterTuningJobName": self.launch.spec.name,
            "HyperParameterTuningJobConfig": self._config(),
            "TrainingJobDefinition": self._definition(),
        }
        return request | ({"Tags": self.launch.tags} if self.launch.tags else {})

    def _config(self) -> dict[str, Any]:
        search, metric = self.search, self.metric
        limits = {"MaxParallelTrainingJobs": search.max_parallel}
        if search.strategy != GRID:  # it tries what there is
            limits["MaxNumberOfTrainingJobs"] = search.max_jobs
        if search.max_runtime:
            limits["MaxRuntimeInSeconds"] = search.max_runtime
        config: dict[str, Any] = {
            "Strategy": search.strategy,
            "HyperParameterTuningJobObjective": {"Type": TYPES[metric.goal], "MetricName": metric.name},
            "ResourceLimits": limits,
            "ParameterRanges": parameter_ranges(self.launch.algorithm, search),
            "TrainingJobEarlyStoppingType": "Auto" if search.early_stopping and search.strategy != HYPERBAND else "Off",
        }
        if search.strategy == HYPERBAND:
            most = most_rounds(self.launch.spec, self.launch.algorithm)
            config["StrategyConfig"] = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": most}}
        return config

    def _definition(self) -> dict[str, Any]:
        job = self.launch.training_job()
        static = {name: text for name, text in job["HyperParameters"].items() if name not in self.search.ranges}
        if parameter := self.launch.algorithm.objective_parameter:
            static[parameter] = self.metric.name
        return {"StaticHyperParameters": static} | {name: v for name, v in job.items() if name not in OF_A_JOB}


def parameter_ranges(algorithm: Algorithm, search: Search) -> dict[str, list[dict[str, Any]]]:
    """The ParameterRanges of `search`."""
    if search.strategy == GRID:
        lists = [{"Name": name, "Values": list(one.values)} for name, one in search.ranges.items()]
        return {"CategoricalParameterRanges": lists}
    whole = {n: one for n, one in search.ranges.items() if isinstance(algorithm.hyperparameter(n), Integer)}
    real = {n: one for n, one in search.ranges.items() if n not in whole}
    kinds = {"IntegerParameterRanges": whole, "ContinuousParameterRanges": real}
    return {kind: _numbers(ranges) for kind, ranges in kinds.items() if ranges}


def _numbers(ranges: Mapping[str, Range]) -> list[dict[str, Any]]:
    return [
        {"Name": name, "MinValue": one.low, "MaxValue": one.high, "ScalingType": one.scale}
        for name, one in ranges.items()
    ]


@dataclass(frozen=True)
class TuningEstimate:
    """The estimate of one try, with the middle of each range, and of all of them. Dollars are Amazon's."""

    one: Estimate
    jobs: int
    at_a_time: int
    limit: int  # seconds, 0 for none

    @property
    def all(self) -> Estimate:
        """All tries: time as many run at a time, and what all of them cost."""
        waves = -(-self.jobs // max(1, self.at_a_time))
        seconds, dollars = self.one.seconds, self.one.dollars
        if seconds:
            seconds = (seconds[0] * waves, seconds[1] * waves)
            if self.limit:
                seconds = (min(seconds[0], self.limit), min(seconds[1], self.limit))
        if dollars:
            dollars = (dollars[0] * self.jobs, dollars[1] * self.jobs)
        return Estimate(**vars(self.one) | {"seconds": seconds, "dollars": dollars})


def estimate_tuning(spec: JobSpec, search: Search, table: Inspection | None) -> TuningEstimate:
    """The estimate for `search` over `spec` on `table`."""
    middles = {name: middle(one, search.strategy) for name, one in search.ranges.items()}
    one = estimate(spec.but(hyperparameters=spec.hyperparameters | {n: t for n, t in middles.items() if t}), table)
    return TuningEstimate(one, search.jobs, search.max_parallel, search.max_runtime)
