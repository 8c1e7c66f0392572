"""The process of a transform job's member: loads the model of a built-in algorithm and answers the job's requests."""

import json
import os
import traceback
from pathlib import Path
from typing import Any

import algorithms
from algorithms.contract import UserError
from algorithms.spec import InvocationError
from engine.container.script_toolkit import batches
from engine.container.script_toolkit.batches import Answer
from engine.serving.answering import Answering, SchemaError

NOT_LOADED = "AlgorithmError: See job logs for more information. The model was not loaded: {}"
MEMORY = "The model needs more memory for a request. Lower MaxPayloadInMB, or choose a larger instance type."


def run(root: Path, start: dict[str, Any]) -> int:
    """Transform every input file, and return the exit code. A failure is described in output/failure."""
    settings = batches.read_settings(root)
    try:
        answering = _load(root, start)
    except (UserError, SchemaError, MemoryError) as e:
        traceback.print_exc()
        (root / "output/failure").write_text(NOT_LOADED.format(e))
        return 1
    if line := algorithms.get(start["algorithm"]).images.substitution(start["image"]):
        print(f"WARNING: {line}", flush=True)

    def ask(body: bytes) -> Answer:
        try:
            return Answer(200, *answering.answer(body, settings["content_type"] or None, settings["accept"] or None))
        except InvocationError as e:
            return Answer(e.status, message=e.message)
        except MemoryError:
            return Answer(500, message=MEMORY)
        except Exception as e:
            traceback.print_exc()
            return Answer(500, message=f"{type(e).__name__}: {e}")

    batches.run(root, [ask])
    return 0


def _load(root: Path, start: dict[str, Any]) -> Answering:
    predictor = algorithms.get(start["algorithm"]).load_predictor().load(root / "model", dict(os.environ))
    answering = Answering(predictor, start["response_type"])
    answering.schema_error = start["schema_error"]
    schema = root / "input/config/schema.json"
    if schema.is_file():
        answering.use_schema(json.loads(schema.read_text()))
    return answering
