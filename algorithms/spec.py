"""The declaration of an algorithm, from which its form, checks, API responses and tests follow.

This module imports only the standard library, so every process imports it in milliseconds. Only `load_trainer()` and
`load_predictor()` import the libraries behind an algorithm.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from algorithms.container import Container, ContainerVersion
from algorithms.contract import (
    AlgorithmFailure,
    Channel,
    DataContract,
    Facts,
    HyperparameterProblem,
    InvalidHyperparameters,
    InvocationError,
    TrainingContext,
    UserError,
)
from algorithms.images import Images
from algorithms.parameters import (
    Categorical,
    CommaList,
    Continuous,
    Hyperparameter,
    Integer,
    InvalidValue,
    NestedList,
    Text,
    Tuple,
)
from algorithms.prediction_kind import PredictionKind
from algorithms.predictor import Predictor
from algorithms.score_kind import ScoreKind, score_kind_of_task
from algorithms.suggestion import Suggest, Suggestion, TableSummary, no_suggestion
from algorithms.training_log import EPOCH, ROUND, Figure, TrainingLog
from common.messages import gettext_noop

__all__ = [
    "EPOCH",
    "ROUND",
    "Algorithm",
    "AlgorithmFailure",
    "Categorical",
    "Channel",
    "ChannelSpec",
    "CommaList",
    "Container",
    "ContainerVersion",
    "Continuous",
    "DataContract",
    "ErrorMessages",
    "Facts",
    "Figure",
    "Hyperparameter",
    "HyperparameterProblem",
    "Images",
    "Integer",
    "InvalidHyperparameters",
    "InvalidValue",
    "InvocationError",
    "Metric",
    "NestedList",
    "PredictionKind",
    "Predictor",
    "ScoreKind",
    "Suggestion",
    "TableSummary",
    "Text",
    "TrainingContext",
    "TrainingLog",
    "Tuple",
    "UserError",
]  # fmt: skip

Rule = Callable[[Mapping[str, Any]], Iterable[HyperparameterProblem]]
Settle = Callable[[Mapping[str, str], Facts], dict[str, str]]


_CSV_LABEL_FIRST = DataContract()


def _unchanged(hyperparameters: Mapping[str, str], facts: Facts) -> dict[str, str]:
    return dict(hyperparameters)


def _suggested_task(hyperparameters: Mapping[str, str], suggested: str) -> str:
    return suggested


def _unknown(values: Mapping[str, Any], facts: Facts) -> float:
    return 0.0


@dataclass(frozen=True, eq=False)
class Metric:
    """A metric the trainer logs. `goal` is "max" or "min". Only tunable metrics can be a tuning objective.

    `quality` is False for a metric that does not measure the model, such as the progress of training. `each_round`: it
    is logged after every round, so that a job can be judged before its end.
    """

    name: str
    regex: str
    goal: str
    tunable: bool = True
    quality: bool = True
    each_round: bool = False


@dataclass(frozen=True, eq=False)
class ChannelSpec:
    """An input channel that the algorithm reads."""

    name: str
    help: str
    required: bool = False
    content_types: tuple[str, ...] = ()
    input_modes: tuple[str, ...] = ("File",)


@dataclass(frozen=True, eq=False)
class ErrorMessages:
    """The container's error messages for a missing, an unknown and an invalid hyperparameter."""

    missing: Callable[[str], str] = "Missing required hyperparameter: {}".format
    unknown: Callable[[str], str] = "Extraneous hyperparameter found: {}".format
    invalid: Callable[[Hyperparameter, Any], str] | None = None  # None: the hyperparameter's own message


_TOOLKIT = ErrorMessages()
_SILENT = TrainingLog()
_STRICT = Container()
_BARS = '<path class="g1" d="M5 27h22M9 27V16M16 27V7M23 27V12"/>'


@dataclass(frozen=True, eq=False)
class Algorithm:
    """One algorithm of the catalogue. `rules` look at several hyperparameters together, in the container's order.

    `task_of(hyperparameters, suggested)` returns the task the hyperparameters select, else the suggested one.
    `predicts` are the tasks it can do, `as_number` the hyperparameters that select a regression.
    `settle(hyperparameters, facts)` adds the values a user left out (objective, feature_dim, k) and keeps the others.
    `seconds(values, facts)` estimates the training time on one ml.m5.large, `memory(values, facts)` the bytes it needs;
    both are 0 when unknown. `accept_header` is the Accept header of the console's requests, "" for none.
    `row_rules` name hyperparameters for which a table of labels and features says too little.
    `class_weights` are the tasks in which it can let each class count the same (`Facts.class_counts`).
    `explains`: its models say what each number of a row adds to the answer (`algorithms.contributions`).
    `refits`: it can train once more on all rows (`algorithms.refit`), `folds`: for rounds that folds choose.
    `distributes`: its trainer takes part in a job of several hosts (`TrainingContext.hosts`), for which
    `distributed_rules` name the hyperparameters that need one alone.
    `libraries` are the packages that its predictor imports beside NumPy, by their names on PyPI; where the
    engine has a package NAME-cpu of the same, that of NAME.
    `objectives` are the metrics that a tuning job may look for, by task ("" without a label), its own first; {} where
    a tuning job has nothing to go by. `objective_parameter` is the hyperparameter that selects the metric that
    is logged, "" where all are.
    `score_quantiles` are the metrics that say below which anomaly score a share of the training rows lies.
    `score_kind(hyperparameters, task)` is what the scores of a model with a label mean; hyperparameters that are left
    out count as settled for the task.
    `prediction_kind` is the meaning of the numbers in a response, `log` parses rounds and metric values from the log,
    `container` describes how AWS's container treats unprepared data. `needs_on_aws` explains why an image alone does
    not start the algorithm on Amazon SageMaker, "" when it does.
    `group` is its heading on the Create model page. `glyph` is its picture there: the content of an SVG of 32 x 32,
    with the classes g1 (lines) and g2 (dots). `suggest(table)` returns a reason to suggest it for a table, or None.
    """

    name: str
    title: str
    help: str
    tasks: tuple[str, ...]
    hyperparameters: tuple[Hyperparameter, ...]
    channels: tuple[ChannelSpec, ...]
    content_types: tuple[str, ...]
    accepts: tuple[str, ...]
    metrics: tuple[Metric, ...]
    images: Images
    trainer: str
    predictor: str
    group: str = gettext_noop("More")
    glyph: str = _BARS
    data: DataContract = _CSV_LABEL_FIRST
    accept_header: str = ""
    row_rules: tuple[Rule, ...] = ()
    refits: bool = False
    folds: bool = False
    libraries: tuple[str, ...] = ()
    explains: bool = False
    class_weights: tuple[str, ...] = ()
    objectives: Mapping[str, tuple[str, ...]] = None  # type: ignore[assignment]
    objective_parameter: str = ""
    score_quantiles: Mapping[str, float] = None  # type: ignore[assignment]
    prediction_kind: PredictionKind = PredictionKind.SCORES
    log: TrainingLog = _SILENT
    container: Container = _STRICT
    suggest: Suggest = no_suggestion
    needs_on_aws: str = ""
    presets: Mapping[str, Mapping[str, str]] = None  # type: ignore[assignment]  # Fast, Balanced, Accurate
    task_of: Callable[[Mapping[str, str], str], str] = _suggested_task
    predicts: tuple[str, ...] = ("binary", "multiclass", "regression")
    as_number: Mapping[str, str] = None  # type: ignore[assignment]
    settle: Settle = _unchanged
    score_kind: Callable[[Mapping[str, str], str], ScoreKind] = score_kind_of_task
    seconds: Callable[[Mapping[str, Any], Facts], float] = _unknown
    memory: Callable[[Mapping[str, Any], Facts], float] = _unknown
    aliases: Mapping[str, str] = None  # type: ignore[assignment]
    distributes: bool = False
    distributed_rules: tuple[Rule, ...] = ()
    rules: tuple[Rule, ...] = ()
    error_messages: ErrorMessages = _TOOLKIT

    def __post_init__(self) -> None:
        for name in ("aliases", "presets", "as_number", "objectives", "score_quantiles"):
            object.__setattr__(self, name, dict(getattr(self, name) or {}))
        object.__setattr__(self, "_by_name", {h.name: h for h in self.hyperparameters})

    @property
    def supervised(self) -> bool:
        """True if the algorithm predicts a label."""
        return self.data.label

    @property
    def divides_rows(self) -> bool:
        """True if instances of one job can each have objects of their own of the training channel.

        Not where categorical_index.json is among these, which one instance alone would get.
        """
        return self.distributes and self.data.categories != "native"

    def hyperparameter(self, name: str) -> Hyperparameter:
        """Return the hyperparameter called `name`, or with `name` as an alias. Raises KeyError."""
        by_name: dict[str, Hyperparameter] = self._by_name  # type: ignore[attr-defined]
        return by_name[self.aliases.get(name, name)]

    def parse(self, raw: Mapping[str, str]) -> dict[str, Any]:
        """Return the hyperparameters as values, with aliases resolved. Adds no defaults.

        Raises InvalidHyperparameters with every problem, in the order in which the container checks them.
        """
        problems: list[HyperparameterProblem] = []
        texts: dict[str, Any] = {}
        for name, text in raw.items():
            own = self.aliases.get(name, name)
            if own in texts and str(texts[own]) != str(text):
                problems.append(
                    HyperparameterProblem(
                        own, f"Hyperparameter {own} is given twice, also as {name}. Keep one of them."
                    )
                )
            texts[own] = text
        for h in self.hyperparameters:
            if h.required and h.name not in texts:
                problems.append(HyperparameterProblem(h.name, self.error_messages.missing(h.name)))
        values: dict[str, Any] = {}
        for name, text in texts.items():
            if name.startswith("sagemaker_"):
                continue  # the SDK's bookkeeping (sagemaker_program, sagemaker_region, ...), not a setting
            try:
                values[name] = self.hyperparameter(name).parse(text)
            except KeyError:
                problems.append(HyperparameterProblem(name, self.error_messages.unknown(name)))
            except InvalidValue as e:
                describe = self.error_messages.invalid
                problems.append(
                    HyperparameterProblem(name, describe(self.hyperparameter(name), text) if describe else str(e))
                )
        bad = {problem.name for problem in problems}
        for rule in self.rules:
            # A rule would only repeat the problem of a value that is already invalid.
            problems += [p for p in rule(values) if p.name not in bad]
        if problems:
            raise InvalidHyperparameters(tuple(problems))
        return values

    def image_uri(self, region: str) -> str:
        """Return the current image of this algorithm in `region`, as the SageMaker SDK writes it."""
        return self.images.uri(region)

    def metric_definitions(self) -> list[dict[str, str]]:
        """Return AWS's AlgorithmSpecification.MetricDefinitions of a built-in algorithm."""
        return [{"Name": m.name, "Regex": m.regex} for m in self.metrics]

    def load_trainer(self) -> Callable[[TrainingContext], None]:
        """Import and return the training function, and with it the machine-learning library."""
        return _load(self.trainer)

    def load_predictor(self) -> type[Predictor]:
        """Import and return the predictor class, and with it the machine-learning library."""
        return _load(self.predictor)


def _load(path: str) -> Any:
    module, _, attribute = path.partition(":")
    return getattr(importlib.import_module(module), attribute)
