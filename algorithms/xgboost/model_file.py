"""Finds and loads the model files of an XGBoost model.tar.gz. Never unpickles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from algorithms.contract import UserError
from algorithms.library_imports import import_xgboost

xgb = import_xgboost()

MODEL = "xgboost-model"
_COMPANIONS = (".json", ".txt", ".md", ".csv", ".py", ".yaml", ".yml")
_HINT = (
    "Save it natively instead: booster.save_model('xgboost-model') with the xgboost version that made it, "
    "and pack that file into model.tar.gz."
)


def load_boosters(model_dir: Path, ensemble: bool) -> list[Any]:
    """Load the models in `model_dir`: all of them if `ensemble`, else the first. Raises UserError."""
    files = _model_files(model_dir)
    return [_load_booster(path) for path in (files if ensemble else files[:1])]


def _model_files(model_dir: Path) -> list[Path]:
    if not model_dir.is_dir():
        raise UserError(f"Unable to load model: there is no folder {model_dir.name}.")
    files = sorted(p for p in model_dir.iterdir() if p.is_file() and not p.name.startswith((".", "_")))
    by_name = [p for p in files if p.name.startswith(MODEL)]
    if by_name:
        return sorted(by_name, key=lambda p: (len(p.name), p.name))  # xgboost-model-2 before xgboost-model-10
    # Any other name is accepted, as in the container, except that of an accompanying document.
    others = [p for p in files if p.suffix not in _COMPANIONS] or [p for p in files if _kind(p) == "json model"]
    if not others:
        raise UserError("Unable to load model: the archive holds no model file. Expected a file named xgboost-model.")
    return others


def _load_booster(path: Path) -> Any:
    kind = _kind(path)
    if kind == "pickle":
        raise UserError(
            f"Unable to load model: '{path.name}' is a Python pickle, and pickles are never opened here, "
            f"because opening one runs whatever code is in it. {_HINT}"
        )
    data = bytearray(path.read_bytes())
    if not data:
        raise UserError(f"Unable to load model: '{path.name}' is empty.")
    if kind == "unknown":
        raise UserError(f"Unable to load model: '{path.name}' is not a model that XGBoost wrote. {_HINT}")
    try:
        booster = xgb.Booster(model_file=data)
        booster.set_param({"nthread": 1})  # as in the container: requests run concurrently, each on one core
        if booster.num_features() < 1:
            raise ValueError("it has no features")
    except (xgb.core.XGBoostError, ValueError) as e:
        reason = str(e).split("Stack trace:", 1)[0].strip()
        raise UserError(f"Unable to load model: '{path.name}' is damaged or incomplete: {reason}") from e
    return booster


def _kind(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"{L") or head.startswith((b"binf", b"bs64")):
        return "binary model"
    if head.lstrip().startswith(b"{") and b'"learner"' in head:
        return "json model"
    if head.startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"(", b"ccopy_reg")):
        return "pickle"
    return "unknown" if head else "empty"
