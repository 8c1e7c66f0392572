"""Loads the model files of an XGBoost model.tar.gz."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from algorithms.contract import UserError
from algorithms.library_imports import import_xgboost
from algorithms.xgboost.model_source import model_files, read_model

xgb = import_xgboost()


def load_boosters(model_dir: Path, ensemble: bool) -> list[Any]:
    """Load the models in `model_dir`: all of them if `ensemble`, else the first. Raises UserError."""
    files = model_files(model_dir)
    return [_load_booster(path) for path in (files if ensemble else files[:1])]


def _load_booster(path: Path) -> Any:
    _, data = read_model(path)
    try:
        booster = xgb.Booster(model_file=bytearray(data))
        booster.set_param({"nthread": 1})  # as in the container: requests run concurrently, each on one core
        if booster.num_features() < 1:
            raise ValueError("it has no features")
    except (xgb.core.XGBoostError, ValueError) as e:
        reason = str(e).split("Stack trace:", 1)[0].strip()
        raise UserError(f"Unable to load model: '{path.name}' is damaged or incomplete: {reason}") from e
    return booster
