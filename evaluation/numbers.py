"""Figures of predicted numbers. scikit-learn computes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from sklearn import metrics

from evaluation.intervals import SEED, Figures, bootstrap_intervals
from evaluation.predictions import LABEL, PREDICTION
from evaluation.resampling import NumberFigures

SCATTER = 800  # points of predicted against actual
BINS = 30  # of the histogram of errors
ANSWER_BINS = 20  # of the histogram of predictions
Document = dict[str, Any]


def regression(table: pl.DataFrame) -> Document:
    """The figures of numbers; the baseline is the mean of the rows' labels."""
    actual, predicted = table[LABEL].to_numpy(), table[PREDICTION].to_numpy()

    values = _figures(actual, predicted)
    mean = float(actual.mean())
    baseline = _figures(actual, np.full(len(actual), mean))
    intervals = bootstrap_intervals(NumberFigures(actual, predicted), len(actual))
    rows = []
    for name, value in values.items():
        low, high = intervals.get(name, (None, None))
        rows.append({"name": name, "value": value, "low": low, "high": high, "baseline": baseline.get(name)})
    errors = predicted - actual
    return {
        "baseline": {"value": mean},
        "range": [float(actual.min()), float(actual.max())],
        "metrics": rows,
        "scatter": _sample(actual, predicted),
        "residuals": _histogram(errors),
        "errors": _error_sizes(errors),
        "deciles": _deciles(actual, errors),
        "answers": _answers(predicted),
    }


def _figures(actual: np.ndarray, predicted: np.ndarray) -> Figures:
    figures = {
        "mae": metrics.mean_absolute_error(actual, predicted),
        "rmse": metrics.root_mean_squared_error(actual, predicted),
    }
    if len(actual) > 1 and np.ptp(actual) > 0:
        figures["r2"] = metrics.r2_score(actual, predicted)
    figures["median_error"] = metrics.median_absolute_error(actual, predicted)
    figures["mean_error"] = float(np.mean(predicted - actual))
    return {name: float(value) for name, value in figures.items()}


def _sample(actual: np.ndarray, predicted: np.ndarray) -> list[list[float]]:
    chosen = np.arange(len(actual))
    if len(actual) > SCATTER:
        chosen = np.sort(np.random.default_rng(SEED).choice(len(actual), SCATTER, replace=False))
    return [[float(actual[at]), float(predicted[at])] for at in chosen]


def _histogram(errors: np.ndarray) -> Document:
    """The middle of the errors, symmetric around 0; what lies beyond is in the outer bins."""
    limit = float(np.quantile(np.abs(errors), 0.99)) or float(np.abs(errors).max()) or 1.0
    counts, _edges = np.histogram(np.clip(errors, -limit, limit), np.linspace(-limit, limit, BINS + 1))
    return {"low": -limit, "high": limit, "counts": counts.tolist()}


def _answers(predicted: np.ndarray) -> Document:
    """The distribution of what the model answers."""
    low, high = float(predicted.min()), float(predicted.max())
    counts, _edges = np.histogram(
        predicted, ANSWER_BINS, (low, high if high > low else float(np.nextafter(low, np.inf)))
    )
    return {"low": low, "high": high, "counts": counts.tolist()}


def _error_sizes(errors: np.ndarray) -> Document:
    """The sizes within which half of the errors lie, and nine tenths."""
    half, most = np.quantile(np.abs(errors), (0.5, 0.9))
    return {"half": float(half), "most": float(most)}


def _deciles(actual: np.ndarray, errors: np.ndarray) -> list[Document]:
    """Tenths of the rows by their label, lowest first, with their errors; equal labels are in one."""
    edges = np.unique(np.quantile(actual, np.linspace(0, 1, 11)))
    part = np.clip(np.searchsorted(edges, actual, side="right") - 1, 0, max(0, len(edges) - 2))
    deciles = []
    for at in np.unique(part):
        inside = part == at
        deciles.append(
            {
                "low": float(actual[inside].min()), "high": float(actual[inside].max()), "rows": int(inside.sum()),
                "error": float(np.abs(errors[inside]).mean()), "bias": float(errors[inside].mean()),
                "mean": float(actual[inside].mean()),
            }
        )  # fmt: skip
    return deciles
