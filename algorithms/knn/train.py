"""Trains k-NN: keeps a sample of the rows, folds them into fewer dimensions if asked, and builds an index of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.amazon import artifact, log
from algorithms.amazon.data import ChannelRows, check_channels, check_width, load
from algorithms.contract import TrainingContext, UserError
from algorithms.knn import ALGORITHM, vote
from algorithms.knn.hyperparameters import CLASSIFIER, FLAT, IVFPQ, L2
from algorithms.knn.index import Index, cells_of, use_threads
from algorithms.knn.projection import matrix
from algorithms.knn.settle import LEAST_FOR_PIECES
from algorithms.stop import Stop

SEED = 0  # any number will do, so long as the same job always gives the same model
ASKED = 10_000  # test rows at a time
WITHOUT_EFFECT = {"mini_batch_size": "the rows are read at once; no batch shapes the result."}


def train(ctx: TrainingContext) -> None:
    """Read the job's channels and write the model into its model folder.

    Raises UserError. On SIGTERM there is nothing worth keeping before the end: SystemExit(0) ends the process.
    """
    with Stop():
        values = ALGORITHM.parse(ctx.hyperparameters)
        log.configuration(ALGORITHM, values, WITHOUT_EFFECT)
        check_channels(ctx, ALGORITHM)
        use_threads(ctx.num_cpus)
        width = values["feature_dim"]
        rows = check_width(load(ctx, "train", ALGORITHM, at_least=width), "train", width)
        test = None
        if "test" in ctx.channels:
            test = check_width(load(ctx, "test", ALGORITHM, at_least=width), "test", width)
        for name, part in (("train", rows), ("test", test)):
            if part is not None and values["predictor_type"] == CLASSIFIER:
                _check_classes(part, name)
        vectors, labels, projection = _kept(rows, values)
        index, settings = _indexed(vectors, values)
        if test is not None:
            _judge(test, index, labels, projection, values)
        meta = {"predictor_type": values["predictor_type"], "k": values["k"], **settings}
        arrays = {"vectors": vectors, "labels": labels, **index.learned()}
        if projection is not None:
            arrays["projection"] = projection
        artifact.save(ctx.model_dir, ALGORITHM.name, meta, arrays)


def _kept(rows: ChannelRows, values: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """(vectors, labels, projection or None) of the rows that are kept."""
    rng = np.random.default_rng(SEED)
    size, k = min(values["sample_size"], len(rows)), values["k"]
    if k > size:
        raise UserError(f"k is {k}, but there are {size} rows to choose neighbours from. Set k to {size} or less.")
    labels = rows.labels
    assert labels is not None
    if size < len(rows):
        chosen = np.sort(rng.choice(len(rows), size, replace=False))
        rows, labels = ChannelRows(rows.features[chosen]), labels[chosen]
    log.say(f"{size} rows of {rows.width} features are kept.")
    kind = values.get("dimension_reduction_type")
    if not kind:
        return rows.features, labels, None
    target = values["dimension_reduction_target"]
    if values.get("index_type") == IVFPQ:
        target += -target % int(values["faiss_index_pq_m"])  # as AWS: raised to the next that can be cut evenly
    projection = matrix(kind, rows.width, target, rng)
    log.say(f"Dimension reduction: {rows.width} features are folded into {target} by {kind}.")
    return rows.features @ projection, labels, projection


def _indexed(vectors: np.ndarray, values: Mapping[str, Any]) -> tuple[Index, dict[str, Any]]:
    """The index of the rows, and the settings it can be made from again."""
    kind = values.get("index_type", FLAT)
    if kind == IVFPQ and len(vectors) < LEAST_FOR_PIECES:
        raise UserError(
            f"index_type faiss.IVFPQ needs {LEAST_FOR_PIECES} rows to learn from, and there are {len(vectors)}. "
            "Use faiss.Flat."
        )
    cells = cells_of(values, len(vectors)) if kind != FLAT else 0
    pieces = int(values.get("faiss_index_pq_m", 1))
    metric = values.get("index_metric", L2)
    return Index(vectors, kind, metric, cells, pieces), {
        "index_type": kind, "index_metric": metric, "cells": cells, "pieces": pieces,
    }  # fmt: skip


def _judge(
    test: ChannelRows, index: Index, labels: np.ndarray, projection: np.ndarray | None, values: Mapping[str, Any]
) -> None:
    """Log how good the answers on the test channel are."""
    assert test.labels is not None
    is_classifier = values["predictor_type"] == CLASSIFIER
    total = 0.0
    for start in range(0, len(test), ASKED):
        x, y = test.features[start : start + ASKED], test.labels[start : start + ASKED]
        _, places = index.search(x if projection is None else x @ projection, values["k"])
        near = labels[places]
        total += float((vote.classes(near) == y).sum() if is_classifier else ((vote.numbers(near) - y) ** 2).sum())
    name, kind = ("accuracy", "score") if is_classifier else ("mse", "loss")
    log.quality("test", name, total / len(test), kind)
    log.test_score(name, total / len(test))


def _check_classes(rows: ChannelRows, name: str) -> None:
    assert rows.labels is not None
    bad = np.flatnonzero(rows.labels != np.floor(rows.labels))
    if len(bad):
        raise UserError(
            f"The labels of a classifier must be whole numbers. Row {bad[0] + 1} of channel {name} has the label "
            f"{rows.labels[bad[0]]:g}. The label is the first column. To predict a number, set predictor_type to "
            "regressor."
        )
