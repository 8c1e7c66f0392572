"""How Amazon's first-party algorithms refuse a hyperparameter (texts as seen in failed jobs and in public code).

They are JSON-schema messages with the word changed. What follows there in brackets, "(caused by ValidationError)" and
Python's own text, is left out.
"""

from typing import Any

from algorithms.parameters import Hyperparameter


def missing(name: str) -> str:
    return f"No value(s) were specified for '{name}' which are required hyperparameter(s)"


def unknown(name: str) -> str:
    return f"Additional hyperparameters are not allowed ('{name}' was unexpected)"


def refused(h: Hyperparameter, text: Any) -> str:
    if h.options:
        expects = "accepts one of the following: " + ", ".join(f"'{option}'" for option in h.options)
    else:
        expects = f"expects {expectation(h)}"
    return f"The value '{text}' is not valid for the '{h.name}' hyperparameter which {expects}"


def expectation(h: Hyperparameter) -> str:
    """What is accepted, with its kind: `a whole number: 1 or more`."""
    kinds = {"integer": "a whole number: ", "continuous": "a number: "}
    return kinds.get(h.kind, "") + h.describe_range()


NO_DATA = (
    "No training data processed. Either the training channel is empty or the mini-batch size is too high. Verify that "
    "training data contains non-empty files and the mini-batch size is less than the number of records per training "
    "host."
)
