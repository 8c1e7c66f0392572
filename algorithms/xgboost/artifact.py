"""Finding and opening the model files of an XGBoost model.tar.gz, without ever unpickling one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from algorithms.contract import UserError
from algorithms.lean import import_xgboost

xgb = import_xgboost()

MODEL = "xgboost-model"
_COMPANIONS = (".json", ".txt", ".md", ".csv", ".py", ".yaml", ".yml")
_HOW = (
    "Save it natively instead: booster.save_model('xgboost-model') with the xgboost version that made it, "
    "and pack that file into model.tar.gz."
)


def boosters(model_dir: Path, ensemble: bool) -> list[Any]:
    """The models in `model_dir`: all of them if `ensemble`, else the first. Raises UserError with a plain reason."""
    files = _model_files(model_dir)
    return [_open(path) for path in (files if ensemble else files[:1])]


def _model_files(model_dir: Path) -> list[Path]:
    if not model_dir.is_dir():
        raise UserError(f"Unable to load model: there is no folder {model_dir.name}.")
    files = sorted(p for p in model_dir.iterdir() if p.is_file() and not p.name.startswith((".", "_")))
    named = [p for p in files if p.name.startswith(MODEL)]
    if named:
        return sorted(named, key=lambda p: (len(p.name), p.name))  # xgboost-model-2 before xgboost-model-10
    # Any other name will do, as in the container; papers beside the model are not the model.
    others = [p for p in files if p.suffix not in _COMPANIONS] or [p for p in files if _kind(p) == "json model"]
    if not others:
        raise UserError("Unable to load model: the archive holds no model file. Expected a file named xgboost-model.")
    return others


def _open(path: Path) -> Any:
    kind = _kind(path)
    if kind == "pickle":
        raise UserError(
            f"Unable to load model: '{path.name}' is a Python pickle, and pickles are never opened here, "
            f"because opening one runs whatever code is in it. {_HOW}"
        )
    data = bytearray(path.read_bytes())
    if not data:
        raise UserError(f"Unable to load model: '{path.name}' is empty.")
    if kind == "unknown":
        raise UserError(f"Unable to load model: '{path.name}' is not a model that XGBoost wrote. {_HOW}")
    try:
        booster = xgb.Booster(model_file=data)
        booster.set_param({"nthread": 1})  # as the container: requests run beside each other, not on all cores
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
