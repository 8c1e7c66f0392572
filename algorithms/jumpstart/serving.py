"""The base class of the predictors of LightGBM and CatBoost."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

import numpy as np

from algorithms.contract import InvocationError, UserError
from algorithms.formats import request_bodies
from algorithms.jumpstart import response_formats
from algorithms.jumpstart.model_info import ModelInfo
from algorithms.predictor import Predictor
from algorithms.score_kind import score_kind_of_task

CONTENT_TYPES = ("text/csv", "application/json", "application/jsonlines", "application/x-recordio-protobuf")
_KINDS = dict(zip(CONTENT_TYPES, ("csv", "json", "jsonlines", "recordio-protobuf"), strict=True))


class TabularPredictor(Predictor):
    """A loaded model. A subclass implements `scores`. Safe to call from several threads."""

    content_types = CONTENT_TYPES
    accepts = response_formats.ACCEPTS

    def __init__(self, info: ModelInfo):
        self.info = info
        self.n_features = info.features
        self.score_kind = score_kind_of_task({}, info.task)
        self._readers: dict[str, Callable[[bytes], tuple[np.ndarray, int | None]]] = {
            "csv": lambda body: (request_bodies.csv_rows(body, self.n_features), None),
            "json": lambda body: (request_bodies.json_rows(body, self.n_features), None),
            "jsonlines": lambda body: (request_bodies.jsonlines_rows(body, self.n_features), None),
            "recordio-protobuf": lambda body: request_bodies.recordio_rows(body, self.n_features),
        }

    @abstractmethod
    def scores(self, rows: np.ndarray) -> np.ndarray:
        """Return probabilities (rows, classes), or values (rows,), for float32 (rows, n_features)."""

    def probe(self) -> None:
        """Predict one row of zeros. Raises UserError if that fails."""
        try:
            prediction = self.predict(np.zeros((1, self.n_features), np.float32))
        except InvocationError as e:
            raise UserError(f"The model cannot predict: {e.message}") from e
        expected = (1, len(self.info.classes)) if self.info.classes else (1,)
        if prediction.shape != expected:
            raise UserError(
                f"The model cannot predict: it answers one row in the shape {prediction.shape}, not {expected}."
            )

    def read(self, body: bytes, content_type: str | None) -> np.ndarray:
        """Parse the request's rows: float32 (rows, n_features), missing as NaN.

        Raises InvocationError 204, 415 or 400.
        """
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
            request_bodies.check_finite(rows)
        except (ValueError, UnicodeDecodeError, OverflowError, TypeError) as e:
            raise request_bodies.unreadable_error(kind, e) from e
        width = rows.shape[1] if named is None else named
        if named is not None and width < self.n_features and rows.shape[1] == self.n_features:
            return rows  # sparse: absent columns are missing
        if width != self.n_features:
            text = f"Feature size of {kind} inference data {width} is not consistent with feature size of trained model"
            raise InvocationError(400, f"Unable to evaluate payload provided: {text} {self.n_features}")
        self._check_codes(rows)
        return rows

    def check(self, rows: np.ndarray) -> np.ndarray:
        """Validate numbers (rows, n_features) and return them as float32. Raises InvocationError 415 or 400."""
        rows = request_bodies.validate_rows(rows)
        self._check_codes(rows)
        return rows

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Return `scores(rows)`. The rows may come from several requests."""
        return self.scores(np.ascontiguousarray(rows, np.float32))

    def response_type(self, accept: str | None) -> str:
        """Return the content type of the response. Raises InvocationError 406."""
        return response_formats.response_type(accept)

    def write(self, predictions: np.ndarray, accept: str) -> bytes:
        """Return the response body in the content type that `response_type` returned."""
        return response_formats.format_response(predictions, self.info.classes, accept)

    def _check_codes(self, rows: np.ndarray) -> None:
        for index in self.info.categories:
            column = rows[:, index]
            wrong = column[~np.isnan(column) & ((column < 0) | (column % 1 != 0))]
            if len(wrong):
                raise InvocationError(
                    400,
                    f"Unable to evaluate payload provided: column {index + 1} is a category, a whole number from 0 up, "
                    f"and not {wrong[0]:g}",
                )
