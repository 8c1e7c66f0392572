"""Predicts rows by column name with a trained model's files, as its endpoint does.

It travels with the model, beside the modules that it imports (`jobs.portable.sources`), and runs where there is no
Sagewright: Python, NumPy and the algorithm's own library are all it takes.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from algorithms.contract import InvocationError, UserError
from algorithms.predictor import Predictor
from common.model_archive import BadArtifact, unpack
from common.problems import Problem
from jobs.portable.files import ARTIFACT, MANIFEST, REQUIREMENTS, SCHEMA
from tables import predictions
from tables.encode_row import RowEncoder
from tables.unseen import UnseenCategories

_JSON = "application/json"
_CONTENT_TYPES = {".json": _JSON, ".jsonl": "application/jsonlines"}
_ROOT = __name__.removesuffix("jobs.portable.model")  # before a module's name, "" in a checkout


class PortableModel:
    """A loaded model. `columns` are those that a row needs, `manifest` says where the model comes from."""

    def __init__(self, predictor: Predictor, schema: Mapping[str, Any], manifest: Mapping[str, Any]):
        self.manifest = manifest
        self.unseen = UnseenCategories()  # categories of the last rows that the training data did not have
        self._predictor = predictor
        self._encoder = RowEncoder(schema)
        self._schema = predictions.answer_schema(schema, predictor)
        self.columns = self._encoder.names

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The prediction of each row of {column: text, number, True, False or None}, as the endpoint answers it.

        {"label", "probability", "probabilities"}, {"value"}, {"cluster", "distance"} and the like. Raises Problem with
        the column in `field` for rows that cannot be read, and InvocationError.
        """
        self.unseen = UnseenCategories()
        return self._predict(self._encoder.encode(rows, unseen=self.unseen))

    def predict_file(self, path: Path) -> list[dict[str, Any]]:
        """The prediction of each row of a file: .json and .jsonl, any other is CSV with commas. Raises as `predict`."""
        kind = _CONTENT_TYPES.get(path.suffix.lower(), "text/csv")
        self.unseen = UnseenCategories()
        return self._predict(self._encoder.read(path.read_bytes(), kind, self.unseen))

    def _predict(self, encoded: np.ndarray) -> list[dict[str, Any]]:
        rows = self._predictor.check(encoded)
        kind = self._predictor.response_type(self.manifest["accept"])
        body = self._predictor.write(self._predictor.predict(rows), kind)
        return [prediction.as_json() for prediction in predictions.parse_response(self._schema, body, kind)]


def load(folder: str | Path = ".") -> PortableModel:
    """The model of `folder`: the archive in it, else what lies around it.

    Raises UserError or BadArtifact if it is broken, and ImportError without its library.
    """
    folder = Path(folder)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    module, _, name = manifest["predictor"].partition(":")
    predictor_class: type[Predictor] = getattr(importlib.import_module(_ROOT + module), name)
    if (folder / ARTIFACT).is_file():
        with tempfile.TemporaryDirectory() as unpacked:
            unpack(folder / ARTIFACT, Path(unpacked))
            predictor = predictor_class.load(Path(unpacked))
    else:
        predictor = predictor_class.load(folder.resolve().parent)
    return PortableModel(predictor, json.loads((folder / SCHEMA).read_bytes()), manifest)


def main(folder: Path, arguments: Sequence[str] | None = None) -> int:
    """Print the prediction of each row of a file as a line of JSON; 1 with the reason on stderr if that cannot be."""
    parser = argparse.ArgumentParser(prog="predict.py", description="Predict the rows of a file with this model.")
    parser.add_argument("rows", type=Path, help="CSV with column names in its first line, or .json, or .jsonl")
    path = parser.parse_args(arguments).rows
    try:
        model = load(folder)
        answers = model.predict_file(path)
    except ImportError as e:
        print(f"predict.py: {e}. Install it: pip install -r {REQUIREMENTS}", file=sys.stderr)
        return 1
    except (Problem, InvocationError, UserError, BadArtifact, UnicodeDecodeError, OSError) as e:
        print(f"predict.py: {e}", file=sys.stderr)
        return 1
    for name, count in model.unseen.counts.items():
        text = f"{count} values of {name} were not in the training data, for example {model.unseen.examples[name][0]!r}"
        print(f"predict.py: {text}.", file=sys.stderr)
    for answer in answers:
        print(json.dumps(answer, ensure_ascii=False))
    return 0
