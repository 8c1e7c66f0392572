"""The table of predictions: a row for each test row, from which every figure is computed and which a person downloads.

Columns: "row", its number in the person's table (0 if not known); "label"; "prediction"; for classes "score", the
probability of the second of two classes, its margin where there is none, of more classes the probability of the
predicted one; "probability.<class>" for each class; "data.<column>" for each column of the table, as text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from common.messages import ngettext
from common.problems import Problem
from tables.predictions import Prediction
from tables.raw_rows import ROW_NUMBER

ROW, LABEL, PREDICTION, SCORE = "row", "label", "prediction", "score"
PROBABILITY, DATA = "probability.", "data."
LARGEST = 1e150  # of a label or prediction: the squares of larger ones are infinite


def predictions_table(
    schema: Mapping[str, Any], labels: np.ndarray, predictions: Sequence[Prediction], raw: pl.DataFrame | None
) -> pl.DataFrame:
    """The table of `predictions` for rows with `labels`: positions among the classes of `schema`, or numbers.

    `raw` are the rows with ROW_NUMBER, as `read_raw_rows` gives them. Raises ValueError when a row has no prediction
    of the kind, or when there are more or fewer of any, and Problem for numbers that nothing can be computed of.
    """
    if len(labels) != len(predictions) or not len(labels):
        raise ValueError(f"{len(labels)} rows have {len(predictions)} predictions")
    classes = list(schema["classes"])
    of_classes = _of_classes(classes, labels.astype(np.int64), predictions) if classes else {}
    columns = of_classes or _of_numbers(labels, predictions)
    if raw is None:
        return pl.DataFrame({ROW: np.zeros(len(labels), np.int64)} | columns)
    if len(raw) != len(labels):
        raise ValueError(f"{len(labels)} rows have predictions, and {len(raw)} are kept as the table has them")
    cells = {DATA + name: raw[name] for name in raw.columns if name != ROW_NUMBER}
    return pl.DataFrame({ROW: raw[ROW_NUMBER]} | columns | cells)


def write_csv(table: pl.DataFrame) -> bytes:
    """The table as CSV with a header; numbers parse to the same float64."""
    return table.write_csv().encode()


def read_csv(body: bytes, is_regression: bool) -> pl.DataFrame:
    """The table that `write_csv` wrote."""
    names = header_of(body)
    numbers = {ROW: pl.Int64, SCORE: pl.Float64}
    if is_regression:
        numbers |= {LABEL: pl.Float64, PREDICTION: pl.Float64}
    schema = {name: numbers.get(name, pl.Float64 if name.startswith(PROBABILITY) else pl.String) for name in names}
    return pl.read_csv(io.BytesIO(body), has_header=False, skip_rows=1, schema=schema)


def header_of(body: bytes) -> list[str]:
    """The names of the columns of a CSV that Polars wrote, which itself leaves the quotes of a name doubled."""
    return next(csv.reader(io.StringIO(body.decode(), newline="")))


def _of_classes(classes: list[str], labels: np.ndarray, predictions: Sequence[Prediction]) -> dict[str, Any]:
    names, predicted = set(classes), [prediction.label for prediction in predictions]
    if any(label not in names for label in predicted):
        raise ValueError("a row has no predicted class")
    columns: dict[str, Any] = {LABEL: [classes[label] for label in labels], PREDICTION: predicted}
    if all(len(prediction.classes) == len(classes) for prediction in predictions):
        shares = np.array([[share[name] for name in classes] for share in (dict(p.classes) for p in predictions)])
        check_numbers(shares.sum(axis=1))
        columns[SCORE] = shares[:, 1] if len(classes) == 2 else shares.max(axis=1)
        columns |= {PROBABILITY + name: shares[:, position] for position, name in enumerate(classes)}
    elif len(classes) == 2 and all(prediction.score is not None for prediction in predictions):
        columns[SCORE] = np.array([prediction.score for prediction in predictions], float)
        check_numbers(columns[SCORE])
    return columns


def _of_numbers(labels: np.ndarray, predictions: Sequence[Prediction]) -> dict[str, Any]:
    if any(prediction.value is None for prediction in predictions):
        raise ValueError("a row has no predicted number")
    predicted = np.array([prediction.value for prediction in predictions], float)
    check_numbers(np.maximum(np.abs(labels), np.abs(predicted)))
    return {LABEL: labels, PREDICTION: predicted}


def check_numbers(values: np.ndarray) -> None:
    """Raise Problem if a number (rows,) is NaN, infinite or too large."""
    bad = int((~(np.abs(values) <= LARGEST)).sum())
    if bad:
        raise Problem(
            ngettext(
                "The model has no usable prediction for %(n)s test row: it is infinite, too large or no number.",
                "The model has no usable prediction for %(n)s test rows: they are infinite, too large or no numbers.",
                bad,
            )
        )
