"""Figures of rows drawn with replacement, for the bootstrap: scikit-learn's, in a hundredth of the time.

scikit-learn checks and sorts its input at each call, which takes seconds for 500 draws. Here rows are sorted, and what
each of them adds is computed, once. Each class is called with the positions of drawn rows, int (drawn,).
"""

from __future__ import annotations

import numpy as np

from evaluation.intervals import Figures


class BinaryFigures:
    """Figures of two classes: `actual` and `predicted` bool (rows,), `score` and `shares` float64 (rows,) if known."""

    def __init__(
        self, actual: np.ndarray, predicted: np.ndarray, score: np.ndarray | None, shares: np.ndarray | None
    ):  # fmt: skip
        self._actual, self._predicted, self._has_score = actual, predicted, score is not None
        if score is not None:
            self._order = np.argsort(-score, kind="stable")
            ordered = score[self._order]
            self._ties = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])  # where rows of one score begin
            self._is_positive = actual[self._order]
        self._losses = None if shares is None else _log_losses(np.where(actual, shares, 1 - shares))
        self._squares = None if shares is None else (shares - actual) ** 2

    def __call__(self, rows: np.ndarray) -> Figures:
        """The figures of the drawn rows; those that need both classes are left out where only one was drawn."""
        actual, predicted = self._actual[rows], self._predicted[rows]
        positive, flagged = int(actual.sum()), int(predicted.sum())
        hits, right = int((actual & predicted).sum()), int((actual == predicted).sum())
        figures: Figures = {}
        if self._has_score and 0 < positive < len(rows):
            figures |= self._ranking(np.bincount(rows, minlength=len(self._actual)))
        figures |= {
            "accuracy": right / len(rows), "precision": hits / flagged if flagged else 0.0,
            "recall": hits / positive if positive else 0.0,
            "f1": 2 * hits / (positive + flagged) if positive + flagged else 0.0,
        }  # fmt: skip
        if self._losses is not None and self._squares is not None:
            figures["logloss"] = float(self._losses[rows].mean())
            figures["brierscore"] = float(self._squares[rows].mean())
        return figures

    def _ranking(self, times: np.ndarray) -> Figures:
        """The AUC and the average precision of rows that were drawn so many `times`."""
        ordered = times[self._order]
        positive = np.add.reduceat(ordered * self._is_positive, self._ties)
        negative = np.add.reduceat(ordered * ~self._is_positive, self._ties)
        above, false_alarms = positive.cumsum(), negative.cumsum()
        flagged = above + false_alarms
        precision = np.divide(above, flagged, out=np.zeros(len(flagged)), where=flagged > 0)
        pairs = positive * (false_alarms[-1] - false_alarms + negative / 2)
        return {
            "auc": float(pairs.sum() / (above[-1] * false_alarms[-1])),
            "average_precision": float((positive * precision).sum() / above[-1]),
        }


class MulticlassFigures:
    """Figures of more classes: `actual` and `predicted` int (rows,), `shares` float64 (rows, classes) if known."""

    def __init__(self, actual: np.ndarray, predicted: np.ndarray, shares: np.ndarray | None, classes: int):
        self._actual, self._predicted, self._classes = actual, predicted, classes
        self._losses = self._top2 = None
        if shares is not None:
            self._losses = _log_losses(shares[np.arange(len(actual)), actual])
            leading = np.argsort(shares, axis=1, kind="stable")[:, ::-1][:, :2]
            self._top2 = (leading == actual[:, None]).any(axis=1)

    def __call__(self, rows: np.ndarray) -> Figures:
        """The figures of the drawn rows."""
        actual, predicted = self._actual[rows], self._predicted[rows]
        right = actual == predicted
        hits, of_class, flagged = (
            np.bincount(labels, minlength=self._classes) for labels in (actual[right], actual, predicted)
        )
        either, present = of_class + flagged > 0, of_class > 0
        figures = {
            "accuracy": float(right.mean()),
            "f1_macro": float((2 * hits[either] / (of_class + flagged)[either]).mean()),
            "balanced_accuracy": float((hits[present] / of_class[present]).mean()),
        }
        if self._losses is not None and self._top2 is not None:
            figures |= {"top2": float(self._top2[rows].mean()), "mlogloss": float(self._losses[rows].mean())}
        return figures


class NumberFigures:
    """Figures of numbers: `actual` and `predicted` float64 (rows,)."""

    def __init__(self, actual: np.ndarray, predicted: np.ndarray):
        self._actual, self._errors = actual, predicted - actual

    def __call__(self, rows: np.ndarray) -> Figures:
        """The figures of the drawn rows; there is no R² where all labels are the same."""
        actual, errors = self._actual[rows], self._errors[rows]
        sizes, squares = np.abs(errors), float((errors**2).mean())
        figures = {"mae": float(sizes.mean()), "rmse": squares**0.5}
        if np.ptp(actual) > 0:
            figures["r2"] = 1 - squares / float(actual.var())
        return figures | {"median_error": float(np.median(sizes)), "mean_error": float(errors.mean())}


def _log_losses(shares: np.ndarray) -> np.ndarray:
    """What each row adds to the log loss, of the probability of its own class."""
    least = np.finfo(shares.dtype).eps
    return -np.log(np.clip(shares, least, 1 - least))
