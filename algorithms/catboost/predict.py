"""Serves a CatBoost model as JumpStart's script does, from CatBoost's own binary format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from algorithms.catboost import contributions as library_contributions
from algorithms.catboost.pool import Columns, cb
from algorithms.contract import NO_ENVIRONMENT, InvocationError, UserError
from algorithms.contributions import Contributions
from algorithms.jumpstart import model_info
from algorithms.jumpstart.model_info import ModelInfo
from algorithms.jumpstart.serving import TabularPredictor
from algorithms.jumpstart.tasks import BINARY, MULTICLASS, REGRESSION

_MAGIC = b"CBM1"
_HINT = "Save it natively instead: model.save_model('model', format='cbm'), and pack that file into model.tar.gz."
_CLASSES = {"Logloss": BINARY, "CrossEntropy": BINARY, "MultiClass": MULTICLASS, "MultiClassOneVsAll": MULTICLASS}


class Predictor(TabularPredictor):
    """A loaded CatBoost model."""

    def __init__(self, model: Any, info: ModelInfo, is_foreign: bool = False):
        super().__init__(info)
        self.model = model
        self.columns = Columns(info.features, info.categories, keep_order=is_foreign)
        self.kind = "Probability" if info.classes else "RawFormulaVal"

    @classmethod
    def load(cls, model_dir: Path, environment: Mapping[str, str] = NO_ENVIRONMENT) -> Predictor:
        """Load the model in `model_dir`. Raises UserError if it is broken, missing or a pickle."""
        path = model_info.model_file(model_dir, ("model", "model.cbm"), ".cbm")
        with path.open("rb") as stream:
            head = stream.read(8)
        if model_info.is_pickle(head):
            raise UserError(
                f"Unable to load model: '{path.name}' is a Python pickle, and pickles are never opened here, "
                f"because opening one runs whatever code is in it. {_HINT}"
            )
        if not head.startswith(_MAGIC):
            raise UserError(f"Unable to load model: '{path.name}' is not a model that CatBoost wrote as cbm. {_HINT}")
        try:
            model = cb.CatBoost().load_model(str(path), format="cbm")
            derived = _derive_info(model)
        except (cb.CatBoostError, ValueError, TypeError, AttributeError) as e:
            raise UserError(f"Unable to load model: '{path.name}' is damaged or incomplete: {e}") from e
        stored = model_info.read(model_dir)
        info = stored or derived
        if (info.task, info.features, len(info.classes)) != (derived.task, derived.features, len(derived.classes)):
            raise UserError(f"Unable to load model: '{model_info.NAME}' does not belong to '{path.name}'.")
        return cls(model, info, is_foreign=stored is None)

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """Return probabilities (rows, classes), or values (rows,). Raises InvocationError 400."""
        try:
            return self.model.predict(self.columns.pool(rows), prediction_type=self.kind, thread_count=1)
        except cb.CatBoostError as e:
            raise InvocationError(400, f"Unable to evaluate payload provided: {e}") from e

    def contributions(self, rows: np.ndarray) -> Contributions:
        """Return CatBoost's contributions. Raises InvocationError 400."""
        rows = np.ascontiguousarray(rows, np.float32)
        return library_contributions.contributions(self.model, self.columns, self.info.task, rows)


def _derive_info(model: Any) -> ModelInfo:
    """Derive the task from the model. Raises ValueError for a loss that is not supported."""
    loss = str(model.get_param("loss_function") or model._object._get_loss_function_name()).split(":")[0]
    if "Rank" in loss or (loss.startswith(("Query", "Pair", "Yeti", "Multi")) and loss not in _CLASSES):
        raise ValueError(f"its loss is {loss}, which is not served")
    task = _CLASSES.get(loss, REGRESSION)
    classes = tuple(float(c) for c in model.classes_) if task != REGRESSION else ()
    return ModelInfo("", task, classes, len(model.feature_names_), tuple(model.get_cat_feature_indices()))
