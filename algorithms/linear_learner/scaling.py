"""Standardises features and labels for training, and converts the weights back afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Scaling:
    """Replaces a feature x by (x - mean) / spread, a label y by (y - label_mean) / label_spread."""

    mean: np.ndarray
    spread: np.ndarray
    label_mean: float = 0.0
    label_spread: float = 1.0

    def apply(self, features: np.ndarray) -> np.ndarray:
        """Scale `features` in place, because a copy may not fit into memory, and return them."""
        features -= self.mean.astype(np.float32)
        features /= self.spread.astype(np.float32)
        return features

    def unscale_parameters(self, weights: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (weights, bias) for unscaled rows: float64, (features, outputs) and (outputs,)."""
        w = weights.astype(np.float64) / self.spread[:, None]
        b = bias.astype(np.float64) - self.mean @ w
        return w * self.label_spread, b * self.label_spread + self.label_mean


def fit_scaling(x: np.ndarray, y: np.ndarray, values: Mapping[str, Any], is_regression: bool, rng: Any) -> Scaling:
    """Fit the scaling of the hyperparameters on `num_point_for_scaler` random rows."""
    max_rows = int(values.get("num_point_for_scaler", 10_000))
    sampled: Any = slice(None) if len(x) <= max_rows else rng.choice(len(x), max_rows, replace=False)
    sample, labels = x[sampled].astype(np.float64), y[sampled].astype(np.float64)
    bias = values.get("use_bias", "true") == "true"
    scale = values.get("normalize_data", "true") != "false"
    shift = _boolean(values, "unbias_data", bias)
    zero, one = np.zeros(x.shape[1]), np.ones(x.shape[1])
    spread = sample.std(axis=0)
    scaling = Scaling(
        sample.mean(axis=0) if shift else zero,
        # A constant column carries no information. Scaling would amplify its rounding noise.
        np.where(spread > 1e-7 * np.maximum(1.0, np.abs(sample).max(axis=0)), spread, 1.0) if scale else one,
    )
    if is_regression:
        if _boolean(values, "unbias_label", bias):
            scaling.label_mean = float(labels.mean())
        if _boolean(values, "normalize_label", True) and labels.std() > 0:
            scaling.label_spread = float(labels.std())
    return scaling


def _boolean(values: Mapping[str, Any], name: str, auto: bool) -> bool:
    value = values.get(name, "auto")
    return auto if value == "auto" else value == "true"
