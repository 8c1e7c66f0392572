"""Writes log lines in the format of Amazon's first-party algorithms. Flushes each line."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from algorithms.spec import Algorithm

HOST = "algo-1"


def info(message: str, level: str = "INFO") -> None:
    """Log `[03/22/2020 20:43:21 INFO 140403405219648] message`."""
    print(f"[{datetime.now(UTC):%m/%d/%Y %H:%M:%S} {level} {threading.get_ident()}] {message}", flush=True)


def warning(message: str) -> None:
    """Log a message at level WARNING."""
    info(message, "WARNING")


def quality_metric(part: str, name: str, value: float, kind: str = "loss", epoch: int | None = None) -> None:
    """Log one metric value of `part` (train, validation, test). `kind` is loss (less is better) or score."""
    when = "" if epoch is None else f"epoch={epoch}, "
    info(f"#quality_metric: host={HOST}, {when}{part} {name} <{kind}>={value!r}")


def progress_metric(done: int, epochs: int) -> None:
    """Log the share of completed epochs."""
    info(f"#progress_metric: host={HOST}, completed {100 * done // max(epochs, 1)} % of epochs")


def throughput_metric(rows: int, seconds: float) -> None:
    """Log the records per second of an epoch."""
    info(f"#throughput_metric: host={HOST}, train throughput={rows / max(seconds, 1e-9)!r} records/second")


def test_score(name: str, value: float) -> None:
    """Log a metric value of the test channel in AWS's second format."""
    info(f"#test_score ({HOST}) : ({name!r}, {value!r})")


def configuration(algorithm: Algorithm, values: Mapping[str, Any], without_effect: Mapping[str, str]) -> None:
    """Log the hyperparameters of a job, and a warning for each one without effect ({name: reason})."""
    defaults = {h.name: h.default for h in algorithm.hyperparameters if h.default is not None}
    info(f"Reading default configuration: {defaults}")
    info(f"Final configuration: { ({**defaults, **values}) }")
    for name in values:
        if name in without_effect:
            warning(f"Hyperparameter {name} has no effect here: {without_effect[name]}")
        elif algorithm.hyperparameter(name).internal:
            warning(f"Hyperparameter {name} has no effect here: it belongs to SageMaker's own machinery.")
