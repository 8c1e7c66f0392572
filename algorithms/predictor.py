"""A loaded model that answers prediction requests, one step at a time: read, predict, write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from algorithms.contract import NO_ENVIRONMENT

if TYPE_CHECKING:  # the catalogue imports this module, and no library
    import numpy as np


class Predictor(ABC):
    """A loaded model. Safe to call from several threads.

    A request is answered by `read` (body to rows), `agree` (on the content type of the answer), `predict` (rows to
    predictions) and `write` (predictions to the answer's body). Rows are float32 (rows, n_features), missing as NaN.
    Rows of several requests may be predicted together. Each step raises InvocationError with the container's status
    and text.
    """

    n_features: int
    feature_names: list[str] | None = None
    content_types: tuple[str, ...]
    accepts: tuple[str, ...]
    on_loop: int = 16 * 1024  # bytes of a body up to which it answers within some milliseconds; a slow model says less

    @classmethod
    @abstractmethod
    def load(cls, model_dir: Path, environment: Mapping[str, str] = NO_ENVIRONMENT) -> Self:
        """The model in `model_dir`; raises UserError with a plain reason if it is broken, missing or a pickle."""

    @abstractmethod
    def probe(self) -> None:
        """Really predict one row of zeros; raises UserError if that cannot be done."""

    @abstractmethod
    def read(self, body: bytes, content_type: str | None) -> np.ndarray:
        """The rows of a request's body."""

    @abstractmethod
    def check(self, rows: np.ndarray) -> np.ndarray:
        """Numbers (rows, n_features) of any float type that come from no body, as rows.

        Refuses them as `read` refuses the same numbers in CSV.
        """

    @abstractmethod
    def agree(self, accept: str | None) -> str:
        """The content type of the answer to a request with this Accept header."""

    @abstractmethod
    def predict(self, rows: np.ndarray) -> np.ndarray:
        """The predictions for rows: shape (rows,) or (rows, numbers a row)."""

    @abstractmethod
    def write(self, predictions: np.ndarray, accept: str) -> bytes:
        """The answer's body, in the content type that `agree` returned."""

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> tuple[bytes, str]:
        """The answer's body and content type for a whole request."""
        rows = self.read(body, content_type)
        chosen = self.agree(accept)
        return self.write(self.predict(rows), chosen), chosen
