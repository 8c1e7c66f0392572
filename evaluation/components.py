"""Figures of a projection: the share of the variance and the weights of each component.

A projection is affine, so a model need not show its components: the coordinates of rows of a single 1 less those of a
row of zeros are the weights of its columns. The baseline is equal shares, as if no direction were better than another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from evaluation.answers import coordinates
from evaluation.encoded_sample import POINTS, Document, EncodedSample, listed_figures, listed_rows
from evaluation.intervals import Figures, bootstrap_intervals
from evaluation.raw_table import RawTable

LISTED = 50  # components
DETAILED = 10  # components whose weights are listed
WEIGHTS = 6  # of one component
UNUSUAL = 12  # rows
TOLERANCE = 1e-3  # of a coordinate, relative to the largest, up to which a model counts as affine: rows are float32
MAX_WEIGHTS = 20_000_000


def components(table: pl.DataFrame, schema: Mapping[str, Any], sample: EncodedSample, model: RawTable) -> Document:
    """The figures of `table`, a table of `answers`, whose rows at `sample.at` are encoded in `sample`."""
    projected = coordinates(table)[sample.at]
    centred = projected - projected.mean(axis=0)
    rows = sample.rows - sample.rows.mean(axis=0)
    squares, total = centred**2, (rows**2).sum(axis=1)
    whole = float(total.sum())
    shares = squares.sum(axis=0) / whole if whole > 0 else np.zeros(projected.shape[1])
    order = np.argsort(-shares, kind="stable")
    weights = _weights(model, sample.rows, projected)
    missed = None if weights is None else _missed(rows, weights)
    names = list(schema["features"])
    return {
        "metrics": _metrics(squares[:, order], total, missed, len(names)),
        "sampled": len(rows),
        "features": len(names),
        "component_count": len(order),
        "components": [
            {
                "answer": int(at) + 1, "share": float(shares[at]),
                "weights": _leading(weights[:, at], names) if weights is not None and rank < DETAILED else [],
            }
            for rank, at in enumerate(order[:LISTED])
        ],
        "is_affine": weights is not None,
        "map": _map(centred[:, order], shares[order]) if whole > 0 else None,
        "worst": _worst(table, schema, sample, missed),
    }  # fmt: skip


def _metrics(squares: np.ndarray, total: np.ndarray, missed: np.ndarray | None, features: int) -> list[Document]:
    """Shares of the rows' variance, with components strongest first."""
    parts = {"first_component": squares[:, 0], "first_two": squares[:, :2].sum(axis=1)}
    if missed is not None:
        parts["kept_variance"] = total - missed
        parts["lost_variance"] = missed
    count = squares.shape[1]
    baseline_share = min(1.0, count / features)
    baseline = {"first_component": 1 / features, "first_two": min(1.0, min(2, count) / features)}
    baseline |= {"kept_variance": baseline_share, "lost_variance": 1 - baseline_share}

    def figures(drawn: np.ndarray) -> Figures:
        whole = float(total[drawn].sum())
        return {name: float(part[drawn].sum()) / whole if whole > 0 else np.nan for name, part in parts.items()}

    return listed_figures(figures(np.arange(len(total))), bootstrap_intervals(figures, len(total)), baseline)


def _weights(model: RawTable, rows: np.ndarray, projected: np.ndarray) -> np.ndarray | None:
    """The features' weights, float64 (features, components); None where the answers are not affine in the rows."""
    features, count = rows.shape[1], projected.shape[1]
    if features * count > MAX_WEIGHTS:
        return None
    zero = _project(model, np.zeros((1, features)))
    weights = np.empty((features, count))
    for start in range(0, features, model.rows_at_once):
        size = min(model.rows_at_once, features - start)
        units = np.zeros((size, features))
        units[np.arange(size), start + np.arange(size)] = 1
        weights[start : start + size] = _project(model, units) - zero
    largest = np.abs(projected).max() or 1.0
    return weights if np.abs(rows @ weights + zero - projected).max() <= TOLERANCE * largest else None


def _project(model: RawTable, rows: np.ndarray) -> np.ndarray:
    return np.array([answer.projection for answer in model.outputs(rows)], float)


def _missed(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The reconstruction error of each row: its squared distance to the span of the components, (rows,)."""
    span, _triangle = np.linalg.qr(weights)
    return np.maximum(0.0, ((rows - rows @ span @ span.T) ** 2).sum(axis=1))


def _leading(weights: np.ndarray, names: list[str]) -> list[Document]:
    """The features with the largest weights, and each one's part of the component."""
    whole = float((weights**2).sum()) or 1.0
    order = np.argsort(-np.abs(weights), kind="stable")[:WEIGHTS]
    return [
        {"feature": names[at], "weight": float(weights[at]), "part": float(weights[at] ** 2) / whole}
        for at in order if weights[at]
    ]  # fmt: skip


def _map(centred: np.ndarray, shares: np.ndarray) -> Document:
    chosen = centred[:: -(-len(centred) // POINTS), :2]
    if chosen.shape[1] == 1:
        chosen = np.column_stack([chosen, np.zeros(len(chosen))])
    points = [[float(f"{x:.5g}"), float(f"{y:.5g}"), 0] for x, y in chosen.tolist()]
    return {"points": points, "shares": [*(float(share) for share in shares[:2]), 0.0][:2]}


def _worst(
    table: pl.DataFrame, schema: Mapping[str, Any], sample: EncodedSample, missed: np.ndarray | None
) -> Document:
    """The rows with the largest reconstruction errors."""
    if missed is None or missed.max() <= 1e-12 * max(1.0, float((sample.rows**2).max())):
        return {"columns": [], "rows": []}
    order = np.argsort(-missed, kind="stable")[:UNUSUAL]
    facts = [{"value": float(np.sqrt(missed[at]))} for at in order]
    return listed_rows(table, schema, sample.at[order].tolist(), facts)
