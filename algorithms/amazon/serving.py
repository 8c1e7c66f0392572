"""The base class of the first-party algorithms' predictors."""

from __future__ import annotations

import shutil
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from algorithms.amazon import model_file, request_parsing, response_formats
from algorithms.contract import NO_ENVIRONMENT, InvocationError, UserError
from algorithms.formats import number_text
from algorithms.model_proof import InvalidModel, Proof, check_limits, check_steps
from algorithms.predictor import Predictor
from algorithms.spec import Algorithm

_NUMBERS_PER_STEP = 16  # numbers that NumPy multiplies and adds in the time of one step


class FirstPartyPredictor(Predictor):
    """A loaded model; safe to call from several threads.

    A subclass sets `algorithm`, takes the Model in `__init__` and sets `n_features` there. It implements
    `predict(rows)`, which returns a row of figures for each row, and `records(figures)`, the fields of the response.
    """

    algorithm: ClassVar[Algorithm]
    key: ClassVar[str] = "predictions"
    verbose: ClassVar[bool] = False  # True if it supports `Accept: application/json; verbose=true`

    def __init_subclass__(cls) -> None:
        cls.content_types, cls.accepts = cls.algorithm.content_types, cls.algorithm.accepts

    @abstractmethod
    def __init__(self, model: model_file.Model): ...

    @classmethod
    def load(cls, model_dir: Path, environment: Mapping[str, str] = NO_ENVIRONMENT) -> Self:
        """Load the model in `model_dir`. Raises UserError if it is broken or missing."""
        return cls(model_file.load(model_dir, cls.algorithm.name))

    @classmethod
    def validate(cls, model_dir: Path, target: Path) -> Proof:
        """Copy the model file in `model_dir` into `target`: `load` checks all of it. Raises UserError or Unproven."""
        model = model_file.load(model_dir, cls.algorithm.name)
        predictor = cls(model)
        features, steps = predictor.n_features, predictor.row_steps(model)
        check_steps(steps)
        try:
            check_limits(features, 1)
            outputs = predictor.predict(np.zeros((1, features), np.float32)).shape[1]
            check_limits(features, outputs)
        except InvalidModel as e:
            raise UserError(f"Unable to load model: {model_file.NAME} is damaged: {e}.") from e
        shutil.copyfile(model_dir / model_file.NAME, target / model_file.NAME)  # a sandbox's folders allow no links
        return Proof(features, steps, outputs)

    def row_steps(self, model: model_file.Model) -> int:
        """Return the steps of one row's prediction: by default each number of the model enters once."""
        return sum(array.size for array in model.arrays.values()) // _NUMBERS_PER_STEP

    @abstractmethod
    def records(self, figures: np.ndarray, verbose: bool) -> list[dict[str, Any]]:
        """Return the prediction of each row: {field: number or list of numbers}."""

    def probe(self) -> None:
        """Predict one row of zeros. Raises UserError if that fails."""
        try:
            body = self.write(self.predict(np.zeros((1, self.n_features), np.float32)), self.accepts[0])
        except InvocationError as e:
            raise UserError(f"The model cannot predict: {e.message}") from e
        if not body:
            raise UserError("The model cannot predict: it gave no answer for one row.")

    def read(self, body: bytes, content_type: str | None) -> np.ndarray:
        """Parse the request's rows: float32 (rows, n_features). Raises InvocationError 415 or 400."""
        return request_parsing.parse_rows(body, content_type, self.n_features, self.content_types)

    def check(self, rows: np.ndarray) -> np.ndarray:
        """Validate numbers (rows, n_features) as rows. Raises InvocationError 400."""
        return request_parsing.validate_rows(rows, self.n_features)

    def response_type(self, accept: str | None) -> str:
        """Return the content type of the response. Raises InvocationError 406."""
        return response_formats.response_type(accept, self.accepts, self.verbose)

    def write(self, figures: np.ndarray, accept: str) -> bytes:
        """Return the response body in the content type that `response_type` returned."""
        verbose = accept.endswith(response_formats.VERBOSE)
        return response_formats.join_responses(
            [
                response_formats.format_response(self.records(piece, verbose), accept, self.key)
                for piece in number_text.pieces(figures)  # between them, other requests get the interpreter
            ],
            accept,
            self.key,
        )
