"""Whether folds choose the rounds of a job's final model."""

from __future__ import annotations

from algorithms.spec import Algorithm
from tables.recipe import Recipe


def may_fold(recipe: Recipe, algorithm: Algorithm) -> bool:
    """True if the job asks for folds, which its rows get where they are few; each row is held out by itself."""
    return recipe.prepare and recipe.refit and recipe.folds and algorithm.folds and recipe.validation == "share"
