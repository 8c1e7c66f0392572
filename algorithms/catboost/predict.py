"""Serves a CatBoost model as JumpStart's script does, from CatBoost's own binary format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from algorithms.catboost.pool import Columns, cb
from algorithms.contract import NO_ENVIRONMENT, InvocationError, UserError
from algorithms.jumpstart import info
from algorithms.jumpstart.info import Info
from algorithms.jumpstart.serving import TabularPredictor
from algorithms.jumpstart.tasks import BINARY, MULTICLASS, REGRESSION

_START = b"CBM1"
_HOW = "Save it natively instead: model.save_model('model', format='cbm'), and pack that file into model.tar.gz."
_CLASSES = {"Logloss": BINARY, "CrossEntropy": BINARY, "MultiClass": MULTICLASS, "MultiClassOneVsAll": MULTICLASS}


class Predictor(TabularPredictor):
    """A loaded CatBoost model."""

    def __init__(self, model: Any, told: Info, foreign: bool = False):
        super().__init__(told)
        self.model = model
        self.columns = Columns(told.features, told.categories, as_they_stand=foreign)
        self.kind = "Probability" if told.classes else "RawFormulaVal"

    @classmethod
    def load(cls, model_dir: Path, environment: Mapping[str, str] = NO_ENVIRONMENT) -> Predictor:
        """The model in `model_dir`; raises UserError with a plain reason if it is broken, missing or a pickle."""
        path = info.model_file(model_dir, ("model", "model.cbm"), ".cbm")
        with path.open("rb") as stream:
            head = stream.read(8)
        if info.is_pickle(head):
            raise UserError(
                f"Unable to load model: '{path.name}' is a Python pickle, and pickles are never opened here, "
                f"because opening one runs whatever code is in it. {_HOW}"
            )
        if not head.startswith(_START):
            raise UserError(f"Unable to load model: '{path.name}' is not a model that CatBoost wrote as cbm. {_HOW}")
        try:
            model = cb.CatBoost().load_model(str(path), format="cbm")
            derived = _derived(model)
        except (cb.CatBoostError, ValueError, TypeError, AttributeError) as e:
            raise UserError(f"Unable to load model: '{path.name}' is damaged or incomplete: {e}") from e
        ours = info.read(model_dir)
        told = ours or derived
        if (told.task, told.features, len(told.classes)) != (derived.task, derived.features, len(derived.classes)):
            raise UserError(f"Unable to load model: '{info.NAME}' does not belong to '{path.name}'.")
        return cls(model, told, foreign=ours is None)

    def scores(self, rows: np.ndarray) -> np.ndarray:
        try:
            return self.model.predict(self.columns.pool(rows), prediction_type=self.kind, thread_count=1)
        except cb.CatBoostError as e:
            raise InvocationError(400, f"Unable to evaluate payload provided: {e}") from e


def _derived(model: Any) -> Info:
    """What the model itself says of its task; raises ValueError for one that is not served."""
    loss = str(model.get_param("loss_function") or model._object._get_loss_function_name()).split(":")[0]
    if "Rank" in loss or (loss.startswith(("Query", "Pair", "Yeti", "Multi")) and loss not in _CLASSES):
        raise ValueError(f"its loss is {loss}, which is not served")
    task = _CLASSES.get(loss, REGRESSION)
    classes = tuple(float(c) for c in model.classes_) if task != REGRESSION else ()
    return Info("", task, classes, len(model.feature_names_), tuple(model.get_cat_feature_indices()))
