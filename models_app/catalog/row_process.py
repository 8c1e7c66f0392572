"""Asks a model's artifact about one row, in the process of evaluations: its endpoint gets no request."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.cache import cache

from common.locked_folders import temporary_folder
from common.messages import _
from evaluation import files
from evaluation.process import evaluate_apart
from models_app.catalog import inputs
from models_app.models import Model
from models_app.problems import Problem

SECONDS = 30.0  # for one row
CACHE_SECONDS = 600
_slots = threading.BoundedSemaphore(2)  # processes of this one at a time


def run_row(model: Model, request: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """What `evaluation.__main__` answers to `request`, which has a row. Cached. Raises Problem."""
    artifact = model.job.artifact if model.job else ""
    payload = json.dumps([artifact, request, schema.get("threshold")], sort_keys=True)
    key = f"row-process:{hashlib.sha256(payload.encode()).hexdigest()}"
    document = cache.get(key)
    if document is None:
        if not _slots.acquire(blocking=False):
            raise Problem(_("Other rows are being explained right now. Try again in a few seconds."))
        try:
            document = _run(model, artifact, request, schema)
        finally:
            _slots.release()
        cache.set(key, document, CACHE_SECONDS)
    return document


def _run(model: Model, artifact: str, request: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    with temporary_folder() as folder:
        (folder / files.REQUEST).write_text(json.dumps({"algorithm": model.algorithm, **request}))
        (folder / files.SCHEMA).write_text(json.dumps(schema))
        inputs.download(artifact, folder / files.ARTIFACT, lambda: None)
        return evaluate_apart(folder, settings.READER_MEMORY, lambda: None, SECONDS)
