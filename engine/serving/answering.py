"""The steps from a request's body to a model's answer, by position or by column name, for any kind of process."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from algorithms.formats import number_rows, number_text
from algorithms.model_proof import STEP_SECONDS
from algorithms.spec import InvocationError, Predictor
from engine.serving.model_schema import ModelSchema, SchemaError, accepts_labels
from tables.predictions import join_labelled
from tables.unseen import UnseenCategories

INVOCATION_SECONDS = 60.0  # a container must respond within 60 seconds: SageMaker's rule
TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary. Review the latency metrics for "
    "each container in Amazon CloudWatch, resolve the issue, and try again."
)
MAX_NUMBERS = 16_000_000  # numbers of one answer
_PLAIN_READERS = {
    "text/csv": number_rows.csv_rows,
    "application/json": number_rows.json_rows,
    "application/jsonlines": number_rows.jsonlines_rows,
}
_BLOCK_SECONDS = 0.5
_LABELLED_NUMBERS = 500  # numbers that get labels at once: a millisecond or two
_NO_SCHEMA = "It was created without a schema, in its Environment as SAGEWRIGHT_SCHEMA."


class TimedOut(InvocationError):
    """The model did not answer in time."""

    def __init__(self) -> None:
        super().__init__(504, TIMED_OUT)


@dataclass
class Answering:
    """A loaded model with its schema, if it has one; `schema_error` says why a schema cannot be used.

    `row_seconds` is about how long the prediction of one row takes, 0 if unknown.
    """

    predictor: Predictor
    response_type: str  # that the model answers in when labels are added to its response
    row_seconds: float = 0.0
    schema: ModelSchema | None = None
    schema_error: str = ""

    @classmethod
    def of_steps(cls, predictor: Predictor, response_type: str, row_steps: int) -> "Answering":
        """A model of which a validator counted the steps of a row."""
        return cls(predictor, response_type, row_steps * STEP_SECONDS)

    def use_schema(self, document: Mapping[str, Any]) -> None:
        """Use the schema in `document` from now on. Raises SchemaError."""
        self.schema, self.schema_error = ModelSchema(document, self.predictor, self.response_type), ""

    def read(
        self, body: bytes, content_type: str | None, accept: str | None, unseen: UnseenCategories | None = None
    ) -> tuple[np.ndarray, str]:
        """The rows of a request, and the content type of the model's response. Raises InvocationError.

        `unseen` counts the categories that the training data did not have.
        """
        if self.schema is None:
            if accepts_labels(accept):
                raise self._no_labels()
            try:
                rows = self.predictor.read(body, content_type)
            except InvocationError as e:
                if not self.schema_error:
                    raise
                text = f"{e.message} Rows are taken by position only. {self.schema_error}"
                raise InvocationError(e.status, text) from e
            return rows, self.type_for(accept)
        rows = self.schema.read(body, content_type, unseen)
        return rows, self.type_for(accept)

    def read_plain(self, body: bytes, content_type: str | None) -> np.ndarray | None:
        """As `read`, for numbers by position of some ten kilobytes: in 0.1 ms; None for what is, or may be, another.

        Without a missing number every cell is one, so that the schema would leave the body to the predictor.
        """
        reader = _PLAIN_READERS.get(content_type or "")
        if reader is None or content_type not in self.predictor.content_types:
            return None
        rows = reader(body.strip(), self.predictor.n_features)
        if rows is None or np.isnan(rows).any():
            return None
        try:
            return self.predictor.check(rows)
        except InvocationError:  # `read` names what is wrong
            return None

    def type_for(self, accept: str | None) -> str:
        """The content type of the model's response, before labels are added. Raises InvocationError."""
        if not accepts_labels(accept):
            return self.predictor.response_type(accept)
        if self.schema is None:
            raise self._no_labels()
        return self.predictor.response_type(self.schema.accept(accept or ""))

    def _no_labels(self) -> InvocationError:
        return InvocationError(406, f"This model cannot answer with labels. {self.schema_error or _NO_SCHEMA}")

    def write(self, predictions: np.ndarray, content_type: str, accept: str | None) -> tuple[bytes, str]:
        """The response's body and content type. Raises InvocationError."""
        if self.schema is None or not accepts_labels(accept):
            return self.predictor.write(predictions, content_type), content_type
        answers = [  # in pieces, between which other requests get the interpreter
            self.schema.label_response(self.predictor.write(piece, content_type), content_type)
            for piece in number_text.pieces(predictions, _LABELLED_NUMBERS)
        ]
        return join_labelled([body for body, _ in answers]), answers[0][1]

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Predictions of many rows, block by block. Raises InvocationError, TimedOut after INVOCATION_SECONDS."""
        size = max(1, int(_BLOCK_SECONDS / self.row_seconds)) if self.row_seconds else len(rows)
        until = time.monotonic() + INVOCATION_SECONDS
        blocks = []
        for start in range(0, len(rows), size):
            if time.monotonic() > until:
                raise TimedOut
            block = self.predictor.predict(rows[start : start + size])
            if block.size // max(1, len(block)) * len(rows) > MAX_NUMBERS:
                text = f"The answer to {len(rows)} rows is more than {MAX_NUMBERS} numbers. Send fewer rows at once."
                raise InvocationError(400, text)
            blocks.append(block)
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)

    def answer(
        self, body: bytes, content_type: str | None, accept: str | None, unseen: UnseenCategories | None = None
    ) -> tuple[bytes, str]:
        """The answer's body and content type for a whole request; `unseen` as in `read`. Raises InvocationError."""
        rows, response_type = self.read(body, content_type, accept, unseen)
        return self.answer_rows(rows, response_type, accept)

    def answer_rows(self, rows: np.ndarray, response_type: str, accept: str | None) -> tuple[bytes, str]:
        """As `answer`, for rows that are read."""
        return self.write(self.predict(rows), response_type, accept)


__all__ = ["INVOCATION_SECONDS", "Answering", "SchemaError", "TimedOut"]
