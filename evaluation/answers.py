"""The table of predictions of a model without a label: a row for each row that was predicted.

Columns: "row", its number in the person's table (0 if not known); of groups "cluster" and "distance" to its center; of
anomalies "score"; of components "component.1", ... as the model answers them; and "data.<column>" for each column of
the table, as text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from evaluation.kinds import ANOMALIES, CLUSTERS
from evaluation.predictions import DATA, ROW, SCORE, check_numbers
from tables.predictions import Prediction
from tables.raw_rows import ROW_NUMBER

CLUSTER, DISTANCE, COMPONENT = "cluster", "distance", "component."


def answers_table(kind: str, predictions: Sequence[Prediction], raw: pl.DataFrame) -> pl.DataFrame:
    """The table of `predictions` for the rows of `raw`, which has ROW_NUMBER.

    Raises ValueError when a row has no prediction of the kind, and Problem for numbers that nothing can be computed of.
    """
    if len(raw) != len(predictions) or not predictions:
        raise ValueError(f"{len(raw)} rows have {len(predictions)} predictions")
    cells = {DATA + name: raw[name] for name in raw.columns if name != ROW_NUMBER}
    of_kind = _clusters if kind == CLUSTERS else _anomalies if kind == ANOMALIES else _components
    return pl.DataFrame({ROW: raw[ROW_NUMBER]} | of_kind(predictions) | cells)


def coordinates(table: pl.DataFrame) -> np.ndarray:
    """The rows' coordinates on the components, float64 (rows, components), as the model answers them."""
    return table.select(name for name in table.columns if name.startswith(COMPONENT)).to_numpy()


def _clusters(predictions: Sequence[Prediction]) -> dict[str, np.ndarray]:
    if any(prediction.cluster is None for prediction in predictions):
        raise ValueError("a row has no cluster")
    columns = {CLUSTER: np.array([prediction.cluster for prediction in predictions], np.int64)}
    if all(prediction.distance is not None for prediction in predictions):
        columns[DISTANCE] = np.array([prediction.distance for prediction in predictions], float)
        check_numbers(columns[DISTANCE])
    return columns


def _anomalies(predictions: Sequence[Prediction]) -> dict[str, np.ndarray]:
    if any(prediction.score is None for prediction in predictions):
        raise ValueError("a row has no anomaly score")
    score = np.array([prediction.score for prediction in predictions], float)
    check_numbers(score)
    return {SCORE: score}


def _components(predictions: Sequence[Prediction]) -> dict[str, np.ndarray]:
    widths = {len(prediction.projection or ()) for prediction in predictions}
    if len(widths) != 1 or 0 in widths:
        raise ValueError("a row has no coordinates on the components")
    values = np.array([prediction.projection for prediction in predictions], float)
    check_numbers(np.abs(values).max(axis=1))
    return {f"{COMPONENT}{at + 1}": values[:, at] for at in range(values.shape[1])}
