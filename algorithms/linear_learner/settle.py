"""Settles what a person left open, checks settings against each other, and estimates a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from algorithms.amazon import error_messages
from algorithms.contract import Facts, HyperparameterProblem
from algorithms.linear_learner.hyperparameters import BINARY, LOSSES, MULTICLASS, REGRESSOR

PREDICTOR = {"binary": BINARY, "multiclass": MULTICLASS, "regression": REGRESSOR}
MOST_MODELS = 32  # that `auto` trains, as AWS's
MOST_CELLS = 50_000_000  # numbers a batch step may touch for all models together, roughly: then fewer models


def task_of(given: Mapping[str, str], suggested: str) -> str:
    """The task that predictor_type asks for, else the suggested one."""
    tasks = {predictor: task for task, predictor in PREDICTOR.items()}
    return tasks.get(given.get("predictor_type", ""), suggested)


def settle(given: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """`given` completed for the data; what the person set stays as it is."""
    settled = dict(given)
    settled.setdefault("predictor_type", PREDICTOR[facts.task])
    if settled["predictor_type"] == MULTICLASS and facts.classes >= 3:
        settled.setdefault("num_classes", str(facts.classes))
    settled.setdefault("feature_dim", str(facts.features))
    # A twentieth of the rows, for an epoch of fewer steps learns little; on AWS a batch must not exceed the rows.
    settled.setdefault("mini_batch_size", str(max(1, min(facts.rows, max(16, min(1000, facts.rows // 20))))))
    return settled


def models_of(values: Mapping[str, Any], features: int, outputs: int) -> int:
    """How many models are trained side by side."""
    if "_tuning_objective_metric" in values:
        return 1  # a tuning job compares settings itself, and AWS then trains one model too
    asked = values.get("num_models", "auto")
    if asked != "auto":
        return int(asked)
    return max(4, min(MOST_MODELS, MOST_CELLS // max(1, features * outputs * 1000)))


def loss_suits(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """The loss must be one of the predictor_type's."""
    predictor, loss = values.get("predictor_type"), values.get("loss", "auto")
    if predictor and loss != "auto" and loss not in LOSSES[predictor]:
        suited = ", ".join(LOSSES[predictor])
        yield HyperparameterProblem(
            "loss", f"The loss {loss} cannot be used with predictor_type {predictor}. Use auto or {suited}."
        )


def classes_given(values: Mapping[str, Any]) -> Iterator[HyperparameterProblem]:
    """Several classes must be counted."""
    if values.get("predictor_type") == MULTICLASS and "num_classes" not in values:
        yield HyperparameterProblem("num_classes", error_messages.missing("num_classes"))


RULES = (loss_suits, classes_given)


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """About how long training takes on one ml.m5.large: measured on two busy cores (README)."""
    outputs = facts.classes if values.get("predictor_type") == MULTICLASS else 1
    columns = outputs * models_of(values, facts.features, outputs)
    each = 1e-9 * facts.features * columns + (1e-7 if outputs > 1 else 2e-8) * columns + 2e-8 * facts.features
    return 1.0 + facts.rows * int(values.get("epochs", 15)) * each


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """Bytes at the peak: the table as it is read, once more as numbers, and what scoring it for all models takes."""
    outputs = facts.classes if values.get("predictor_type") == MULTICLASS else 1
    columns = outputs * models_of(values, facts.features, outputs)
    return 150e6 + facts.rows * facts.features * 4 * 2.5 + 20_000 * columns * 4 * 4
