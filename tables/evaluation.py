"""Measures predictions of test rows against their labels: metrics with 95 % confidence intervals.

Intervals take the rows as independent. Accuracy: Wilson (1927). AUC: Newcombe (2006), method 5. Means of the rows'
losses, and what is computed from them: the normal approximation, by the delta method.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tables.predictions import Prediction

Z = 1.959964  # of a 95 % interval
SMALLEST = 1e-15  # of a probability in a log loss
ENOUGH = 30  # rows; of fewer, the normal approximation gives no interval


@dataclass(frozen=True)
class TestFigure:
    """One metric of the test rows. `low` and `high` bound its 95 % confidence interval, None where there is none."""

    __test__ = False  # not a test case, whatever its name says to pytest

    name: str
    value: float
    low: float | None = None
    high: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON types."""
        return asdict(self)


def evaluate(schema: Mapping[str, Any], labels: np.ndarray, predictions: Sequence[Prediction]) -> list[TestFigure]:
    """The metrics of `predictions` for rows with `labels`: positions among the classes of `schema`, or numbers.

    Of classes: accuracy, the log loss where each has a probability, and the AUC of two with scores. Of numbers: RMSE,
    MAE and R². Raises ValueError when a row has no prediction of that kind.
    """
    if len(labels) != len(predictions) or not len(labels):
        raise ValueError(f"{len(labels)} rows have {len(predictions)} predictions")
    classes = list(schema["classes"])
    return list(
        _of_classes(classes, labels.astype(np.int64), predictions) if classes else _of_numbers(labels, predictions)
    )


def _of_classes(classes: list[str], labels: np.ndarray, predictions: Sequence[Prediction]) -> Iterator[TestFigure]:
    positions = {name: position for position, name in enumerate(classes)}
    if any(prediction.label not in positions for prediction in predictions):
        raise ValueError("a row has no predicted class")
    predicted = np.array([positions[str(prediction.label)] for prediction in predictions])
    if all(len(prediction.classes) == len(classes) for prediction in predictions):
        shares = np.array([[dict(p.classes)[name] for name in classes] for p in predictions])
        if len(classes) == 2:
            yield from _auc(labels, shares[:, 1])
        losses = -np.log(np.clip(shares[np.arange(len(labels)), labels], SMALLEST, 1.0))
        yield _of_mean("logloss" if len(classes) == 2 else "mlogloss", losses)
    elif len(classes) == 2 and all(prediction.score is not None for prediction in predictions):
        yield from _auc(labels, np.array([prediction.score for prediction in predictions], float))
    yield _accuracy(predicted == labels)


def _of_numbers(labels: np.ndarray, predictions: Sequence[Prediction]) -> Iterator[TestFigure]:
    if any(prediction.value is None for prediction in predictions):
        raise ValueError("a row has no predicted number")
    errors = np.array([prediction.value for prediction in predictions], float) - labels
    squares, mean = errors**2, float(np.mean(errors**2))
    yield _of_mean("rmse", squares, np.sqrt)
    yield _of_mean("mae", np.abs(errors))
    spread = (labels - labels.mean()) ** 2
    if (variance := float(spread.mean())) > 0:
        # R² = 1 - mean / variance, linear in both means near their values
        influence = -squares / variance + spread * mean / variance**2
        value = 1 - mean / variance
        margin = _margin(influence)
        yield TestFigure("r2", value, *(() if margin is None else (value - margin, min(1.0, value + margin))))


def _accuracy(hits: np.ndarray) -> TestFigure:
    rows, share = len(hits), float(hits.mean())
    centre = (share + Z**2 / (2 * rows)) / (1 + Z**2 / rows)
    half = Z / (1 + Z**2 / rows) * float(np.sqrt(share * (1 - share) / rows + Z**2 / (4 * rows**2)))
    return TestFigure("accuracy", share, max(0.0, centre - half), min(1.0, centre + half))


def _auc(labels: np.ndarray, scores: np.ndarray) -> Iterator[TestFigure]:
    """The area under the ROC curve; nothing where all rows are of one class."""
    positive = int((labels == 1).sum())
    negative = len(labels) - positive
    if not positive or not negative:
        return
    _values, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]  # equal scores have the mean of their ranks
    area = float((ranks[labels == 1].sum() - positive * (positive + 1) / 2) / (positive * negative))

    yield TestFigure("auc", area, *auc_bounds(area, positive, negative))


def auc_bounds(area: float, positive: int, negative: int) -> tuple[float, float]:
    """The 95 % confidence interval of an AUC over so many rows of each class, one or more."""

    def excess(bound: float) -> float:
        more = (positive + negative) / 2 - 1
        variance = 1 + more * (1 - bound) / (2 - bound) + more * bound / (1 + bound)
        return abs(area - bound) - Z * float(np.sqrt(bound * (1 - bound) * variance / (positive * negative)))

    return _crossing(excess, 0.0, area), _crossing(excess, 1.0, area)


def _crossing(excess: Callable[[float], float], outside: float, inside: float) -> float:
    """Where `excess`, positive at `outside`, becomes negative on the way to `inside`."""
    for _step in range(60):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if excess(middle) > 0 else (outside, middle)
    return outside


def _of_mean(name: str, losses: np.ndarray, of: Callable[[float], Any] = float) -> TestFigure:
    """The figure `of` the mean of the rows' losses, which are not negative; `of` increases."""
    mean, margin = float(losses.mean()), _margin(losses)
    if margin is None:
        return TestFigure(name, float(of(mean)))
    return TestFigure(name, float(of(mean)), float(of(max(0.0, mean - margin))), float(of(mean + margin)))


def _margin(values: np.ndarray) -> float | None:
    if len(values) < ENOUGH:
        return None
    return Z * float(values.std(ddof=1)) / float(np.sqrt(len(values)))
