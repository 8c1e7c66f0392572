"""Serves a LightGBM model as JumpStart's script does, from LightGBM's own text format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from algorithms.contract import NO_ENVIRONMENT, InvocationError, UserError
from algorithms.contributions import Contributions
from algorithms.jumpstart import model_info
from algorithms.jumpstart.model_info import ModelInfo
from algorithms.jumpstart.serving import TabularPredictor
from algorithms.jumpstart.tasks import BINARY, MULTICLASS, REGRESSION
from algorithms.library_imports import import_lightgbm
from algorithms.lightgbm import validation
from algorithms.lightgbm.contributions import TreeContributions
from algorithms.lightgbm.fast_predict import MAX_ROWS, single_row_predict
from algorithms.model_proof import Proof

lgb = import_lightgbm()

_MAGIC = b"tree\n"
_HINT = "Save it as text instead: booster.save_model('model.txt'), and pack that file into model.tar.gz."


class Predictor(TabularPredictor):
    """A loaded LightGBM model."""

    def __init__(self, booster: Any, info: ModelInfo):
        super().__init__(info)
        self.booster = booster
        outputs = len(info.classes) if info.task == MULTICLASS else 1
        self._single_rows = single_row_predict(booster, info.features, outputs)

    @classmethod
    def load(cls, model_dir: Path, environment: Mapping[str, str] = NO_ENVIRONMENT) -> Predictor:
        """Load the model in `model_dir`. Raises UserError if it is broken, missing or a pickle."""
        path, content = _read(model_dir)
        try:
            _check_whole(content)
            booster = lgb.Booster(model_str=content.decode("utf-8"))
            derived = _derive_info(booster, content[:65536].decode("utf-8", "replace"))
        except (lgb.basic.LightGBMError, UnicodeDecodeError, ValueError) as e:
            raise _damaged(path, e) from e
        info = model_info.read(model_dir) or derived
        if (info.task, info.features, len(info.classes)) != (derived.task, derived.features, len(derived.classes)):
            raise UserError(f"Unable to load model: '{model_info.NAME}' does not belong to '{path.name}'.")
        return cls(booster, info)

    @classmethod
    def validate(cls, model_dir: Path, target: Path) -> Proof:
        """Write a copy of the model in `model_dir` into `target`. Raises UserError or Unproven."""
        path, content = _read(model_dir)
        try:
            copy, proof = validation.validated(content)
        except (ValueError, KeyError) as e:
            raise _damaged(path, e) from e
        (target / path.name).write_bytes(copy)
        model_info.copy(model_dir, target)
        return proof

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """Return probabilities (rows, classes), or values (rows,). Raises InvocationError 400."""
        try:
            if self._single_rows and len(rows) <= MAX_ROWS:
                probabilities = self._single_rows(rows)
            else:
                probabilities = self.booster.predict(rows, num_threads=1, validate_features=False)
        except lgb.basic.LightGBMError as e:
            raise InvocationError(400, f"Unable to evaluate payload provided: {e}") from e
        if self.info.task == BINARY:
            # As in AWS's script: probabilities of both classes, as for the other algorithms.
            return np.stack((1.0 - probabilities, probabilities), axis=1)
        return probabilities

    def contributions(self, rows: np.ndarray) -> Contributions:
        """Return LightGBM's contributions. Raises InvocationError 406 for trees with linear models in the leaves."""
        return self._tree_contributions(np.ascontiguousarray(rows, np.float32))

    @cached_property
    def _tree_contributions(self) -> TreeContributions:
        return TreeContributions(self.booster)


def _read(model_dir: Path) -> tuple[Path, bytes]:
    path = model_info.model_file(model_dir, ("model.txt",), ".txt")
    content = path.read_bytes()
    if model_info.is_pickle(content[:8]):
        raise UserError(
            f"Unable to load model: '{path.name}' is a Python pickle, as AWS's own LightGBM writes it, and pickles "
            f"are never opened here, because opening one runs whatever code is in it. {_HINT}"
        )
    if not content.startswith(_MAGIC):
        raise UserError(f"Unable to load model: '{path.name}' is not a model that LightGBM wrote as text. {_HINT}")
    return path, content


def _damaged(path: Path, error: Exception) -> UserError:
    return UserError(f"Unable to load model: '{path.name}' is damaged or incomplete: {str(error).strip()}")


def _check_whole(content: bytes) -> None:
    """Raise ValueError unless every tree has the size in the header. LightGBM crashes on truncated text."""
    header, blank, trees = content.partition(b"\n\n")
    sizes = re.search(rb"^tree_sizes=([\d ]*)$", header, re.MULTILINE)
    if not blank or sizes is None:
        raise ValueError("its header is not complete")
    at = 0
    for number, size in enumerate(sizes[1].split()):
        if not trees.startswith(b"Tree=%d\n" % number, at):
            raise ValueError(f"tree {number} is not where it should be")
        at += int(size)
    if not trees.startswith(b"end of trees\n", at):
        raise ValueError("its end is missing")


def _derive_info(booster: Any, head: str) -> ModelInfo:
    """Derive the task from the model's text. Raises ValueError for an objective that is not supported."""
    match = re.search(r"^objective=(\S+)", head, re.MULTILINE)
    objective = match[1] if match else ""
    count = int(booster.num_model_per_iteration())
    if objective in ("multiclass", "multiclassova", "softmax"):
        task, classes = MULTICLASS, tuple(float(i) for i in range(count))
    elif objective in ("binary", "cross_entropy"):
        task, classes = BINARY, (0.0, 1.0)
    elif objective in ("lambdarank", "rank_xendcg"):
        raise ValueError(f"its objective is {objective}, and ranking is not served")
    else:
        task, classes = REGRESSION, ()
    return ModelInfo("", task, classes, int(booster.num_feature()))
