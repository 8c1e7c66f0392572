"""The reasons of one row without an endpoint that answers them: the model runs in the process of evaluations."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping

from django.conf import settings
from django.core.cache import cache

import algorithms
from common.locked_folders import temporary_folder
from common.messages import _
from evaluation import files
from evaluation.process import evaluate_apart
from models_app.catalog import inputs
from models_app.models import Model, TrainingJob
from models_app.problems import Problem
from models_app.web.fall import Fall, fall_of

SECONDS = 30.0  # for one row
CACHE_SECONDS = 600
_slots = threading.BoundedSemaphore(2)  # processes of this one at a time


def can_explain(model: Model) -> bool:
    """True if `model` has an artifact of an algorithm that explains, and columns to explain it in."""
    algorithm, job = algorithms.ALGORITHMS.get(model.algorithm), model.job
    has_artifact = job is not None and job.status == TrainingJob.Status.COMPLETED and bool(job.artifact)
    return bool(algorithm and algorithm.explains and has_artifact and model.schema.get("features"))


def explain_row(model: Model, row: Mapping[str, str]) -> Fall | None:
    """The reasons of `row`, {column: value}, by the artifact of `model`. Cached. Raises Problem."""
    artifact = model.job.artifact if model.job else ""
    payload = json.dumps([artifact, row], sort_keys=True)
    key = f"row-reasons:{hashlib.sha256(payload.encode()).hexdigest()}"
    document = cache.get(key)
    if document is None:
        if not _slots.acquire(blocking=False):
            raise Problem(_("Other rows are being explained right now. Try again in a few seconds."))
        try:
            document = _explain(model, artifact, row)
        finally:
            _slots.release()
        cache.set(key, document, CACHE_SECONDS)
    return fall_of(document, sum(column["role"] == "feature" for column in model.schema["columns"]))


def _explain(model: Model, artifact: str, row: Mapping[str, str]) -> dict:
    with temporary_folder() as folder:
        request = {"algorithm": model.algorithm, "row": dict(row)}
        (folder / files.REQUEST).write_text(json.dumps(request))
        (folder / files.SCHEMA).write_text(json.dumps(model.own_schema))
        inputs.download(artifact, folder / files.ARTIFACT, lambda: None)
        return evaluate_apart(folder, settings.READER_MEMORY, lambda: None, SECONDS)
