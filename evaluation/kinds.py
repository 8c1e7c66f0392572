"""The figures of a model without a label, by the prediction kind that its algorithm declares."""

from __future__ import annotations

from algorithms.prediction_kind import PredictionKind

CLUSTERS, ANOMALIES, COMPONENTS = "clusters", "anomalies", "components"
UNLABELLED = {
    PredictionKind.CLUSTER: CLUSTERS, PredictionKind.ANOMALY_SCORE: ANOMALIES, PredictionKind.PROJECTION: COMPONENTS,
}  # fmt: skip
KINDS = tuple(UNLABELLED.values())
