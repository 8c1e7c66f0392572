"""Log lines as Amazon's first-party algorithms write them, flushed, so that they are seen as they happen."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from algorithms.spec import Algorithm

HOST = "algo-1"


def say(message: str, level: str = "INFO") -> None:
    """`[03/22/2020 20:43:21 INFO 140403405219648] message`"""
    print(f"[{datetime.now(UTC):%m/%d/%Y %H:%M:%S} {level} {threading.get_ident()}] {message}", flush=True)


def warn(message: str) -> None:
    say(message, "WARNING")


def quality(part: str, name: str, value: float, kind: str = "loss", epoch: int | None = None) -> None:
    """One figure of `part` (train, validation, test); `kind` is loss (less is better) or score."""
    when = "" if epoch is None else f"epoch={epoch}, "
    say(f"#quality_metric: host={HOST}, {when}{part} {name} <{kind}>={value!r}")


def progress(done: int, epochs: int) -> None:
    """How many of the epochs are behind us."""
    say(f"#progress_metric: host={HOST}, completed {100 * done // max(epochs, 1)} % of epochs")


def throughput(rows: int, seconds: float) -> None:
    say(f"#throughput_metric: host={HOST}, train throughput={rows / max(seconds, 1e-9)!r} records/second")


def test_score(name: str, value: float) -> None:
    """The figure on the test channel, in both of AWS's spellings."""
    say(f"#test_score ({HOST}) : ({name!r}, {value!r})")


def configuration(algorithm: Algorithm, given: Mapping[str, Any], without_effect: Mapping[str, str]) -> None:
    """The settings a job begins with, and a word on each given one that changes nothing here: {name: why}."""
    defaults = {h.name: h.default for h in algorithm.hyperparameters if h.default is not None}
    say(f"Reading default configuration: {defaults}")
    say(f"Final configuration: { ({**defaults, **given}) }")
    for name in given:
        if name in without_effect:
            warn(f"Hyperparameter {name} has no effect here: {without_effect[name]}")
        elif algorithm.hyperparameter(name).internal:
            warn(f"Hyperparameter {name} has no effect here: it belongs to SageMaker's own machinery.")
