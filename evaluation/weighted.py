"""Figures of a table of predictions under many weightings of its rows at once, as arrays.

A row's weight is how often a bootstrap draws it, so thousands of figures cost a few products of matrices. They equal
scikit-learn's of the drawn rows; scikit-learn itself takes one weighting a call.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import polars as pl
from scipy import sparse

from evaluation.predictions import LABEL, PREDICTION, PROBABILITY, SCORE

Drawn = dict[str, np.ndarray]  # {figure: (draws,)}


class Weighted(Protocol):
    """The figures of one table."""

    def figures(self, weights: np.ndarray) -> Drawn:
        """{figure: (draws,)} of `weights`, (draws, rows); NaN where drawn rows do not define one."""


def weighted_figures(table: pl.DataFrame, classes: list[str]) -> Weighted:
    """The figures of `table`, whose label is one of `classes`, or a number without any."""
    if not classes:
        return Numbers(table)
    return TwoClasses(table, classes) if len(classes) == 2 else Classes(table, classes)


class TwoClasses:
    """AUC, accuracy, precision, recall, F1 and log loss of two classes, of which the second is looked for."""

    def __init__(self, table: pl.DataFrame, classes: list[str]):
        actual = (table[LABEL] == classes[1]).to_numpy()
        predicted = (table[PREDICTION] == classes[1]).to_numpy()
        parts = [actual == predicted, actual & predicted, predicted, actual]
        if (name := PROBABILITY + classes[1]) in table.columns:
            share = _clipped(table[name].to_numpy())
            parts.append(-np.log(np.where(actual, share, 1 - share)))
        self._rows = np.column_stack(parts).astype(float)
        self._ranked = _Ranked(actual, table[SCORE].to_numpy()) if SCORE in table.columns else None

    def figures(self, weights: np.ndarray) -> Drawn:
        """As `Weighted.figures`."""
        right, hits, predicted, actual, *loss = (weights @ self._rows).T
        drawn, rows = {}, weights.sum(axis=1)
        if self._ranked:
            drawn["auc"] = self._ranked.areas(weights)
        drawn |= {
            "accuracy": right / rows, "precision": _share(hits, predicted), "recall": _share(hits, actual),
            "f1": _share(2 * hits, predicted + actual),
        }  # fmt: skip
        return drawn | ({"logloss": loss[0] / rows} if loss else {})


class Classes:
    """Accuracy, F1, log loss and the like of three classes or more."""

    def __init__(self, table: pl.DataFrame, classes: list[str]):
        position = {name: at for at, name in enumerate(classes)}
        actual = np.array([position[label] for label in table[LABEL]])
        predicted = np.array([position[label] for label in table[PREDICTION]])
        right = actual == predicted
        parts, self._has_shares = [right], all(PROBABILITY + name in table.columns for name in classes)
        if self._has_shares:
            shares = table.select([PROBABILITY + name for name in classes]).to_numpy()
            likeliest = np.argsort(shares, axis=1, kind="stable")[:, ::-1][:, :2]
            of_actual = _clipped(shares)[np.arange(len(actual)), actual]
            parts += [(likeliest == actual[:, None]).any(axis=1), -np.log(of_actual)]
        self._rows = np.column_stack(parts).astype(float)
        self._actual, self._predicted = (_one_hot(at, np.ones(len(at)), len(classes)) for at in (actual, predicted))
        self._hits = _one_hot(actual, right.astype(float), len(classes))

    def figures(self, weights: np.ndarray) -> Drawn:
        """As `Weighted.figures`."""
        right, *likely = (weights @ self._rows).T
        rows = weights.sum(axis=1)
        hits, actual, predicted = (weights @ matrix for matrix in (self._hits, self._actual, self._predicted))
        drawn = {"accuracy": right / rows, "f1_macro": _mean_share(2 * hits, actual + predicted)}
        if self._has_shares:
            drawn |= {"top2": likely[0] / rows, "mlogloss": likely[1] / rows}
        return drawn | {"balanced_accuracy": _mean_share(hits, actual)}


class Numbers:
    """Errors of predicted numbers."""

    def __init__(self, table: pl.DataFrame):
        actual, predicted = table[LABEL].to_numpy(), table[PREDICTION].to_numpy()
        error, centred = predicted - actual, actual - actual.mean()
        self._rows = np.column_stack([np.abs(error), error**2, error, centred, centred**2])
        self._order = np.argsort(np.abs(error), kind="stable")
        self._sizes = np.abs(error)[self._order]

    def figures(self, weights: np.ndarray) -> Drawn:
        """As `Weighted.figures`."""
        rows = weights.sum(axis=1)
        size, square, error, label, label_square = (weights @ self._rows).T / rows
        spread = label_square - label**2
        with np.errstate(divide="ignore", invalid="ignore"):
            r2 = np.where(spread > 0, 1 - square / spread, np.nan)
        median = self._medians(weights[:, self._order].cumsum(axis=1), rows)
        return {"mae": size, "rmse": np.sqrt(square), "r2": r2, "median_error": median, "mean_error": error}

    def _medians(self, below: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """The medians of the errors' sizes: of an even number of rows the mean of the two in the middle."""
        middle = [(below > np.floor(at)[:, None]).argmax(axis=1) for at in ((rows - 1) / 2, rows / 2)]
        return (self._sizes[middle[0]] + self._sizes[middle[1]]) / 2


class _Ranked:
    """Rows by score, equal ones together, for areas under ROC curves."""

    def __init__(self, actual: np.ndarray, score: np.ndarray):
        self._order = np.argsort(score, kind="stable")
        self._actual = actual[self._order]
        self._starts = np.flatnonzero(np.r_[True, np.diff(score[self._order]) > 0])

    def areas(self, weights: np.ndarray) -> np.ndarray:
        """(draws,): how often a row of the class scores above one of the other, a tie counting half."""
        ranked = weights[:, self._order]
        positive = np.add.reduceat(ranked * self._actual, self._starts, axis=1)
        negative = np.add.reduceat(ranked, self._starts, axis=1) - positive
        above = (positive * (negative.cumsum(axis=1) - negative / 2)).sum(axis=1)
        pairs = positive.sum(axis=1) * negative.sum(axis=1)
        return np.divide(above, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)


def _mean_share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """The mean share over the classes that a draw has."""
    return _share(part, whole).sum(axis=1) / np.maximum(1, (whole > 0).sum(axis=1))


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """`part` of `whole`, 0 of nothing, as scikit-learn is asked with zero_division=0."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _clipped(shares: np.ndarray) -> np.ndarray:
    """Probabilities whose logarithm is finite, as scikit-learn's log loss takes them."""
    tiny = np.finfo(shares.dtype).eps
    return np.clip(shares, tiny, 1 - tiny)


def _one_hot(position: np.ndarray, values: np.ndarray, count: int) -> sparse.csr_array:
    return sparse.csr_array((values, (np.arange(len(position)), position)), shape=(len(position), count))
