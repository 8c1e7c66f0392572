"""What a validator of model files answers: a proof that a model is harmless, or why there is none. No NumPy."""

from __future__ import annotations

from dataclasses import dataclass

MAX_FEATURES = 100_000  # numbers of a row
MAX_OUTPUTS = 10_000  # numbers that a row is answered with
MAX_ROW_STEPS = 100_000
STEP_SECONDS = 1e-8  # a node of a tree that is not in the processor's cache
ANSWER_STEPS = 100  # to write a number of an answer as text


class InvalidModel(ValueError):
    """The model file breaks a rule. The message names the rule and the place."""


class Unproven(Exception):
    """The model may be right, but the validator cannot tell that it is harmless. The message says why."""


@dataclass(frozen=True)
class Proof:
    """The size of a model that a validator accepted: numbers of a row, steps to predict one row, numbers of its answer.

    A step is a node of a tree, or as much work: STEP_SECONDS.
    """

    features: int
    predict_steps: int
    outputs: int = 1

    @property
    def row_steps(self) -> int:
        """The steps from a row to its answer as text."""
        return self.predict_steps + self.outputs * ANSWER_STEPS


def check_limits(features: int, outputs: int) -> None:
    """Raise InvalidModel for impossible counts, Unproven for counts above the limits."""
    if features < 1 or outputs < 1:
        raise InvalidModel(f"it has {features} features and {outputs} outputs, and must have 1 or more")
    if features > MAX_FEATURES:
        raise Unproven(f"it has {features} features, more than {MAX_FEATURES}")
    if outputs > MAX_OUTPUTS:
        raise Unproven(f"it answers a row with {outputs} numbers, more than {MAX_OUTPUTS}")


def check_steps(steps: int) -> None:
    """Raise Unproven if one row takes longer than a millisecond."""
    if steps > MAX_ROW_STEPS:
        raise Unproven(f"a row takes {steps} steps, more than {MAX_ROW_STEPS}")
