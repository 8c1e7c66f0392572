"""What the catalogue says of an algorithm: enough for its form, its checks, its wire answers and its tests.

Only the standard library, so that web, engine and workers import it in milliseconds. The libraries behind an algorithm
are imported by `load_trainer()` and `load_predictor()` alone.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from algorithms.answer import Answer
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
from algorithms.predictor import Predictor
from algorithms.suggestion import Suggest, Suggestion, TableSummary, never
from algorithms.training_log import EPOCH, ROUND, Figure, TrainingLog
from common.messages import gettext_noop

__all__ = [
    "EPOCH",
    "ROUND",
    "Algorithm",
    "AlgorithmFailure",
    "Answer",
    "Categorical",
    "Channel",
    "ChannelSpec",
    "CommaList",
    "Container",
    "ContainerVersion",
    "Continuous",
    "DataContract",
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
    "Predictor",
    "Suggestion",
    "TableSummary",
    "Text",
    "TrainingContext",
    "TrainingLog",
    "Tuple",
    "UserError",
    "Words",
]  # fmt: skip

_DOMAINS = {"cn-": "amazonaws.com.cn", "us-iso-": "c2s.ic.gov", "us-isob-": "sc2s.sgov.gov"}
Rule = Callable[[Mapping[str, Any]], Iterable[HyperparameterProblem]]
Settle = Callable[[Mapping[str, str], Facts], dict[str, str]]


_CSV_LABEL_FIRST = DataContract()


def _as_given(given: Mapping[str, str], facts: Facts) -> dict[str, str]:
    return dict(given)


def _as_suggested(given: Mapping[str, str], suggested: str) -> str:
    return suggested


def _unknown(values: Mapping[str, Any], facts: Facts) -> float:
    return 0.0


@dataclass(frozen=True, eq=False)
class Metric:
    """A figure the trainer logs. `goal` is "max" or "min"; only tunable ones may be a tuning objective.

    `quality` is False for a figure that says nothing of the model, such as the share of the training that is done.
    """

    name: str
    regex: str
    goal: str
    tunable: bool = True
    quality: bool = True


@dataclass(frozen=True, eq=False)
class ChannelSpec:
    """An input channel the algorithm knows."""

    name: str
    help: str
    required: bool = False
    content_types: tuple[str, ...] = ()
    input_modes: tuple[str, ...] = ("File",)


@dataclass(frozen=True, eq=False)
class Images:
    """Where AWS keeps the algorithm's container, and every repository name that means this algorithm."""

    repository: str
    tag: str
    accounts: Mapping[str, str]  # region -> registry account
    also: tuple[str, ...] = ()  # other repository names, for example of older images
    home: str = "us-east-1"  # whose account stands in for a region the table does not have

    def uri(self, region: str) -> str:
        account = self.accounts.get(region) or self.accounts[self.home]
        domain = next((d for prefix, d in _DOMAINS.items() if region.startswith(prefix)), "amazonaws.com")
        return f"{account}.dkr.ecr.{region}.{domain}/{self.repository}:{self.tag}"

    def includes(self, image_uri: str) -> bool:
        """Is this one of the algorithm's images, in whatever registry and with whatever tag or digest?"""
        repository = image_uri.rsplit("/", 1)[-1].split("@", 1)[0].split(":", 1)[0]
        return repository == self.repository or repository in self.also


@dataclass(frozen=True, eq=False)
class Words:
    """How the container refuses hyperparameters: a missing one, an unknown one, and a value that is not accepted."""

    missing: Callable[[str], str] = "Missing required hyperparameter: {}".format
    unknown: Callable[[str], str] = "Extraneous hyperparameter found: {}".format
    refused: Callable[[Hyperparameter, Any], str] | None = None  # None: as the kind of hyperparameter says it


_TOOLKIT = Words()
_SILENT = TrainingLog()
_STRICT = Container()
_BARS = '<path class="g1" d="M5 27h22M9 27V16M16 27V7M23 27V12"/>'


@dataclass(frozen=True, eq=False)
class Algorithm:
    """One algorithm of the catalogue. `rules` look at several hyperparameters together, in the container's order.

    `task_of(given, suggested)` is the task the hyperparameters ask for, else the suggested one. `settle(given, facts)`
    completes what a person left open (objective, feature_dim, k); what was given stays. `seconds(values, facts)` is
    about how long training takes on one ml.m5.large, and `memory` how many bytes it needs; 0 when not known.
    `asks` is the Accept header whose answer the console reads; "" sends none. `answer` says what the answer's numbers
    mean, `log` how the log tells rounds and figures, `container` what AWS's container does with data that nobody
    prepared. `needs_on_aws` says, in words, why an image alone does not start the algorithm on Amazon SageMaker and
    what does; "" when it is all that is needed.
    `group` is the heading under which the Create model page lists it, `glyph` its picture there: the content of an SVG
    of 32 x 32, with the classes g1 (lines) and g2 (dots). `suggest(table)` says whether it suits a table, and why.
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
    asks: str = ""
    answer: Answer = Answer.SCORES
    log: TrainingLog = _SILENT
    container: Container = _STRICT
    suggest: Suggest = never
    needs_on_aws: str = ""
    presets: Mapping[str, Mapping[str, str]] = None  # type: ignore[assignment]  # Fast, Balanced, Accurate
    task_of: Callable[[Mapping[str, str], str], str] = _as_suggested
    settle: Settle = _as_given
    seconds: Callable[[Mapping[str, Any], Facts], float] = _unknown
    memory: Callable[[Mapping[str, Any], Facts], float] = _unknown
    aliases: Mapping[str, str] = None  # type: ignore[assignment]
    rules: tuple[Rule, ...] = ()
    words: Words = _TOOLKIT

    def __post_init__(self) -> None:
        object.__setattr__(self, "aliases", dict(self.aliases or {}))
        object.__setattr__(self, "presets", dict(self.presets or {}))
        object.__setattr__(self, "_by_name", {h.name: h for h in self.hyperparameters})

    @property
    def supervised(self) -> bool:
        """True if it learns to predict a label."""
        return self.data.label

    def hyperparameter(self, name: str) -> Hyperparameter:
        """The hyperparameter called `name`, or by an alias of it. Raises KeyError."""
        by_name: dict[str, Hyperparameter] = self._by_name  # type: ignore[attr-defined]
        return by_name[self.aliases.get(name, name)]

    def parse(self, raw: Mapping[str, str]) -> dict[str, Any]:
        """The given hyperparameters as values, under their own names; nothing that was not given is added.

        Raises InvalidHyperparameters with every problem at once, in the order the container would meet them.
        """
        problems: list[HyperparameterProblem] = []
        given: dict[str, Any] = {}
        for name, text in raw.items():
            own = self.aliases.get(name, name)
            if own in given and str(given[own]) != str(text):
                problems.append(
                    HyperparameterProblem(
                        own, f"Hyperparameter {own} is given twice, also as {name}. Keep one of them."
                    )
                )
            given[own] = text
        for h in self.hyperparameters:
            if h.required and h.name not in given:
                problems.append(HyperparameterProblem(h.name, self.words.missing(h.name)))
        values: dict[str, Any] = {}
        for name, text in given.items():
            if name.startswith("sagemaker_"):
                continue  # the SDK's bookkeeping (sagemaker_program, sagemaker_region, ...), not a setting
            try:
                values[name] = self.hyperparameter(name).parse(text)
            except KeyError:
                problems.append(HyperparameterProblem(name, self.words.unknown(name)))
            except InvalidValue as e:
                say = self.words.refused
                problems.append(HyperparameterProblem(name, say(self.hyperparameter(name), text) if say else str(e)))
        bad = {problem.name for problem in problems}
        for rule in self.rules:
            # A rule's complaint about a value already refused would only repeat it.
            problems += [p for p in rule(values) if p.name not in bad]
        if problems:
            raise InvalidHyperparameters(tuple(problems))
        return values

    def image_uri(self, region: str) -> str:
        """The current image of this algorithm in `region`, as the SageMaker SDK would write it."""
        return self.images.uri(region)

    def metric_definitions(self) -> list[dict[str, str]]:
        """What AWS puts into AlgorithmSpecification.MetricDefinitions of a built-in algorithm."""
        return [{"Name": m.name, "Regex": m.regex} for m in self.metrics]

    def load_trainer(self) -> Callable[[TrainingContext], None]:
        """The function that trains; importing it imports the machine-learning library."""
        return _load(self.trainer)

    def load_predictor(self) -> type[Predictor]:
        """The class that loads and serves a model; importing it imports the machine-learning library."""
        return _load(self.predictor)


def _load(path: str) -> Any:
    module, _, attribute = path.partition(":")
    return getattr(importlib.import_module(module), attribute)
