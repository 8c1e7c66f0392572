"""A small job for any algorithm of the catalogue, made from what the algorithm says of itself."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import algorithms
from algorithms.formats.recordio import write_table
from algorithms.spec import Algorithm, Channel, Facts, TrainingContext

from .tables import as_csv, as_libsvm

ROWS, FEATURES = 50, 4
ALL = list(algorithms.ALGORITHMS.values())
EVERY = pytest.mark.parametrize("algorithm", ALL, ids=lambda a: a.name)
EXTENSIONS = {"libsvm": "libsvm", "parquet": "parquet", "recordio-protobuf": "rec"}


def tasks(algorithm: Algorithm) -> list[str]:
    """The tasks a table can set this algorithm; [''] when it predicts nothing."""
    if not algorithm.supervised:
        return [""]
    return ["binary", "regression"] if algorithm.name == "factorization-machines" else [
        "binary", "multiclass", "regression",
    ]  # fmt: skip


def facts(task: str = "", rows: int = ROWS) -> Facts:
    return Facts(task, {"binary": 2, "multiclass": 3}.get(task, 0), rows, FEATURES, True)


def table(task: str, rows: int = ROWS, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features in two heaps, and a label that follows from them."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(rows, FEATURES)) + 4 * (np.arange(rows) % 2)[:, None]
    x = x.round(4).astype(np.float32)
    total = x.sum(axis=1)
    if task == "regression":
        return x, total.round(3)
    if task == "multiclass":
        return x, np.digitize(total, np.quantile(total, [0.33, 0.67])).astype(np.float32)
    return x, (np.arange(rows) % 2).astype(np.float32)


def body(content_type: str, x: np.ndarray, y: np.ndarray | None = None) -> bytes:
    """Rows as a file or a request of that content type, with labels if there are any."""
    kind = content_type.partition(";")[0]
    if kind == "text/csv":
        return as_csv(x, y).encode()
    if "libsvm" in kind:
        return as_libsvm(x, np.zeros(len(x)) if y is None else y).encode()
    if kind == "application/x-parquet":
        columns = x if y is None else np.column_stack([y, x])
        out = io.BytesIO()
        pq.write_table(pa.table({str(i): columns[:, i].astype(float) for i in range(columns.shape[1])}), out)
        return out.getvalue()
    if kind == "application/x-recordio-protobuf":
        return write_table(x, y)
    rows = [{"features": [float(v) for v in row]} for row in x]
    if kind == "application/json":
        return json.dumps({"instances": rows}).encode()
    assert kind == "application/jsonlines", kind
    return "\n".join(json.dumps(row) for row in rows).encode()


def labelled(algorithm: Algorithm, channel: str, content_type: str) -> bool:
    """Does this channel hold labels in this content type?"""
    if "label_size=0" in content_type:
        return False
    if algorithm.supervised or content_type == "text/csv" or "label_size=1" in content_type:
        return True
    return algorithm.name == "randomcutforest" and channel == "test"  # an odd row is marked there


def job(algorithm: Algorithm, folder: Path, task: str, content_type: str = "", rows: int = ROWS,
        held: bool = True, **hyperparameters: str) -> TrainingContext:  # fmt: skip
    """A job with every data channel the algorithm knows, settled as the console settles it."""
    channels = {}
    for spec in algorithm.channels:
        usual = algorithm.data.content_type if spec.name == algorithm.data.train else ""
        kind = content_type if content_type in spec.content_types else usual
        kind = kind or next((t for t in spec.content_types if t == algorithm.data.content_type), spec.content_types[0])
        if spec.name == "code" or (not held and spec.name != algorithm.data.train):
            continue
        if spec.name in ("train", "training") and spec.name != algorithm.data.train:
            continue  # another name for the same channel
        x, y = table(task, rows, seed=len(channels))
        path = folder / "data" / spec.name
        path.mkdir(parents=True)
        written = body(kind, x, y if labelled(algorithm, spec.name, kind) else None)
        (path / f"part.{EXTENSIONS.get(kind.rpartition('x-')[2], 'csv')}").write_bytes(written)
        channels[spec.name] = Channel(spec.name, path, kind)
    settled = algorithm.settle(hyperparameters, facts(task, rows))
    return TrainingContext(settled, channels, folder / "model", folder / "output", num_cpus=1)


def answer_length(answer: bytes, accept: str) -> int:
    """How many rows an answer is about."""
    kind = accept.partition(";")[0]
    if kind == "application/json":
        content = json.loads(answer)
        lists = (
            [value for value in content.values() if isinstance(value, list)] if isinstance(content, dict) else [content]
        )
        return len(lists[0])
    if kind == "application/x-recordio-protobuf":
        from algorithms.formats.recordio import read_frames

        return len(list(read_frames(answer)))
    return len(answer.decode().splitlines())
