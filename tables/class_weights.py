"""Class weights: each class counts as much as every other, however few rows it has."""

from __future__ import annotations

import polars as pl

from algorithms.spec import Algorithm
from common.messages import _
from common.problems import Problem
from tables.recipe import Recipe
from tables.target import Target

FIELD = "recipe.class_weights"


def check_class_weights(target: Target, recipe: Recipe, algorithm: Algorithm, is_raw: bool) -> None:
    """Raise Problem where `algorithm` cannot be given the weights of `recipe`; raw objects are used as they are."""
    if recipe.class_weights and (problem := class_weights_problem(target.task, algorithm)):
        raise Problem(problem, FIELD)
    if is_raw and are_weights_written(target, recipe, algorithm):
        text = _("The weights of several classes are written beside each row, and these objects are used as they are.")
        raise Problem(f"{text} {_('Let rows count the same.')}", FIELD)


def class_weights_problem(task: str, algorithm: Algorithm) -> str:
    """Why classes cannot be weighed, as a sentence; "" if they can."""
    if task in algorithm.class_weights:
        return ""
    if task == "regression" or not algorithm.supervised:
        return _("Only classes are weighed, and none are predicted here. Let rows count the same.")
    if not algorithm.class_weights:
        text = _("%(title)s weighs no classes. Let rows count the same, or choose another algorithm.")
    else:
        text = _("%(title)s weighs two classes, not several. Let rows count the same, or choose another algorithm.")
    return text % {"title": algorithm.title}


def are_weights_written(target: Target, recipe: Recipe, algorithm: Algorithm) -> bool:
    """True if the rows carry the weights of their classes, where no hyperparameter says them."""
    return bool(recipe.class_weights) and target.task == "multiclass" and algorithm.data.weights


def class_counts(target: Target, recipe: Recipe) -> tuple[int, ...]:
    """The rows of each class in order, where classes are weighed; () where they are not."""
    return tuple(rows for _class, rows in sorted(target.counts.items())) if recipe.class_weights else ()


def class_weight(label: pl.Expr, target: Target) -> pl.Expr:
    """The weight of a row with the class `label`, 1 in the mean over all rows."""
    total, classes = sum(target.counts.values()), max(len(target.counts), 1)
    weights = {at: round(total / (classes * max(rows, 1)), 6) for at, rows in target.counts.items()}
    return label.replace_strict(weights, default=None, return_dtype=pl.Float64)
