"""What the members of a job cannot do together, whichever algorithm they train."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.contract import TrainingContext, UserError
from algorithms.fold_score import VARIABLE as FOLDS
from algorithms.refit import VARIABLE as REFIT
from algorithms.refit import wants_refit
from algorithms.spec import Algorithm


def check_options(ctx: TrainingContext, algorithm: Algorithm, values: Mapping[str, Any]) -> None:
    """Raise UserError for a setting of a job with several hosts that needs one."""
    if len(ctx.hosts) == 1:
        return
    for rule in algorithm.distributed_rules:
        for problem in rule(values):
            raise UserError(f"Hyperparameter {problem.name}: {problem.message}")
    if ctx.environment.get(FOLDS):
        raise UserError(f"{FOLDS}: folds choose the rounds on one instance only. Leave it out, or use one instance.")
    validation = ctx.channels.get("validation")
    if wants_refit(ctx) and validation and validation.is_sharded and not is_train_sharded(ctx):
        raise UserError(
            f"{REFIT}: the channel validation is ShardedByS3Key and train is not, so that a row of train would count "
            "once for each instance, and one of validation once. Give both the same S3DataDistributionType."
        )


def is_train_sharded(ctx: TrainingContext) -> bool:
    """True if each host has training rows of its own."""
    return any(ctx.channels[name].is_sharded for name in ("train", "training") if name in ctx.channels)


def shares_held_out_rows(ctx: TrainingContext) -> bool:
    """True if every host has all held-out rows beside its own training rows.

    A final model of both then takes a share of them from each, so that a row counts once.
    """
    validation = ctx.channels.get("validation")
    return len(ctx.hosts) > 1 and validation is not None and not validation.is_sharded and is_train_sharded(ctx)
