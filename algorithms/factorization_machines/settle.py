"""Completes hyperparameters and estimates a run of Factorization Machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.contract import Facts
from algorithms.factorization_machines.hyperparameters import BINARY, REGRESSOR

TARGET_STEPS = 600  # for small tables; AWS's default of one epoch suits tables of millions of rows
MAX_EPOCHS = 200


def task_of(hyperparameters: Mapping[str, str], suggested: str) -> str:
    """Return the task of predictor_type, else the suggested one. There is no multiclass predictor_type."""
    tasks = {BINARY: "binary", REGRESSOR: "regression"}
    return tasks.get(hyperparameters.get("predictor_type", ""), suggested)


def settle(hyperparameters: Mapping[str, str], facts: Facts) -> dict[str, str]:
    """Return the hyperparameters with defaults for the data. Keeps the user's values."""
    result = dict(hyperparameters)
    result.setdefault("predictor_type", REGRESSOR if facts.task == "regression" else BINARY)
    result.setdefault("feature_dim", str(facts.features))
    result.setdefault("num_factors", "8")
    batch = max(1, min(facts.rows, max(16, min(1000, facts.rows // 20))))
    result.setdefault("mini_batch_size", str(batch))
    if "epochs" not in hyperparameters:
        size = result["mini_batch_size"]
        batches = max(1, facts.rows // max(1, int(size) if size.isdigit() else batch))
        result["epochs"] = str(max(1, min(MAX_EPOCHS, TARGET_STEPS // batches)))
    # AWS's default rates suit very many rows. With a few thousand rows a rate of 0.0001 does not converge.
    for part, decay in (("linear", "0.0003"), ("factors", "0.002")):
        result.setdefault(f"{part}_lr", "0.01")
        result.setdefault(f"{part}_wd", decay)  # AWS's hardly holds factors of users or items with few rows
    return result


def seconds(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the training time in seconds on one ml.m5.large, for dense rows (measured on two cores, README.md).

    An entry of a sparse row takes about ten times as long as one of a dense row.
    """
    factors, epochs = int(values.get("num_factors", 8)), int(values.get("epochs", 1))
    steps = epochs * facts.rows / max(1, int(values.get("mini_batch_size", 1000)))
    entry = 1.2e-8 if facts.entries else 1.2e-9
    return 0.05 + epochs * facts.rows * facts.row_size * (factors + 4) * entry + steps * 4e-4


def memory(values: Mapping[str, Any], facts: Facts) -> float:
    """Return the peak bytes: NumPy and the readers, the table, the model, and two moments for each of its numbers.

    A job of 160 rows x 10 had a peak of 38 MB, one of 2,612 x 20 of 54 MB.
    """
    model = facts.features * (int(values.get("num_factors", 8)) + 1) * 4
    return 45e6 + facts.rows * facts.row_size * 4 * (6 if facts.entries else 2.5) + 3 * model
