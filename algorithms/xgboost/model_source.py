"""Finds the model files of an XGBoost model.tar.gz and recognises their formats. Never unpickles."""

from __future__ import annotations

import re
import struct
from pathlib import Path

from algorithms.contract import UserError
from algorithms.xgboost import base_score

MODEL = "xgboost-model"
JSON, UBJSON, BINARY = "json", "ubjson", "binary"
_COMPANIONS = (".json", ".txt", ".md", ".csv", ".py", ".yaml", ".yml")
_PARAMETERS = 136  # bytes before the name of the objective in the binary format
_OBJECTIVE = re.compile(rb"[a-z]+:[a-z]+")
_HINT = (
    "Save it natively instead: booster.save_model('xgboost-model') with the xgboost version that made it, "
    "and pack that file into model.tar.gz."
)
_CONVERSION = (
    "Convert it where you trust it, with the xgboost version that made it, in two lines, and pack the file into "
    "model.tar.gz again:\n"
    "booster = pickle.load(open('{name}', 'rb'))\n"
    "booster.save_model('{name}')"
)


def model_files(model_dir: Path) -> list[Path]:
    """Return the models in `model_dir`, in the order of their numbers. Raises UserError if there is none."""
    if not model_dir.is_dir():
        raise UserError(f"Unable to load model: there is no folder {model_dir.name}.")
    files = sorted(p for p in model_dir.iterdir() if p.is_file() and not p.name.startswith((".", "_")))
    by_name = [p for p in files if p.name.startswith(MODEL)]
    if by_name:
        return sorted(by_name, key=lambda p: (len(p.name), p.name))  # xgboost-model-2 before xgboost-model-10
    # Any other name is accepted, as in the container, except that of an accompanying document.
    others = [p for p in files if p.suffix not in _COMPANIONS] or [p for p in files if _kind(p) == JSON]
    if not others:
        raise UserError("Unable to load model: the archive holds no model file. Expected a file named xgboost-model.")
    return others


def read_model(path: Path) -> tuple[str, bytes]:
    """Return the format of a model, JSON, UBJSON or BINARY, and its content, as the library here reads it.

    Raises UserError for a pickle, with the lines that convert it, and for a file that is no model.
    """
    kind = _kind(path)
    if kind == "pickle":
        raise UserError(
            f"Unable to load model: '{path.name}' is a Python pickle, and pickles are never opened here, "
            f"because opening one runs whatever code is in it. {_CONVERSION.format(name=path.name)}"
        )
    if kind == "empty":
        raise UserError(f"Unable to load model: '{path.name}' is empty.")
    if kind == "unknown":
        raise UserError(f"Unable to load model: '{path.name}' is not a model that XGBoost wrote. {_HINT}")
    data = path.read_bytes()
    if kind == BINARY or not base_score.has_list(data):
        return kind, data
    try:
        return UBJSON, base_score.rewrite(data, kind == JSON)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, OverflowError, AttributeError) as e:
        raise UserError(f"Unable to load model: '{path.name}' is damaged or of a later XGBoost: {e}.") from e


def _kind(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith((b"binf", b"bs64")) or _is_binary(head):
        return BINARY
    if head.startswith(b"{L"):
        return UBJSON
    if head.lstrip().startswith(b"{") and b'"learner"' in head:
        return JSON
    if head.startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"(", b"ccopy_reg")):
        return "pickle"
    return "unknown" if head else "empty"


def _is_binary(head: bytes) -> bool:
    """True for the format of save_model before XGBoost 2.1: numbers without a mark, then the objective's name."""
    if len(head) < _PARAMETERS + 8:
        return False
    (length,) = struct.unpack_from("<Q", head, _PARAMETERS)
    return length < 64 and _OBJECTIVE.fullmatch(head, _PARAMETERS + 8, _PARAMETERS + 8 + length) is not None
