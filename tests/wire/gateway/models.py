"""Small XGBoost models with known answers, packed as model.tar.gz."""

import io
import tarfile
from functools import cache

import numpy as np
from sklearn.datasets import load_breast_cancer

from algorithms.library_imports import import_xgboost

xgboost = import_xgboost()
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"


@cache
def table() -> tuple[np.ndarray, np.ndarray]:
    data = load_breast_cancer()
    return data.data.astype(np.float32), data.target


@cache
def booster(rounds: int = 20, seed: int = 0):
    x, y = table()
    settings = {"objective": "binary:logistic", "max_depth": 4, "nthread": 1, "seed": seed, "subsample": 0.7}
    return xgboost.train(settings, xgboost.DMatrix(x, y), rounds)


def predicted(rows: np.ndarray, model=None) -> np.ndarray:
    """The library's own answers."""
    return (model or booster()).predict(xgboost.DMatrix(rows))


def packed(model=None, name="xgboost-model") -> bytes:
    return archive({name: bytes((model or booster()).save_raw("ubj"))})


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def csv(rows: np.ndarray) -> bytes:
    return "\n".join(",".join(repr(float(value)) for value in row) for row in rows).encode()
