"""Inside a training job and an endpoint: `train.py` calls `main`, `inference.py` has the handlers.

What class is meant, and what its channels are, stands in sagewright_model.json beside them.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from sagewright.runtime.files import columns_of, read_channel
from sagewright.runtime.model import load, save
from sagewright.runtime.rows import JSON, answers_for, read_rows, write_answer

CODE = Path(__file__).resolve().parents[2]  # of the archive: what holds sagewright/runtime/
MANIFEST = "sagewright_model.json"


def main() -> None:
    """Train the class on the channels of this job and write it, with its code, into SM_MODEL_DIR."""
    manifest = read_manifest()
    model = model_class(manifest)(**json.loads(os.environ.get("SM_HPS", "{}")))
    channels: dict = {}
    features: list = []
    for name, channel in manifest["channels"].items():
        folder = os.environ.get(f"SM_CHANNEL_{name.upper()}")
        if folder:
            channels[name] = read_channel(Path(folder), channel["kind"], channel)
            features = features or columns_of(channels[name], channel)
    train(model, channels)
    out = Path(os.environ["SM_MODEL_DIR"])
    save(model, out, facts_of(manifest, features))
    shutil.copytree(CODE, out / "code", ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)


def train(model: Any, channels: dict) -> None:
    """Call `train` of `model` with its channels by name and its hyperparameters."""
    model.train(**channels, **model.hyperparameters)


def facts_of(manifest: dict, features: list) -> dict:
    """What an endpoint must know of the training data."""
    return {"features": features, "rows": manifest["rows"]}


def read_manifest() -> dict:
    """What the SDK wrote beside the code."""
    return json.loads((CODE / MANIFEST).read_text())


def model_class(manifest: dict) -> Any:
    """The class that `manifest` names."""
    if str(CODE) not in sys.path:
        sys.path.insert(0, str(CODE))
    return getattr(importlib.import_module(manifest["module"]), manifest["class"])


def model_fn(model_dir: str) -> tuple:
    """(model, facts) of the artifact."""
    return load(model_class(read_manifest()), Path(model_dir))


def input_fn(body: Any, content_type: str) -> tuple:
    """The body as it came: its columns are put in order where the model is known."""
    return body, content_type


def predict_fn(data: tuple, model: tuple) -> Any:
    """What the class predicts for the rows of a request."""
    return predict(*model, *data)


def output_fn(prediction: Any, accept: str) -> tuple:
    """(body, content type) of the answer."""
    return write_answer(prediction, accept or JSON)


def predict(model: Any, facts: dict, body: Any, content_type: str) -> Any:
    """What `model` predicts for the rows of `body`: as many answers. Raises ValueError or TypeError in words."""
    rows = read_rows(body, content_type or JSON, facts["features"])
    return answers_for(len(rows), model.predict(rows.to(facts["rows"])), f"{type(model).__name__}.predict")
