"""Standardises features and labels for training, and converts the weights back afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from algorithms.linear_learner.sparse_rows import SparseRows, dense_features


@dataclass
class Scaling:
    """Replaces a feature x by (x - mean) / spread, a label y by (y - label_mean) / label_spread.

    `is_dense` is set for sparse rows: true for each feature that is named in many rows. The others have no mean.
    """

    mean: np.ndarray
    spread: np.ndarray
    label_mean: float = 0.0
    label_spread: float = 1.0
    is_dense: np.ndarray | None = None

    def apply(self, features: Any) -> np.ndarray | SparseRows:
        """Scale `features` in place, because a copy may not fit into memory, and return them.

        A CSR matrix becomes `SparseRows`.
        """
        if self.is_dense is not None:
            if isinstance(features, np.ndarray):  # a channel of dense records beside a sparse one
                features = csr_matrix(features)
            rows = SparseRows.split(features, self.is_dense)
            width = rows.dense.shape[1]
            self._scale(rows.dense, rows.order[:width])
            rows.sparse.data /= self.spread[rows.order[width:]][rows.sparse.indices].astype(np.float32)
            return rows
        self._scale(features, slice(None))
        return features

    def _scale(self, features: np.ndarray, which: Any) -> None:
        features -= self.mean[which].astype(np.float32)
        features /= self.spread[which].astype(np.float32)

    def unscale_parameters(self, weights: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (weights, bias) for unscaled rows: float64, (features, outputs) and (outputs,)."""
        if self.is_dense is not None:  # the features are in the order of `SparseRows`
            order = np.concatenate([np.flatnonzero(self.is_dense), np.flatnonzero(~self.is_dense)])
            weights = weights[np.argsort(order)]
        w = weights.astype(np.float64) / self.spread[:, None]
        b = bias.astype(np.float64) - self.mean @ w
        return w * self.label_spread, b * self.label_spread + self.label_mean


def fit_scaling(x: Any, y: np.ndarray, values: Mapping[str, Any], is_regression: bool, rng: Any) -> Scaling:
    """Fit the scaling of the hyperparameters on `num_point_for_scaler` random rows.

    Of a CSR matrix, a feature that few rows name keeps its unit and its 0: divided by its small deviation, a text of
    ten rows would count as much as all others together.
    """
    max_rows = int(values.get("num_point_for_scaler", 10_000))
    sampled: Any = slice(None) if len(y) <= max_rows else rng.choice(len(y), max_rows, replace=False)
    labels = y[sampled].astype(np.float64)
    is_dense = None if isinstance(x, np.ndarray) else dense_features(x)
    sample = (x[sampled] if is_dense is None else x[sampled][:, np.flatnonzero(is_dense)].toarray()).astype(np.float64)
    bias = values.get("use_bias", "true") == "true"
    scale = values.get("normalize_data", "true") != "false"
    shift = _boolean(values, "unbias_data", bias)
    scaling = Scaling(np.zeros(x.shape[1]), np.ones(x.shape[1]), is_dense=is_dense)
    which = slice(None) if is_dense is None else np.flatnonzero(is_dense)
    spread = sample.std(axis=0)
    if shift:
        scaling.mean[which] = sample.mean(axis=0)
    if scale:
        # A constant column carries no information. Scaling would amplify its rounding noise.
        scaling.spread[which] = np.where(
            spread > 1e-7 * np.maximum(1.0, np.abs(sample).max(axis=0, initial=0.0)), spread, 1.0
        )
        if is_dense is not None:
            _scale_sparse(scaling.spread, x, ~is_dense)
    if is_regression:
        if _boolean(values, "unbias_label", bias):
            scaling.label_mean = float(labels.mean())
        if _boolean(values, "normalize_label", True) and labels.std() > 0:
            scaling.label_spread = float(labels.std())
    return scaling


def _boolean(values: Mapping[str, Any], name: str, auto: bool) -> bool:
    value = values.get(name, "auto")
    return auto if value == "auto" else value == "true"


def _scale_sparse(spread: np.ndarray, x: Any, is_sparse: np.ndarray) -> None:
    """Set the spread of each sparse feature to its greatest absolute value, as far as it has one."""
    greatest = abs(x).max(axis=0).toarray()[0]
    spread[is_sparse] = np.where(greatest[is_sparse] > 0, greatest[is_sparse], 1.0)
