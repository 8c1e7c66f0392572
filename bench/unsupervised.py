"""`python -m bench.unsupervised`: k-means, PCA and Random Cut Forest on real tables beside scikit-learn's.

Both learn from the same standardised rows; the figure is of rows that neither saw. Random Cut Forest learns from benign
tumours alone; its figure says how well its score parts malignant ones from benign ones.
"""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn import cluster, datasets, decomposition, ensemble, metrics

import algorithms
from algorithms.spec import Channel, Facts, TrainingContext
from tests.unit.algorithms.every import body

COUNT = 10  # clusters, and components
Rows = np.ndarray


def main() -> None:
    digits, tumours = _scaled(*_parts(datasets.load_digits)), _scaled(*_benign_and_all())
    print("| algorithm | table | figure | ours | peer | who | training, s |\n|---|---|---|---|---|---|---|")
    squares = "mean squared distance (less is better)"
    spread = "explained variance (more is better)"
    _line("kmeans", "digits", squares, digits, lambda a: float(np.mean(np.square(a))), "KMeans, n_init=10", _kmeans)
    _line("pca", "digits", spread, digits, lambda a: _explained(digits[1], a), "PCA", _pca)
    _line("randomcutforest", "breast cancer", "AUC (more is better)", tumours[:2],
          lambda a: float(metrics.roc_auc_score(tumours[2], a)), "IsolationForest", _forest)  # fmt: skip


def _line(
    name: str, table: str, figure: str, rows: tuple, judge: Callable[[Rows], float], who: str, peer: Callable
) -> None:
    answers, seconds = _ours(name, rows[0], rows[1])
    theirs = judge(peer(rows[0], rows[1]))
    print(f"| {name} | {table} | {figure} | {judge(answers):.4f} | {theirs:.4f} | {who} | {seconds:.2f} |", flush=True)


def _ours(name: str, train: Rows, test: Rows) -> tuple[Rows, float]:
    """The answers of a job with the defaults of the form, and seconds of training."""
    algorithm = algorithms.get(name)
    hyperparameters = {"kmeans": {"k": str(COUNT), "epochs": "10"}, "pca": {"num_components": str(COUNT)}}.get(name, {})
    settled = algorithm.settle(hyperparameters, Facts("", 0, len(train), train.shape[1], False))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train"
        path.mkdir()
        (path / "part").write_bytes(body(algorithm.data.content_type, train))
        channels = {"train": Channel("train", path, algorithm.data.content_type)}
        ctx = TrainingContext(settled, channels, Path(folder) / "model", Path(folder) / "out")
        begun = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            algorithm.load_trainer()(ctx)
        seconds = time.perf_counter() - begun
        predictor = algorithm.load_predictor().load(ctx.model_dir)
        answer, _ = predictor.invoke(body("text/csv", test), "text/csv", "application/json")
    answers = next(iter(json.loads(answer).values()))
    field = next(n for n in ("score", "distance_to_cluster", "projection") if n in answers[0])
    return np.array([row[field] for row in answers]), seconds


def _parts(load: Callable) -> tuple[Rows, Rows]:
    x, _ = load(return_X_y=True)
    x = np.random.default_rng(0).permutation(x)
    return x[: int(0.8 * len(x))], x[int(0.8 * len(x)) :]


def _benign_and_all() -> tuple[Rows, Rows, Rows]:
    """(benign tumours to learn from, the other benign and all malignant ones, 1 for malignant)."""
    x, y = datasets.load_breast_cancer(return_X_y=True)
    usual = np.random.default_rng(0).permutation(x[y == 1])
    cut = int(0.6 * len(usual))
    test = np.concatenate([usual[cut:], x[y == 0]])
    return usual[:cut], test, np.arange(len(test)) >= len(usual) - cut


def _scaled(train: Rows, test: Rows, *more: Rows) -> tuple[Rows, ...]:
    mean, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(spread > 0, spread, 1)
    return ((train - mean) / spread).astype(np.float32), ((test - mean) / spread).astype(np.float32), *more


def _explained(test: Rows, projections: Rows) -> float:
    """The spread of the projections as a share of the rows' own."""
    return float(np.square(projections).sum() / np.square(test.astype(np.float64)).sum())


def _kmeans(train: Rows, test: Rows) -> Rows:
    return cluster.KMeans(COUNT, n_init=10, random_state=0).fit(train).transform(test).min(axis=1)


def _pca(train: Rows, test: Rows) -> Rows:
    return decomposition.PCA(COUNT).fit(train).transform(test)


def _forest(train: Rows, test: Rows) -> Rows:
    return -ensemble.IsolationForest(random_state=0).fit(train).score_samples(test)


if __name__ == "__main__":
    main()
