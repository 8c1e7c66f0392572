"""The metric definitions of Amazon's first-party algorithms: what their log lines look like, as a regular expression.

Sources: MetricDefinitions that DescribeTrainingJob and tuning jobs answered, as published by users.
"""

from algorithms.spec import Metric

_HOST = r"#quality_metric: host=\S+, "


def score(part: str, name: str, pattern: str = "", tunable: bool = True) -> Metric:
    """A figure of which more is better, told once: `test accuracy <score>=0.97`. `pattern` stands for another name."""
    tunable = tunable and part != "train"
    return Metric(f"{part}:{name}", rf"{_HOST}{part} {pattern or name} <score>=(\S+)", "max", tunable)


def loss(part: str, name: str, pattern: str = "", tunable: bool = True) -> Metric:
    """A figure of which less is better, told once: `test mse <loss>=3.1`."""
    tunable = tunable and part != "train"
    return Metric(f"{part}:{name}", rf"{_HOST}{part} {pattern or name} <loss>=(\S+)", "min", tunable)


def each_epoch(name: str, part: str, pattern: str, kind: str = "loss", tunable: bool = False) -> Metric:
    """A figure told after every epoch: `epoch=3, train mse_objective <loss>=0.2`; it makes the learning curve."""
    goal = "max" if kind == "score" else "min"
    return Metric(name, rf"{_HOST}epoch=\S+, {part} {pattern} <{kind}>=(\S+)", goal, tunable)


PROGRESS = (
    Metric("train:progress", r"#progress_metric: host=\S+, completed (\S+) %", "max", False, False),
    Metric(
        "train:throughput", r"#throughput_metric: host=\S+, train throughput=(\S+) records/second", "max", False, False
    ),
)
