"""The values of a training job for the table of values. Imports no model, so that a migration can use it, too."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

MAX_NAME, MAX_TEXT = 100, 200
MAX_HYPERPARAMETERS, MAX_METRICS = 100, 60  # of one job; SageMaker takes 100 and 40
BEST, SECONDS, COST = "best", "seconds", "cost"  # the figures


class Value(NamedTuple):
    """One value: a number, or a text where `number` is None. `kind` is one of JobProperty's."""

    kind: str
    name: str
    number: float | None
    text: str = ""


def values_of(
    hyperparameters: Mapping[str, Any], metrics: Mapping[str, Any], figures: Mapping[str, float | None]
) -> list[Value]:
    """The values of one job, each name once for each kind. What is no finite number of `figures` is left out."""
    values = [_value("hyperparameter", name, str(text)) for name, text in _first(hyperparameters, MAX_HYPERPARAMETERS)]
    values += [Value("metric", name[:MAX_NAME], number) for name, number in _numbers(metrics, MAX_METRICS)]
    values += [Value("figure", name, number) for name, number in _numbers(figures, len(figures))]
    return list({(value.kind, value.name): value for value in values}.values())


def _value(kind: str, name: str, text: str) -> Value:
    number = _finite(text)
    return Value(kind, name[:MAX_NAME], number, "" if number is not None else text[:MAX_TEXT])


def _first(values: Mapping[str, Any], count: int) -> list[tuple[str, Any]]:
    """SageMaker's own hyperparameters, such as sagemaker_program, say where code is and nothing of the training."""
    return [(name, text) for name, text in values.items() if name and not name.startswith("sagemaker_")][:count]


def _numbers(values: Mapping[str, Any], count: int) -> Iterator[tuple[str, float]]:
    for name, value in list(values.items())[:count]:
        if name and value is not None and (number := _finite(value)) is not None:
            yield name, number


def _finite(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
