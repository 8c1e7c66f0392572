"""What passes between an algorithm and whoever runs it: the job's surroundings, the predictor, and the errors.

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
from typing import NamedTuple, Protocol

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


class Problem(NamedTuple):
    """One thing wrong with the hyperparameters: which one, and the container's text about it."""

    name: str
    message: str


class InvalidHyperparameters(UserError):
    """Everything wrong with a set of hyperparameters. AWS reports only the first; its text comes first here too."""

    def __init__(self, problems: tuple[Problem, ...]):
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


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


class Predictor(Protocol):
    """A loaded model that answers requests; safe to call from several threads."""

    n_features: int
    feature_names: list[str] | None
    content_types: tuple[str, ...]
    accepts: tuple[str, ...]

    @classmethod
    def load(cls, model_dir: Path, environment: Mapping[str, str] = NO_ENVIRONMENT) -> Predictor:
        """The model in `model_dir`; raises UserError with a plain reason if it is broken or missing."""
        ...

    def probe(self) -> None:
        """Really predict one row of zeros; raises UserError if that cannot be done."""
        ...

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> tuple[bytes, str]:
        """The answer's body and content type; raises InvocationError."""
        ...
