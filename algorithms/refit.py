"""Whether a job trains its model once more on all rows, after held-out rows have chosen its settings.

An environment variable says so: AWS's containers refuse hyperparameters that they do not know, and ignore variables.
"""

from __future__ import annotations

from algorithms.contract import TrainingContext

VARIABLE, YES = "SAGEWRIGHT_REFIT", "true"  # of a training job's environment


def wants_refit(ctx: TrainingContext) -> bool:
    """True if the job's final model learns from its held-out rows, too. They have no metric of that model."""
    return ctx.environment.get(VARIABLE) == YES


def describe_refit(rows: int, amount: int, unit: str) -> str:
    """The line of the log about `rows` rows and an `amount` of rounds, trees or epochs."""
    return f"Training once more on all {rows} rows, for {amount} {unit}. The metrics are of the model before."
