"""Good model files of every format, small, from which the fuzzer starts."""

import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

import algorithms
from algorithms.amazon import model_file
from algorithms.library_imports import import_xgboost
from tests.unit.algorithms import every, hostile

FIRST_PARTY = tuple(
    name for name in algorithms.ALGORITHMS if name not in ("xgboost", "lightgbm", "catboost")
)  # fmt: skip
_XGBOOST = {
    "binary": {"objective": "binary:logistic"},
    "classes": {"objective": "multi:softprob", "num_class": 3},
    "dart": {"booster": "dart", "objective": "count:poisson", "rate_drop": 0.5},
    "linear": {"booster": "gblinear", "objective": "reg:squarederror"},
    "ranks": {"objective": "rank:ndcg"},
}


@cache
def xgboost_models(form: str) -> tuple[bytes, ...]:
    """Models of several boosters and objectives, as JSON or UBJSON; the last one has categories."""
    xgboost = import_xgboost()
    x = np.random.default_rng(0).normal(size=(80, 3)).astype(np.float32)
    labels = {"binary": x[:, 0] > 0}
    models = []
    for name, settings in _XGBOOST.items():
        data = xgboost.DMatrix(x, labels.get(name, np.digitize(x[:, 0], [-0.5, 0.5])))
        booster = xgboost.train({"max_depth": 3, "nthread": 1, **settings}, data, 3)
        models.append(bytes(booster.save_raw(form)))
    categories = xgboost.Booster(model_file=bytearray(hostile.booster(has_categories=True)))
    return (*models, bytes(categories.save_raw(form)))


@cache
def trained(name: str, task: str = "") -> dict[str, bytes]:
    """The files of a small model of an algorithm."""
    algorithm = algorithms.get(name)
    with tempfile.TemporaryDirectory() as folder:
        job = every.job(algorithm, Path(folder), task or every.tasks(algorithm)[0])
        algorithm.load_trainer()(job)
        return {path.name: path.read_bytes() for path in job.model_dir.iterdir() if path.is_file()}


def _xgboost(form: str) -> Callable[[], list[dict[str, bytes]]]:
    return lambda: [{"xgboost-model": content} for content in xgboost_models(form)]


def _lightgbm() -> list[dict[str, bytes]]:
    plain = {"model.txt": hostile.lightgbm_text()}
    return [plain, *(trained("lightgbm", task) for task in ("binary", "multiclass"))]


# Format -> (algorithm, a function that returns the files of good models)
FORMATS: dict[str, tuple[str, Callable[[], list[dict[str, bytes]]]]] = {
    "xgboost-json": ("xgboost", _xgboost("json")),
    "xgboost-ubjson": ("xgboost", _xgboost("ubj")),
    "lightgbm": ("lightgbm", _lightgbm),
    "catboost": ("catboost", lambda: [trained("catboost", task) for task in ("binary", "regression")]),
    **{name: (name, lambda name=name: [trained(name)]) for name in FIRST_PARTY},  # type: ignore[misc]
}


def read_numpy(content: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """The meta data and arrays of a model file of a first-party algorithm."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, model_file.NAME).write_bytes(content)
        meta = _meta(content)
        return meta, dict(model_file.load(Path(folder), meta["algorithm"]).arrays)


def _meta(content: bytes) -> dict:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return json.loads(archive.read("meta.json"))
