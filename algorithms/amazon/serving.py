"""What the predictors of the first-party algorithms have in common: read rows, predict them together, write answers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from algorithms.amazon import answers, artifact, requests
from algorithms.contract import NO_ENVIRONMENT, InvocationError, UserError
from algorithms.predictor import Predictor
from algorithms.spec import Algorithm


class Serving(Predictor):
    """A loaded model; safe to call from several threads.

    A subclass names its `algorithm`, takes the Model in `__init__`, where it sets `n_features`, and offers
    `predict(rows)`, an array with a row of figures for each row, and `records(figures)`, what is answered of them.
    """

    algorithm: ClassVar[Algorithm]
    key: ClassVar[str] = "predictions"
    verbose: ClassVar[bool] = False  # does it know `Accept: application/json; verbose=true`?

    def __init_subclass__(cls) -> None:
        cls.content_types, cls.accepts = cls.algorithm.content_types, cls.algorithm.accepts

    @abstractmethod
    def __init__(self, model: artifact.Model): ...

    @classmethod
    def load(cls, model_dir: Path, environment: Mapping[str, str] = NO_ENVIRONMENT) -> Self:
        """The model in `model_dir`; raises UserError with a plain reason if it is broken or missing."""
        return cls(artifact.load(model_dir, cls.algorithm.name))

    @abstractmethod
    def records(self, figures: np.ndarray, verbose: bool) -> list[dict[str, Any]]:
        """What is answered for each row: {field: number or list of numbers}."""

    def probe(self) -> None:
        """Really predict one row of zeros; raises UserError if that cannot be done."""
        try:
            body = self.write(self.predict(np.zeros((1, self.n_features), np.float32)), self.accepts[0])
        except InvocationError as e:
            raise UserError(f"The model cannot predict: {e.message}") from e
        if not body:
            raise UserError("The model cannot predict: it gave no answer for one row.")

    def read(self, body: bytes, content_type: str | None) -> np.ndarray:
        """The request's rows, float32 (rows, n_features). Raises InvocationError 415 or 400."""
        return requests.rows(body, content_type, self.n_features, self.content_types)

    def check(self, rows: np.ndarray) -> np.ndarray:
        """The same of numbers that come from no body. Raises InvocationError 400."""
        return requests.checked(rows, self.n_features)

    def agree(self, accept: str | None) -> str:
        """The content type of the answer. Raises InvocationError 406."""
        return answers.agreed(accept, self.accepts, self.verbose)

    def write(self, figures: np.ndarray, accept: str) -> bytes:
        """The answer's body in the agreed content type."""
        return answers.write(self.records(figures, accept.endswith(answers.VERBOSE)), accept, self.key)
