"""Trains k-NN: samples the rows, optionally reduces their dimensions, and builds an index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.amazon import log, model_file
from algorithms.amazon.channel_data import ChannelRows, check_channels, check_width, load_channel
from algorithms.contract import TrainingContext, UserError
from algorithms.knn import ALGORITHM, vote
from algorithms.knn.hyperparameters import CLASSIFIER, FLAT, IVFPQ, L2
from algorithms.knn.index import Index, num_cells, use_threads
from algorithms.knn.projection import projection_matrix
from algorithms.knn.settle import MIN_ROWS_FOR_PQ
from algorithms.refit import describe_refit, wants_refit
from algorithms.stop_signal import StopSignal

SEED = 0  # a fixed seed makes jobs reproducible
TEST_BLOCK = 10_000  # test rows at a time
WITHOUT_EFFECT = {"mini_batch_size": "the rows are read at once; no batch shapes the result."}


def train(ctx: TrainingContext) -> None:
    """Read the job's channels and write the model into its model folder.

    Raises UserError. On SIGTERM it raises SystemExit(0) without a model.
    """
    with StopSignal():
        values = ALGORITHM.parse(ctx.hyperparameters)
        log.configuration(ALGORITHM, values, WITHOUT_EFFECT)
        check_channels(ctx, ALGORITHM)
        use_threads(ctx.num_cpus)
        width = values["feature_dim"]
        rows = check_width(load_channel(ctx, "train", ALGORITHM, min_width=width), "train", width)
        test = None
        if "test" in ctx.channels:
            test = check_width(load_channel(ctx, "test", ALGORITHM, min_width=width), "test", width)
        for name, part in (("train", rows), ("test", test)):
            if part is not None and values["predictor_type"] == CLASSIFIER:
                _check_classes(part, name)
        vectors, labels, projection = _sample_rows(rows, values)
        index, settings = _build_index(vectors, values)
        if test is not None:
            _evaluate(test, index, labels, projection, values)
            if wants_refit(ctx):
                rows = rows.joined(test)
                log.info(describe_refit(len(rows), 1, "pass"))
                keeps_all = values["sample_size"] >= len(rows) - len(test)
                wanted = values | ({"sample_size": len(rows)} if keeps_all else {})
                vectors, labels, projection = _sample_rows(rows, wanted)
                index, settings = _build_index(vectors, values)
        meta = {"predictor_type": values["predictor_type"], "k": values["k"], **settings}
        arrays = {"vectors": vectors, "labels": labels, **index.learned()}
        if projection is not None:
            arrays["projection"] = projection
        model_file.save(ctx.model_dir, ALGORITHM.name, meta, arrays)


def _sample_rows(rows: ChannelRows, values: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return (vectors, labels, projection or None) of the sampled rows."""
    rng = np.random.default_rng(SEED)
    size, k = min(values["sample_size"], len(rows)), values["k"]
    if k > size:
        raise UserError(f"k is {k}, but there are {size} rows to choose neighbours from. Set k to {size} or less.")
    labels = rows.labels
    assert labels is not None
    if size < len(rows):
        indices = np.sort(rng.choice(len(rows), size, replace=False))
        rows, labels = ChannelRows(rows.features[indices]), labels[indices]
    log.info(f"{size} rows of {rows.width} features are kept.")
    kind = values.get("dimension_reduction_type")
    if not kind:
        return rows.features, labels, None
    target = values["dimension_reduction_target"]
    if values.get("index_type") == IVFPQ:
        # As on AWS, the target is rounded up to a multiple of the number of pieces.
        target += -target % int(values["faiss_index_pq_m"])
    projection = projection_matrix(kind, rows.width, target, rng)
    log.info(f"Dimension reduction: {rows.width} features are folded into {target} by {kind}.")
    return rows.features @ projection, labels, projection


def _build_index(vectors: np.ndarray, values: Mapping[str, Any]) -> tuple[Index, dict[str, Any]]:
    """Return the index of the rows, and the settings to rebuild it."""
    kind = values.get("index_type", FLAT)
    if kind == IVFPQ and len(vectors) < MIN_ROWS_FOR_PQ:
        raise UserError(
            f"index_type faiss.IVFPQ needs {MIN_ROWS_FOR_PQ} rows to learn from, and there are {len(vectors)}. "
            "Use faiss.Flat."
        )
    cells = num_cells(values, len(vectors)) if kind != FLAT else 0
    pieces = int(values.get("faiss_index_pq_m", 1))
    metric = values.get("index_metric", L2)
    return Index(vectors, kind, metric, cells, pieces), {
        "index_type": kind, "index_metric": metric, "cells": cells, "pieces": pieces,
    }  # fmt: skip


def _evaluate(
    test: ChannelRows, index: Index, labels: np.ndarray, projection: np.ndarray | None, values: Mapping[str, Any]
) -> None:
    """Log the test metrics."""
    assert test.labels is not None
    is_classifier = values["predictor_type"] == CLASSIFIER
    total = 0.0
    for start in range(0, len(test), TEST_BLOCK):
        x, y = test.features[start : start + TEST_BLOCK], test.labels[start : start + TEST_BLOCK]
        _, indices = index.search(x if projection is None else x @ projection, values["k"])
        neighbour_labels = labels[indices]
        total += float(
            (vote.majority_label(neighbour_labels) == y).sum()
            if is_classifier
            else ((vote.mean_label(neighbour_labels) - y) ** 2).sum()
        )
    name, kind = ("accuracy", "score") if is_classifier else ("mse", "loss")
    log.quality_metric("test", name, total / len(test), kind)
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
