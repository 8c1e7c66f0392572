"""Error messages of Amazon's first-party algorithms for hyperparameters (from failed jobs and public code).

They are JSON-schema messages about hyperparameters instead of properties. The part in brackets that follows on AWS,
"(caused by ValidationError)" and Python's text, is left out.
"""

from typing import Any

from algorithms.parameters import Hyperparameter
from algorithms.spec import ErrorMessages


def missing(name: str) -> str:
    """Return the message for a required hyperparameter without a value."""
    return f"No value(s) were specified for '{name}' which are required hyperparameter(s)"


def unknown(name: str) -> str:
    """Return the message for a hyperparameter that the algorithm does not have."""
    return f"Additional hyperparameters are not allowed ('{name}' was unexpected)"


def invalid(h: Hyperparameter, text: Any) -> str:
    """Return the message for a value that the hyperparameter does not accept."""
    if h.options:
        expects = "accepts one of the following: " + ", ".join(f"'{option}'" for option in h.options)
    else:
        expects = f"expects {expectation(h)}"
    return f"The value '{text}' is not valid for the '{h.name}' hyperparameter which {expects}"


def expectation(h: Hyperparameter) -> str:
    """Describe the accepted values with their type: `a whole number: 1 or more`."""
    kinds = {"integer": "a whole number: ", "continuous": "a number: "}
    return kinds.get(h.kind, "") + h.describe_range()


ERROR_MESSAGES = ErrorMessages(missing, unknown, invalid)
