"""The interface of a loaded model that serves prediction requests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from algorithms.contract import NO_ENVIRONMENT, InvocationError
from algorithms.contributions import Contributions
from algorithms.model_proof import Proof, Unproven
from algorithms.score_kind import ScoreKind

NO_QUANTILES: Mapping[str, float] = MappingProxyType({})

if TYPE_CHECKING:  # the catalogue imports this module, and no library
    import numpy as np


class Predictor(ABC):
    """A loaded model. Safe to call from several threads.

    A request takes four steps: `read` (body to rows), `response_type` (content type of the response), `predict` (rows
    to predictions) and `write` (predictions to the response body). Rows are float32 (rows, n_features), missing values
    are NaN. The caller may predict the rows of several requests together. Each step raises InvocationError with the
    container's status and text.
    """

    n_features: int
    feature_names: list[str] | None = None
    content_types: tuple[str, ...]
    accepts: tuple[str, ...]
    score_quantiles: Mapping[str, float] = NO_QUANTILES  # {quantile as text: anomaly score of the training rows}
    score_kind: ScoreKind | None = None  # what its scores mean; None: what the algorithm declares
    inline_limit: int = 16 * 1024  # bytes of a body that is predicted within milliseconds, without a thread

    @classmethod
    def prepare(cls) -> None:
        """Make ready what reads and predicts faster in this process, for models that are loaded later.

        It needs a C compiler once on each machine. Optional, never raises, repeatable.
        """
        from algorithms.formats import number_rows

        number_rows.build()

    @classmethod
    @abstractmethod
    def load(cls, model_dir: Path, environment: Mapping[str, str] = NO_ENVIRONMENT) -> Self:
        """Load the model in `model_dir`. Raises UserError if it is broken, missing or a pickle."""

    @classmethod
    def validate(cls, model_dir: Path, target: Path) -> Proof:
        """Write a copy of the model in `model_dir` into the folder `target` that `load` can load without harm.

        Uses Python and NumPy alone: a library may trust its own files. Raises UserError if the model is broken, and
        Unproven if only the library can judge it. Such a model is loaded in a process of its own, as is that of an
        algorithm that does not override this method.
        """
        raise Unproven("its algorithm has no validator of model files")

    @abstractmethod
    def probe(self) -> None:
        """Predict one row of zeros. Raises UserError if that fails."""

    @abstractmethod
    def read(self, body: bytes, content_type: str | None) -> np.ndarray:
        """Parse a request's body into rows: float32 (rows, n_features)."""

    @abstractmethod
    def check(self, rows: np.ndarray) -> np.ndarray:
        """Validate numbers (rows, n_features) of any float type and return them as float32.

        Raises what `read` raises for the same numbers in CSV.
        """

    @abstractmethod
    def response_type(self, accept: str | None) -> str:
        """Return the content type of the response to a request with this Accept header."""

    @abstractmethod
    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Return the predictions for rows: shape (rows,) or (rows, numbers per row)."""

    def predict_numbers(self, numbers: Sequence[float]) -> list[Any] | None:
        """As `predict`, for the numbers of rows, one row after another; returns Python's numbers, for `write`.

        Optional, for models that predict a row in less time than NumPy takes to make one. None if there is no such way
        for this model. Raises ValueError or OverflowError for numbers that `check` would refuse.
        """
        return None

    @abstractmethod
    def write(self, predictions: Any, accept: str) -> bytes:
        """Return the response body in the content type that `response_type` returned.

        `predictions` are the array that `predict` returned or, of a predictor that has it, the list of
        `predict_numbers`.
        """

    def contributions(self, rows: np.ndarray) -> Contributions:
        """Return how much each number of float32 rows (rows, n_features) adds to the answer.

        Raises InvocationError 406 if the algorithm, or this model, has no contributions that add up to its answer.
        """
        raise InvocationError(406, "This algorithm has no contributions of single numbers that add up to its answer.")

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> tuple[bytes, str]:
        """Return the response body and its content type for a whole request."""
        rows = self.read(body, content_type)
        response_type = self.response_type(accept)
        return self.write(self.predict(rows), response_type), response_type
