"""The quantiles of the training rows' scores that a job logs and a model keeps, as thresholds for anomalies."""

from algorithms.spec import Metric

QUANTILES = (0.9, 0.95, 0.99)
QUANTILE_METRICS = tuple(
    Metric(
        f"train:score_quantile_{quantile:g}",
        rf"#quality_metric: host=\S+, train score_quantile_{quantile:g} <score>=(\S+)",
        "min", tunable=False, quality=False,
    )
    for quantile in QUANTILES
)  # fmt: skip
