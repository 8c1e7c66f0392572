"""Settles what a person left open, and estimates a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.contract import Facts
from algorithms.factorization_machines.hyperparameters import BINARY, REGRESSOR

STEPS = 600  # that a small table is given; AWS's default of one epoch suits tables of millions of rows
MOST_EPOCHS = 200


def task_of(given: Mapping[str, str], suggested: str) -> str:
    """The task that predictor_type asks for, else the suggested one; several classes cannot be told apart here."""
    tasks = {BINARY: "binary", REGRESSOR: "regression"}
    return tasks.get(given.get("predictor_type", ""), suggested)


def settle(given: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """`given` completed for the data; what the person set stays as it is."""
    settled = dict(given)
    settled.setdefault("predictor_type", REGRESSOR if facts.task == "regression" else BINARY)
    settled.setdefault("feature_dim", str(facts.features))
    settled.setdefault("num_factors", "8")
    batch = max(1, min(facts.rows, max(16, min(1000, facts.rows // 20))))
    settled.setdefault("mini_batch_size", str(batch))
    if "epochs" not in given:
        size = settled["mini_batch_size"]
        batches = max(1, facts.rows // max(1, int(size) if size.isdigit() else batch))
        settled["epochs"] = str(max(1, min(MOST_EPOCHS, STEPS // batches)))
    # AWS's own rates suit very many rows: a step of 0.0001 gets nowhere in a few thousand of them.
    for part in ("linear", "factors"):
        settled.setdefault(f"{part}_lr", "0.01")
    return settled


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """About how long training takes on one ml.m5.large: measured on two busy cores (README), all features not 0."""
    factors, epochs = int(values.get("num_factors", 8)), int(values.get("epochs", 1))
    steps = epochs * facts.rows / max(1, int(values.get("mini_batch_size", 1000)))
    return 1.0 + epochs * facts.rows * facts.features * (factors + 4) * 1.2e-9 + steps * 4e-4


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """Bytes at the peak: the table, the model, and two figures more for each of its numbers."""
    model = facts.features * (int(values.get("num_factors", 8)) + 1) * 4
    return 150e6 + facts.rows * facts.features * 4 * 2.5 + 3 * model
