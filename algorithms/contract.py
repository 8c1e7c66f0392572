"""What passes between an algorithm and whoever runs it: the job's surroundings and the errors.

Exception
+-- UserError                   the caller can mend it     -> FailureReason "ClientError: ..."
|   +-- InvalidHyperparameters  carries every problem at once
+-- AlgorithmFailure            the algorithm broke        -> FailureReason "AlgorithmError: ..."
+-- InvocationError             what /invocations answers: a status and a text
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

NO_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})


class UserError(Exception):
    """The data or the settings are at fault, and the message says how to mend them."""


class AlgorithmFailure(Exception):
    """Training broke for a reason that is not plainly the user's."""


class InvocationError(Exception):
    """What a prediction request is answered instead of a prediction.

    Statuses as in the container: 204 empty body, 400 cannot be evaluated, 406 bad Accept, 415 unreadable, 500 other.
    """

    def __init__(self, status: int, message: str = ""):
        super().__init__(message)
        self.status = status
        self.message = message


class HyperparameterProblem(NamedTuple):
    """One thing wrong with the hyperparameters: which one, and the container's text about it."""

    name: str
    message: str


class InvalidHyperparameters(UserError):
    """Everything wrong with a set of hyperparameters. AWS reports only the first; its text comes first here too."""

    def __init__(self, problems: tuple[HyperparameterProblem, ...]):
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Facts:
    """What is known of the prepared data when hyperparameters are settled and a run is estimated."""

    task: str = ""  # binary | multiclass | regression; "" when nothing is predicted
    classes: int = 0
    rows: int = 0  # to learn from
    features: int = 0  # numbers a row, after preparing
    validation: bool = False  # rows are held out


@dataclass(frozen=True)
class DataContract:
    """What an algorithm takes, so that preparing a person's table knows what to make of it.

    `categories`: one-hot (a column each for few values, a hash or ordinal code for many), or native (small integer
    codes; the columns' places are told in categorical_index.json, as AWS's LightGBM and CatBoost take them).
    `missing`: native (an empty cell), or filled (mean of the training rows; the commonest value of a category).
    `scale` is a hint only: distances between rows count, so columns should be standardised unless told otherwise.
    """

    label: bool = True  # the first column is the label
    content_type: str = "text/csv"  # what is written: text/csv, text/csv;label_size=0, application/x-recordio-protobuf
    train: str = "train"  # the channels' names
    validation: str = "validation"  # "" when the algorithm looks at no held-out rows
    categories: str = "one-hot"
    missing: str = "native"
    scale: bool = False
    most_features: int = 0  # 0: no limit
    least_rows: int = 1


@dataclass
class Channel:
    """One input channel of a running job: a folder of files (File mode) or a named pipe `<path>_0` (Pipe mode)."""

    name: str
    path: Path
    content_type: str | None = None
    input_mode: str = "File"
    record_wrapper: str | None = None
    compression: str | None = None


@dataclass
class TrainingContext:
    """A training job as the algorithm sees it; folders mirror /opt/ml (`output_dir` is /opt/ml/output)."""

    hyperparameters: dict[str, str]
    channels: dict[str, Channel]
    model_dir: Path
    output_dir: Path
    checkpoint_dir: Path | None = None
    num_cpus: int = 1
    environment: dict[str, str] = field(default_factory=dict)
    image: str = ""  # the container image that was asked for
