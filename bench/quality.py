"""`python -m bench.quality [algorithm ...]`: every algorithm on real tables beside its peer, on the same rows.

Ours is trained as the console would have it (settled hyperparameters, files in the algorithm's own format) and asked
as an endpoint is (`invoke`). The peer is scikit-learn's estimator for the same task, or the library an algorithm is
built on, with the same settings where it has them. Both see the same training rows; the figure is of rows neither saw.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import json
import platform
import sys
import tempfile
import time
import warnings
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

import algorithms
from algorithms.spec import Algorithm, Channel, Facts, TrainingContext
from bench.quality_peers import FIGURES, PEERS
from bench.quality_tables import TABLES, Table
from tests.unit.algorithms.every import body, labelled

LIBRARIES = ("numpy", "scikit-learn", "xgboost-cpu", "lightgbm", "catboost", "faiss-cpu")


def main(names: list[str]) -> None:
    told = [f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES]
    print(f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {', '.join(told)}\n")
    print("| algorithm | table | rows x columns | figure | ours | peer | who | training, s |")
    print("|---|---|---|---|---|---|---|---|")
    for algorithm in algorithms.ALGORITHMS.values():
        if names and algorithm.name not in names:
            continue
        for task, (who, peer) in PEERS[algorithm.name].items():
            table = TABLES[task]().standardised() if algorithm.data.scale else TABLES[task]()
            figure, better, judge = FIGURES[task]
            answers, seconds = ours(algorithm, table)
            mine = judge(table, answers)
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")  # the peers' own, of no convergence and the like
                theirs = judge(table, peer(table, settled(algorithm, table)))
            print(
                f"| {algorithm.name} | {table.name} | {table.rows} x {table.width} | {figure} ({better} is better) "
                f"| {mine:.4f} | {theirs:.4f} | {who} | {seconds:.2f} |",
                flush=True,
            )


def settled(algorithm: Algorithm, table: Table) -> dict[str, str]:
    """The hyperparameters the console would send: the algorithm's defaults, and what the table needs to be given."""
    facts = Facts(table.task, table.classes, len(table.train), table.width, True)
    return algorithm.settle(table.given.get(algorithm.name, {}), facts)


def ours(algorithm: Algorithm, table: Table) -> tuple[np.ndarray, float]:
    """The answers for the table's test rows, read from JSON, and seconds of training."""
    with tempfile.TemporaryDirectory() as folder:
        channels = {}
        for name, rows in (
            (algorithm.data.train, table.train),
            *([(algorithm.data.validation, table.validation)] if algorithm.data.validation else []),
        ):
            path = Path(folder) / name
            path.mkdir()
            kind = algorithm.data.content_type
            y = table.y[rows] if labelled(algorithm, name, kind) else None
            (path / "part").write_bytes(body(kind, table.x[rows], y))
            channels[name] = Channel(name, path, kind)
        ctx = TrainingContext(settled(algorithm, table), channels, Path(folder) / "model", Path(folder) / "out")
        begun = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            algorithm.load_trainer()(ctx)
        seconds = time.perf_counter() - begun
        loaded = algorithm.load_predictor().load(ctx.model_dir)
        kind = "text/csv" if "text/csv" in loaded.content_types else "application/json"
        answer, _ = loaded.invoke(body(kind, table.x[table.test]), kind, "application/json")
        return np.array(numbers(table, json.loads(answer))), seconds


def numbers(table: Table, answer: dict) -> list:
    """One number or vector a row from the answer, whatever the algorithm calls it."""
    rows = answer.get("probabilities") or next(iter(answer.values()))
    if "probabilities" in answer and table.task == "binary":
        return [row[1] for row in rows]
    if not isinstance(rows[0], dict):
        return rows
    field = next(name for name in ("score", "predicted_label", "distance_to_cluster", "projection") if name in rows[0])
    return [row[field] for row in rows]


if __name__ == "__main__":
    main(sys.argv[1:])
