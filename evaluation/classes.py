"""Figures of predicted classes: of two with a threshold, of more with a matrix. scikit-learn computes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from sklearn import metrics
from sklearn.calibration import calibration_curve

from evaluation.intervals import Figures, Interval, auc_interval, bootstrap_intervals, share_interval
from evaluation.predictions import LABEL, PREDICTION, PROBABILITY, SCORE
from evaluation.resampling import BinaryFigures, MulticlassFigures

MAX_POINTS = 200  # of a curve
STEPS = 100  # between the lowest and the highest threshold
BINS = 30  # of the histogram of scores
ANSWER_BINS = 20  # of the probability of the predicted class
MAX_CELLS = 20  # classes of the matrix
MAX_CLASSES = 1_000  # of the list of classes
MIX_UPS = 8
Document = dict[str, Any]


def binary(table: pl.DataFrame, classes: list[str]) -> Document:
    """The figures of two classes, of which the second is the one that is looked for."""
    actual = (table[LABEL] == classes[1]).to_numpy()
    predicted = (table[PREDICTION] == classes[1]).to_numpy()
    score = table[SCORE].to_numpy() if SCORE in table.columns else None
    shares = score if score is not None and PROBABILITY + classes[1] in table.columns else None
    commonest = bool(actual.mean() > 0.5)

    values = _binary_figures(actual, predicted, score, shares)
    constant = np.full(len(actual), actual.mean())
    always = np.full(len(actual), commonest)
    baseline = _binary_figures(
        actual, always, None if score is None else constant, None if shares is None else constant
    )
    drawn = BinaryFigures(actual, predicted, score, shares)
    intervals = bootstrap_intervals(drawn, len(actual)) | _score_intervals(actual, predicted, values)
    document: Document = {
        "positive": classes[1],
        "negative": classes[0],
        "positives": int(actual.sum()),
        "baseline": {"label": classes[int(commonest)]},
        "metrics": _listed(values, intervals, baseline),
    }
    if score is None:
        document["thresholds"] = [[0.5, *_counts(actual, predicted)]]
        return document
    low, high = (0.0, 1.0) if shares is not None else _margin_range(score)
    thresholds = np.linspace(low, high, STEPS + 1)
    edges = np.linspace(low, high, BINS + 1)
    inside = np.clip(score, low, high)
    document |= {
        "own_threshold": 0.5 if shares is not None else 0.0,
        "is_probability": shares is not None,
        "thresholds": [[round(float(t), 10), *_counts(actual, score >= t - 1e-12)] for t in thresholds],
        "histogram": {
            "low": low,
            "high": high,
            "negative": np.histogram(inside[~actual], edges)[0].tolist(),
            "positive": np.histogram(inside[actual], edges)[0].tolist(),
        },
    }
    if actual.any() and not actual.all():
        document["curves"] = _curves(actual, score, shares)
    return document


def multiclass(table: pl.DataFrame, classes: list[str]) -> Document:
    """The figures of more than two classes."""
    position = {name: at for at, name in enumerate(classes)}
    actual = np.array([position[label] for label in table[LABEL]])
    predicted = np.array([position[label] for label in table[PREDICTION]])
    has_shares = all(PROBABILITY + name in table.columns for name in classes)
    shares = table.select([PROBABILITY + name for name in classes]).to_numpy() if has_shares else None
    counts = np.bincount(actual, minlength=len(classes))

    values = _multiclass_figures(actual, predicted, shares, len(classes))
    prior = np.tile(counts / counts.sum(), (len(actual), 1)) if has_shares else None
    baseline = _multiclass_figures(actual, np.full(len(actual), counts.argmax()), prior, len(classes))
    intervals = bootstrap_intervals(MulticlassFigures(actual, predicted, shares, len(classes)), len(actual))
    intervals |= _share("accuracy", int((actual == predicted).sum()), len(actual))
    if "top2" in values:
        intervals |= _share("top2", round(values["top2"] * len(actual)), len(actual))
    matrix = metrics.confusion_matrix(actual, predicted, labels=range(len(classes)))
    return {
        "baseline": {"label": classes[int(counts.argmax())]},
        "metrics": _listed(values, intervals, baseline),
        "classes": _class_rows(actual, predicted, shares, classes, matrix),
        "matrix": _matrix(matrix, classes),
        "mix_ups": _mix_ups(matrix, classes),
        "answers": _answers(matrix, shares, classes),
    }


def _binary_figures(
    actual: np.ndarray, predicted: np.ndarray, score: np.ndarray | None, shares: np.ndarray | None
) -> Figures:
    both, figures = bool(actual.any() and not actual.all()), {}
    if score is not None and both:
        figures["auc"] = metrics.roc_auc_score(actual, score)
        figures["average_precision"] = metrics.average_precision_score(actual, score)
    figures["accuracy"] = metrics.accuracy_score(actual, predicted)
    precision, recall, f1, _support = metrics.precision_recall_fscore_support(
        actual, predicted, average="binary", zero_division=0.0
    )
    figures |= {"precision": precision, "recall": recall, "f1": f1}
    if shares is not None:
        figures["logloss"] = metrics.log_loss(actual, shares, labels=[False, True])
        figures["brierscore"] = metrics.brier_score_loss(actual, shares, labels=[False, True])
    return {name: float(value) for name, value in figures.items()}


def _multiclass_figures(actual: np.ndarray, predicted: np.ndarray, shares: np.ndarray | None, classes: int) -> Figures:
    labels, present = np.arange(classes), np.unique(actual)
    # As scikit-learn: a class that no row has or is said to be has no F1, one without rows no recall.
    figures = {
        "accuracy": metrics.accuracy_score(actual, predicted),
        "f1_macro": metrics.f1_score(actual, predicted, average="macro", zero_division=0.0),
        "balanced_accuracy": metrics.recall_score(
            actual, predicted, labels=present, average="macro", zero_division=0.0
        ),
    }
    if shares is not None:
        figures["top2"] = metrics.top_k_accuracy_score(actual, shares, k=2, labels=labels)
        figures["mlogloss"] = metrics.log_loss(actual, shares, labels=labels)
    return {name: float(value) for name, value in figures.items()}


def _curves(actual: np.ndarray, score: np.ndarray, shares: np.ndarray | None) -> Document:
    false_positive_rate, true_positive_rate, _thresholds = metrics.roc_curve(actual, score)
    precision, recall, _thresholds = metrics.precision_recall_curve(actual, score)
    order = np.argsort(-score, kind="stable")
    flagged = np.arange(1, len(actual) + 1) / len(actual)
    gain = np.cumsum(actual[order]) / actual.sum()
    curves = {
        "roc": _thinned(false_positive_rate, true_positive_rate),
        "pr": _thinned(recall[::-1], precision[::-1]),
        "gain": _thinned(np.r_[0.0, flagged], np.r_[0.0, gain]),
    }
    if shares is not None:
        bins = 10 if len(actual) >= 200 else 5
        share, mean = calibration_curve(actual, shares, n_bins=bins, strategy="quantile")
        curves["calibration"] = [[float(x), float(y)] for x, y in zip(mean, share, strict=True)]
    return curves


def _score_intervals(actual: np.ndarray, predicted: np.ndarray, values: Figures) -> dict[str, Interval]:
    positive, hits = int(actual.sum()), int((actual & predicted).sum())
    intervals = _share("accuracy", int((actual == predicted).sum()), len(actual))
    intervals |= _share("precision", hits, int(predicted.sum())) | _share("recall", hits, positive)
    if "auc" in values:
        intervals["auc"] = auc_interval(values["auc"], positive, len(actual) - positive)
    return intervals


def _share(name: str, count: int, rows: int) -> dict[str, Interval]:
    interval = share_interval(count, rows)
    return {name: interval} if interval else {}


def _listed(values: Figures, intervals: dict[str, Interval], baseline: Figures) -> list[Document]:
    rows = []
    for name, value in values.items():
        low, high = intervals.get(name, (None, None))
        rows.append({"name": name, "value": value, "low": low, "high": high, "baseline": baseline.get(name)})
    return rows


def _counts(actual: np.ndarray, predicted: np.ndarray) -> list[int]:
    """[true positives, false positives, false negatives, true negatives]."""
    matrix = metrics.confusion_matrix(actual, predicted, labels=[False, True])
    return [int(matrix[1, 1]), int(matrix[0, 1]), int(matrix[1, 0]), int(matrix[0, 0])]


def _margin_range(score: np.ndarray) -> Interval:
    """The range of the slider for margins: 0, where the model itself decides, is in the middle."""
    farthest = float(np.abs(score).max()) or 1.0
    return -farthest, farthest


def _class_rows(
    actual: np.ndarray, predicted: np.ndarray, shares: np.ndarray | None, classes: list[str], matrix: np.ndarray
) -> list[Document]:
    precision, recall, f1, rows = metrics.precision_recall_fscore_support(
        actual, predicted, labels=range(len(classes)), zero_division=0.0
    )
    listed = []
    for at in np.argsort(-rows, kind="stable")[:MAX_CLASSES]:
        wrong = matrix[at].copy()
        wrong[at] = 0
        is_it = actual == at
        auc = None
        if shares is not None and is_it.any() and not is_it.all():
            auc = float(metrics.roc_auc_score(is_it, shares[:, at]))
        listed.append(
            {
                "name": classes[at], "rows": int(rows[at]), "precision": float(precision[at]),
                "recall": float(recall[at]), "f1": float(f1[at]), "auc": auc,
                "mistaken_for": classes[int(wrong.argmax())] if wrong.any() else "", "mistaken": int(wrong.max()),
            }
        )  # fmt: skip
    return listed


def _matrix(matrix: np.ndarray, classes: list[str]) -> Document:
    """The matrix of all classes, or of those with the most errors, in the order of `classes`."""
    errors = matrix.sum(axis=1) + matrix.sum(axis=0) - 2 * np.diag(matrix)
    selected = np.sort(np.argsort(-errors, kind="stable")[:MAX_CELLS])
    return {
        "classes": [classes[at] for at in selected],
        "rows": matrix[np.ix_(selected, selected)].tolist(),
        "actual": matrix.sum(axis=1)[selected].tolist(),
        "predicted": matrix.sum(axis=0)[selected].tolist(),
    }


def _answers(matrix: np.ndarray, shares: np.ndarray | None, classes: list[str]) -> Document:
    """What the model answers: the rows of each predicted class, the commonest first, and the probability of it."""
    counts = matrix.sum(axis=0)
    order = [at for at in np.argsort(-counts, kind="stable")[:MAX_CLASSES] if counts[at]]
    answers: Document = {"classes": {classes[at]: int(counts[at]) for at in order}}
    if shares is not None:
        top = np.histogram(shares.max(axis=1), np.linspace(0, 1, ANSWER_BINS + 1))[0]
        answers["probability"] = {"low": 0.0, "high": 1.0, "counts": top.tolist()}
    return answers


def _mix_ups(matrix: np.ndarray, classes: list[str]) -> list[Document]:
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:MIX_UPS]
    pairs = [np.unravel_index(at, wrong.shape) for at in order]
    return [
        {"actual": classes[a], "predicted": classes[p], "rows": int(wrong[a, p])} for a, p in pairs if wrong[a, p]
    ]  # fmt: skip


def _thinned(x: np.ndarray, y: np.ndarray) -> list[list[float]]:
    """Points of a curve, at most MAX_POINTS, evenly chosen along it, both ends among them."""
    length = np.r_[0.0, np.cumsum(np.hypot(np.diff(x), np.diff(y)))]
    wanted = np.linspace(0, length[-1], MAX_POINTS)
    indices = np.unique(np.r_[np.searchsorted(length, wanted).clip(0, len(x) - 1), 0, len(x) - 1])
    return [[float(x[at]), float(y[at])] for at in indices]
