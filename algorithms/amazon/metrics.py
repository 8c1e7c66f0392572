"""Metric definitions of Amazon's first-party algorithms: a regular expression for each log line.

Source: MetricDefinitions in responses of DescribeTrainingJob and of tuning jobs, as published by users.
"""

from algorithms.spec import Metric

_HOST = r"#quality_metric: host=\S+, "


def score_metric(part: str, name: str, pattern: str = "", tunable: bool = True) -> Metric:
    """Return a metric to maximise, logged once: `test accuracy <score>=0.97`.

    `pattern` replaces the name in the log.
    """
    tunable = tunable and part != "train"
    return Metric(f"{part}:{name}", rf"{_HOST}{part} {pattern or name} <score>=(\S+)", "max", tunable)


def loss_metric(part: str, name: str, pattern: str = "", tunable: bool = True) -> Metric:
    """Return a metric to minimise, logged once: `test mse <loss>=3.1`."""
    tunable = tunable and part != "train"
    return Metric(f"{part}:{name}", rf"{_HOST}{part} {pattern or name} <loss>=(\S+)", "min", tunable)


def epoch_metric(name: str, part: str, pattern: str, kind: str = "loss", tunable: bool = False) -> Metric:
    """Return a metric of the learning curve, logged per epoch: `epoch=3, train mse_objective <loss>=0.2`."""
    goal = "max" if kind == "score" else "min"
    return Metric(name, rf"{_HOST}epoch=\S+, {part} {pattern} <{kind}>=(\S+)", goal, tunable, each_round=True)


PROGRESS = (
    Metric("train:progress", r"#progress_metric: host=\S+, completed (\S+) %", "max", False, False),
    Metric(
        "train:throughput", r"#throughput_metric: host=\S+, train throughput=(\S+) records/second", "max", False, False
    ),
)
