"""What a model without a label is measured by, from the kind of answer that its algorithm declares."""

from __future__ import annotations

from algorithms.prediction_kind import PredictionKind

CLUSTERS, ANOMALIES, COMPONENTS = "clusters", "anomalies", "components"
UNLABELLED = {
    PredictionKind.CLUSTER: CLUSTERS, PredictionKind.ANOMALY_SCORE: ANOMALIES, PredictionKind.PROJECTION: COMPONENTS,
}  # fmt: skip
KINDS = tuple(UNLABELLED.values())
