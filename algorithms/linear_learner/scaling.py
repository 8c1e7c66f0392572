"""Shifts and scales features and labels for training, and folds that into the weights afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Scaling:
    """A feature x is trained on as (x - mean) / spread, a label y as (y - label_mean) / label_spread."""

    mean: np.ndarray
    spread: np.ndarray
    label_mean: float = 0.0
    label_spread: float = 1.0

    def apply(self, features: np.ndarray) -> np.ndarray:
        """The features as they are trained on; `features` itself is changed, for a second copy may not fit."""
        features -= self.mean.astype(np.float32)
        features /= self.spread.astype(np.float32)
        return features

    def folded(self, weights: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(weights, bias) for rows as they come: float64, (features, outputs) and (outputs,)."""
        w = weights.astype(np.float64) / self.spread[:, None]
        b = bias.astype(np.float64) - self.mean @ w
        return w * self.label_spread, b * self.label_spread + self.label_mean


def learned(x: np.ndarray, y: np.ndarray, values: Mapping[str, Any], is_regression: bool, rng: Any) -> Scaling:
    """The scaling that the hyperparameters ask for, from `num_point_for_scaler` rows drawn at random."""
    most = int(values.get("num_point_for_scaler", 10_000))
    chosen: Any = slice(None) if len(x) <= most else rng.choice(len(x), most, replace=False)
    sample, labels = x[chosen].astype(np.float64), y[chosen].astype(np.float64)
    bias = values.get("use_bias", "true") == "true"
    scale = values.get("normalize_data", "true") != "false"
    shift = _truth(values, "unbias_data", bias)
    zero, one = np.zeros(x.shape[1]), np.ones(x.shape[1])
    spread = sample.std(axis=0)
    made = Scaling(
        sample.mean(axis=0) if shift else zero,
        # A column that never changes says nothing; its tiny rounding noise must not be blown up.
        np.where(spread > 1e-7 * np.maximum(1.0, np.abs(sample).max(axis=0)), spread, 1.0) if scale else one,
    )
    if is_regression:
        if _truth(values, "unbias_label", bias):
            made.label_mean = float(labels.mean())
        if _truth(values, "normalize_label", True) and labels.std() > 0:
            made.label_spread = float(labels.std())
    return made


def _truth(values: Mapping[str, Any], name: str, auto: bool) -> bool:
    given = values.get(name, "auto")
    return auto if given == "auto" else given == "true"
