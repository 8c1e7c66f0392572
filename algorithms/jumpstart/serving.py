"""What serving LightGBM and CatBoost have in common: what is read, how it is refused, how it is answered."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

import numpy as np

from algorithms.contract import InvocationError, UserError
from algorithms.formats import bodies
from algorithms.jumpstart import answers
from algorithms.jumpstart.info import Info
from algorithms.predictor import Predictor

CONTENT_TYPES = ("text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf")
_KINDS = dict(zip(CONTENT_TYPES, ("csv", "json", "jsonlines", "recordio-protobuf"), strict=True))


class TabularPredictor(Predictor):
    """A loaded model that answers requests; a subclass says how it predicts. Safe to call from several threads."""

    content_types = CONTENT_TYPES
    accepts = answers.ACCEPTS

    def __init__(self, info: Info):
        self.info = info
        self.n_features = info.features
        self._readers: dict[str, Callable[[bytes], tuple[np.ndarray, int | None]]] = {
            "csv": lambda body: (bodies.csv_rows(body, self.n_features), None),
            "json": lambda body: (bodies.json_rows(body), None),
            "jsonlines": lambda body: (bodies.jsonlines_rows(body), None),
            "recordio-protobuf": lambda body: bodies.recordio_rows(body, self.n_features),
        }

    @abstractmethod
    def scores(self, rows: np.ndarray) -> np.ndarray:
        """The model's own answer to float32 (rows, n_features): (rows, classes) probabilities, or (rows,) numbers."""

    def probe(self) -> None:
        """Really predict one row of zeros; raises UserError if that cannot be done."""
        try:
            answer = self.predict(np.zeros((1, self.n_features), np.float32))
        except InvocationError as e:
            raise UserError(f"The model cannot predict: {e.message}") from e
        wanted = (1, len(self.info.classes)) if self.info.classes else (1,)
        if answer.shape != wanted:
            raise UserError(f"The model cannot predict: it answers one row in the shape {answer.shape}, not {wanted}.")

    def read(self, body: bytes, content_type: str | None) -> np.ndarray:
        """The request's rows, float32 (rows, n_features), missing as NaN. Raises InvocationError 204, 415 or 400."""
        if not body:
            raise InvocationError(204)
        kind = _KINDS.get((content_type or "text/csv").lower().split(";", 1)[0].strip())
        if kind is None:
            raise InvocationError(415, f'{{"error": "unsupported content type {content_type}"}}')
        try:
            with np.errstate(over="ignore"):  # too large for float32: infinity, and refused below
                rows, named = self._readers[kind](body)
            if not len(rows):
                raise ValueError("there are no rows in it")
            bodies.check_finite(rows)
        except (ValueError, UnicodeDecodeError, OverflowError, TypeError) as e:
            raise bodies.unreadable(kind, e) from e
        width = rows.shape[1] if named is None else named
        if named is not None and width < self.n_features and rows.shape[1] == self.n_features:
            return rows  # sparse: what a row does not name is missing
        if width != self.n_features:
            text = f"Feature size of {kind} inference data {width} is not consistent with feature size of trained model"
            raise InvocationError(400, f"Unable to evaluate payload provided: {text} {self.n_features}")
        self._check_codes(rows)
        return rows

    def check(self, rows: np.ndarray) -> np.ndarray:
        """Numbers (rows, n_features) that come from no body, as `read` returns them. Raises InvocationError."""
        rows = bodies.as_rows(rows)
        self._check_codes(rows)
        return rows

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """As `scores`. Several requests' rows may be put together."""
        return self.scores(np.ascontiguousarray(rows, np.float32))

    def agree(self, accept: str | None) -> str:
        """The content type of the answer. Raises InvocationError 406."""
        return answers.agreed(accept)

    def write(self, predictions: np.ndarray, accept: str) -> bytes:
        """The answer's body in the agreed content type."""
        return answers.body(predictions, self.info.classes, accept)

    def _check_codes(self, rows: np.ndarray) -> None:
        for place in self.info.categories:
            column = rows[:, place]
            wrong = column[~np.isnan(column) & ((column < 0) | (column % 1 != 0))]
            if len(wrong):
                raise InvocationError(
                    400,
                    f"Unable to evaluate payload provided: column {place + 1} is a category, a whole number from 0 up, "
                    f"and not {wrong[0]:g}",
                )
