"""The interface between an algorithm and its caller: job context, data contract, errors.

Exception
+-- UserError                   the caller can fix it      -> FailureReason "ClientError: ..."
|   +-- InvalidHyperparameters  holds every problem
+-- AlgorithmFailure            the algorithm failed       -> FailureReason "AlgorithmError: ..."
+-- InvocationError             the status and text of a refused prediction request
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

MAX_MESSAGE = 2000  # characters of an error that an endpoint answers
NO_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})


class UserError(Exception):
    """The data or the settings are wrong. The message says how to fix them."""


class AlgorithmFailure(Exception):
    """Training failed, and the cause is not clearly the user's data or settings."""


class InvocationError(Exception):
    """A prediction request that gets an error response. A message is cut: it may repeat the whole body, and is logged.

    Statuses as in AWS's containers: 204 empty body, 400 cannot be evaluated, 406 bad Accept, 415 unreadable, 500 other.
    """

    def __init__(self, status: int, message: str = ""):
        self.status = status
        self.message = message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}..."
        super().__init__(self.message)


class HyperparameterProblem(NamedTuple):
    """One invalid hyperparameter, by name, with the container's text about it."""

    name: str
    message: str


class InvalidHyperparameters(UserError):
    """All problems of a set of hyperparameters.

    AWS reports only the first problem. Its text comes first here too.
    """

    def __init__(self, problems: tuple[HyperparameterProblem, ...]):
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Facts:
    """Properties of the prepared data, for completing hyperparameters and estimating a run."""

    task: str = ""  # binary | multiclass | regression; "" for unsupervised algorithms
    classes: int = 0
    rows: int = 0  # for training
    features: int = 0  # numbers per row after preparation
    validation: bool = False  # True if rows are held out
    entries: int = 0  # features that a sparse row names; 0: all of them, rows are dense
    weighted: bool = False  # True if each row has a weight
    class_counts: tuple[int, ...] = ()  # rows of each class in order, where each class is to count the same
    # 1, -1 or 0 for each feature that a prediction may only rise or fall with, up to the last
    monotone: tuple[int, ...] = ()
    categories: int = 0  # features that are codes of categories

    @property
    def row_size(self) -> int:
        """The numbers that a row holds."""
        return self.entries or self.features


@dataclass(frozen=True)
class DataContract:
    """The input an algorithm expects. Table preparation follows it.

    `categories` is one-hot (a column per value for few values, for many the label's mean or a hash), native (small
    integer codes, with the column numbers in categorical_index.json as AWS's LightGBM and CatBoost read it), sparse
    (a column per value, of which a record names the one that is not 0; only as RecordIO) or one-hot-sparse (one-hot for
    few values; a text of many makes the rows sparse records, whatever `content_type` is).
    `missing` is native (an empty cell) or filled (the mean of the training rows, the most common value of a category).
    With `weights` the second column says how much a row counts where `Facts.weighted` is true; `settle` then sets the
    hyperparameter for it. `monotone` says the same of `Facts.monotone`. `scale` is a hint: the algorithm compares
    distances, so columns should be standardised unless the user opts out.
    """

    label: bool = True  # the first column is the label
    content_type: str = "text/csv"  # text/csv, text/csv;label_size=0, application/x-recordio-protobuf
    train: str = "train"  # the channels' names
    validation: str = "validation"  # "" when the algorithm uses no held-out rows
    categories: str = "one-hot"
    missing: str = "native"
    scale: bool = False
    weights: bool = False
    monotone: bool = False
    max_features: int = 0  # 0: no limit
    min_rows: int = 1


@dataclass
class Channel:
    """One input channel of a running job: a folder of files, or a named pipe `<path>_0` in Pipe mode if it is there."""

    name: str
    path: Path
    content_type: str | None = None
    input_mode: str = "File"
    record_wrapper: str | None = None
    compression: str | None = None
    is_sharded: bool = False  # each host has objects of its own


@dataclass
class TrainingContext:
    """The input of a trainer. Folders mirror /opt/ml (`output_dir` is /opt/ml/output).

    `hosts` are the names of the job's members, which reach one another by them; this one is `current_host`.
    """

    hyperparameters: dict[str, str]
    channels: dict[str, Channel]
    model_dir: Path
    output_dir: Path
    checkpoint_dir: Path | None = None
    num_cpus: int = 1
    environment: dict[str, str] = field(default_factory=dict)
    image: str = ""  # the job's container image
    hosts: tuple[str, ...] = ("algo-1",)
    current_host: str = "algo-1"
