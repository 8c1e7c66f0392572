"""Adds the folder `portable/` to an artifact: schema, origin and predict.py.

Preparing a table writes its schema beside the channels; a job on other channels leaves a plain artifact. Loaders read
plain files at the root of an artifact, here and in AWS's containers, so that a folder disturbs none.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from algorithms.spec import Algorithm
from common.s3_uri import split_s3_uri
from engine import store
from jobs.portable import sources
from jobs.portable.bundle import bundle_files, seeds_of
from jobs.portable.files import FOLDER, SCHEMA
from tables.schema import ORIGIN

MAX_SIZE = 32 * 1024**2  # bytes of a schema


def add_program(model: Path, algorithm: Algorithm, request: dict[str, Any]) -> str:
    """Write the folder into `model`, whose process has ended; why not in a sentence, "" if done or nothing is to do.

    The same model, data and settings give the same bytes: names and times of the job are not in it.
    """
    prepared = _prepared_folder(request)
    if not prepared or not sources.are_ours(algorithm.predictor):
        return ""
    try:
        schema, origin = _read(f"{prepared}/{SCHEMA}"), _read(f"{prepared}/{ORIGIN}") or {}
    except (BotoCoreError, ClientError, ValueError) as e:
        return f"The artifact has no predict.py: the schema beside the channels cannot be read ({type(e).__name__})."
    if schema is None or schema.get("algorithm") != algorithm.name or not schema.get("features"):
        return ""
    hyperparameters = request.get("HyperParameters", {})
    facts: dict[str, Any] = {
        "image": request.get("AlgorithmSpecification", {}).get("TrainingImage", ""),
        "instance": request.get("ResourceConfig", {}),
        "hyperparameters": hyperparameters,
        "seeds": seeds_of(algorithm, hyperparameters, origin.get("recipe", {}).get("seed", 0)),
        **{key: origin[key] for key in ("recipe", "data") if key in origin},
    }
    try:
        files = bundle_files(algorithm, algorithm.title, schema, facts, within=True)
        folder = model / FOLDER
        folder.mkdir()  # the algorithm's process has ended; what it left of this name is not followed
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except (FileExistsError, KeyError, TypeError, AttributeError) as e:
        return f"The artifact has no predict.py: {type(e).__name__}."
    return ""


def _prepared_folder(request: dict[str, Any]) -> str:
    """The folder of a prepared table, whose channels lie below it by their names; "" for any other channels."""
    folders = set()
    for channel in request.get("InputDataConfig", ()):
        uri = channel.get("DataSource", {}).get("S3DataSource", {}).get("S3Uri", "").rstrip("/")
        folder, _, name = uri.rpartition("/")
        folders.add(folder if name == channel["ChannelName"] else "")
    return folders.pop() if len(folders) == 1 else ""


def _read(uri: str) -> dict[str, Any] | None:
    """The JSON object at `uri`, None if there is none. Raises botocore's errors and ValueError."""
    bucket, key = split_s3_uri(uri)
    try:
        response = store.client().get_object(Bucket=bucket, Key=key)
    except ClientError as e:
        if e.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return None
        raise
    if response["ContentLength"] > MAX_SIZE:
        raise ValueError("it is too large")
    document = json.loads(response["Body"].read())
    return document if isinstance(document, dict) else None
