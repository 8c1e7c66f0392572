"""Completes hyperparameters, checks them against each other and estimates a run of Linear Learner."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from algorithms.amazon import hyperparameter_errors
from algorithms.contract import Facts, HyperparameterProblem
from algorithms.linear_learner.hyperparameters import BINARY, HINGE_LOSS, LOSSES, MULTICLASS, REGRESSOR
from algorithms.score_kind import ScoreKind, score_kind_of_task

PREDICTOR = {"binary": BINARY, "multiclass": MULTICLASS, "regression": REGRESSOR}
MAX_MODELS = 32  # that `auto` trains, as AWS's
MAX_CELLS = 50_000_000  # approximate limit of numbers in a batch step for all models; above it there are fewer models


def task_of(hyperparameters: Mapping[str, str], suggested: str) -> str:
    """Return the task of predictor_type, else the suggested one."""
    tasks = {predictor: task for task, predictor in PREDICTOR.items()}
    return tasks.get(hyperparameters.get("predictor_type", ""), suggested)


def score_kind(hyperparameters: Mapping[str, str], task: str) -> ScoreKind:
    """A classifier of two classes with a hinge loss answers margins."""
    if task_of(hyperparameters, task) == "binary" and hyperparameters.get("loss") == HINGE_LOSS:
        return ScoreKind.MARGIN
    return score_kind_of_task(hyperparameters, task_of(hyperparameters, task))


def settle(hyperparameters: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """Return the hyperparameters with defaults for the data. Keeps the user's values."""
    result = dict(hyperparameters)
    result.setdefault("predictor_type", PREDICTOR[facts.task])
    if result["predictor_type"] == MULTICLASS and facts.classes >= 3:
        result.setdefault("num_classes", str(facts.classes))
    if result["predictor_type"] == BINARY:
        # The best probabilities, not the most rows on the right side of a cut: that says little where a class is rare.
        result.setdefault("binary_classifier_model_selection_criteria", "loss_function")
    if facts.class_counts and result["predictor_type"] == BINARY:
        result.setdefault("positive_example_weight_mult", "balanced")
    if facts.class_counts and result["predictor_type"] == MULTICLASS:
        result.setdefault("balance_multiclass_weights", "true")
    result.setdefault("feature_dim", str(facts.features))
    # A twentieth of the rows: with fewer steps an epoch learns little. On AWS a batch must not exceed the rows.
    result.setdefault("mini_batch_size", str(max(1, min(facts.rows, max(16, min(1000, facts.rows // 20))))))
    return result


def num_models(values: Mapping[str, Any], features: int, outputs: int) -> int:
    """Return the number of models to train in parallel."""
    if "_tuning_objective_metric" in values:
        return 1  # a tuning job compares settings itself; AWS trains one model then, too
    count = values.get("num_models", "auto")
    if count != "auto":
        return int(count)
    return max(4, min(MAX_MODELS, MAX_CELLS // max(1, features * outputs * 1000)))


def check_loss(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """`loss` must suit `predictor_type`."""
    predictor, loss = values.get("predictor_type"), values.get("loss", "auto")
    if predictor and loss != "auto" and loss not in LOSSES[predictor]:
        allowed = ", ".join(LOSSES[predictor])
        yield HyperparameterProblem(
            "loss", f"The loss {loss} cannot be used with predictor_type {predictor}. Use auto or {allowed}."
        )


def check_num_classes(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """A multiclass classifier needs `num_classes`."""
    if values.get("predictor_type") == MULTICLASS and "num_classes" not in values:
        yield HyperparameterProblem("num_classes", hyperparameter_errors.missing("num_classes"))


RULES = (check_loss, check_num_classes)


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the training time in seconds on one ml.m5.large, fitted by `python -m bench.estimates`.

    Early stopping is expected after two and a half times its patience: it was after 4 to 30 epochs of 30.
    """
    outputs = facts.classes if values.get("predictor_type") == MULTICLASS else 1
    columns = outputs * num_models(values, facts.features, outputs)
    patience = int(values.get("early_stopping_patience", 3)) if facts.validation else 0
    epochs = min(int(values.get("epochs", 15)), 2.5 * patience or math.inf)
    if facts.entries:  # the weights of all features move with each batch
        steps = epochs * facts.rows / max(1, int(values.get("mini_batch_size", 1000)))
        return 0.05 + 1.5e-8 * steps * facts.features * columns + 1e-8 * epochs * facts.rows * facts.entries * columns
    row_seconds = 1e-9 * facts.features * columns + (1e-7 if outputs > 1 else 2e-8) * columns + 2e-8 * facts.features
    return 0.05 + facts.rows * epochs * row_seconds


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the peak bytes: the table as read, once more as numbers, and weights and outputs of all models."""
    outputs = facts.classes if values.get("predictor_type") == MULTICLASS else 1
    columns = outputs * num_models(values, facts.features, outputs)
    model = facts.features * columns * 4 * 8  # weights, the best ones, two moments, what a step computes
    batch = min(facts.rows, 20_000) * columns * 4 * 4
    base = 60e6 if facts.entries else 100e6
    return base + facts.rows * facts.row_size * 4 * (8 if facts.entries else 2.5) + batch + model
