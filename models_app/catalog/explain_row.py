"""The reasons of one row without an endpoint that answers them: the model runs in the process of evaluations."""

from __future__ import annotations

from collections.abc import Mapping

import algorithms
from models_app.catalog.row_process import run_row
from models_app.models import Model, TrainingJob
from models_app.web.fall import Fall, fall_of


def can_explain(model: Model) -> bool:
    """True if `model` has an artifact of an algorithm that explains, and columns to explain it in."""
    algorithm, job = algorithms.ALGORITHMS.get(model.algorithm), model.job
    has_artifact = job is not None and job.status == TrainingJob.Status.COMPLETED and bool(job.artifact)
    return bool(algorithm and algorithm.explains and has_artifact and model.schema.get("features"))


def explain_row(model: Model, row: Mapping[str, str]) -> Fall | None:
    """The reasons of `row`, {column: value}, by the artifact of `model`. Cached. Raises Problem."""
    document = run_row(model, {"row": dict(row)}, model.own_schema)
    return fall_of(document, sum(column["role"] == "feature" for column in model.schema["columns"]))
