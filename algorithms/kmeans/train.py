"""Trains k-means as AWS's container does: web-scale k-means over the rows, then Lloyd's method down to k centers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.amazon import artifact
from algorithms.amazon.data import check_channels, check_width, load
from algorithms.amazon.error_messages import NO_DATA
from algorithms.amazon.log import configuration, quality, say, test_score, throughput, warn
from algorithms.amazon.progress import Progress
from algorithms.contract import TrainingContext, UserError
from algorithms.kmeans import ALGORITHM
from algorithms.kmeans.clusters import WebScale, closest, lloyd
from algorithms.kmeans.hyperparameters import WITHOUT_EFFECT
from algorithms.kmeans.settle import MINI_BATCH, centers
from algorithms.stop import Stop

SEED = 0  # AWS's k-means has no seed to set; with this one the same job gives the same model
_TRIALS = 30  # of the merging, when local_lloyd_num_trials is auto
_SEEN_ONCE = 1e-6  # what a center weighs that no row came to: next to nothing, but it may still be one of the k


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder. Raises UserError.

    On SIGTERM the current batch is finished, the centers found so far become the model, and SystemExit(0) ends it.
    """
    with Stop() as stop:
        values = ALGORITHM.parse(ctx.hyperparameters)
        check_channels(ctx, ALGORITHM)
        configuration(ALGORITHM, values, WITHOUT_EFFECT)
        rows = check_width(
            load(ctx, "train", ALGORITHM, labels=False, at_least=values["feature_dim"]), "train", values["feature_dim"]
        )
        batch = values.get("mini_batch_size", MINI_BATCH)
        if batch > len(rows):
            raise UserError(f"{NO_DATA} mini_batch_size is {batch}, the rows are {len(rows)}.")
        if values["k"] > len(rows):
            raise UserError(f"k is {values['k']}, and the train channel has {len(rows)} rows. Set k to less than that.")
        test = None
        if "test" in ctx.channels:
            test = check_width(
                load(ctx, "test", ALGORITHM, labels=False, at_least=values["feature_dim"]),
                "test",
                values["feature_dim"],
            )
        stop.training = True
        found = _find(rows.features, values, batch, stop)
        artifact.save(ctx.model_dir, ALGORITHM.name, {"k": len(found)}, {"centers": found})
        if stop.wanted:
            raise SystemExit(0)
        if test is not None:
            _measure(test.features, found, values.get("eval_metrics", ["msd"]))


def _find(rows: np.ndarray, values: Mapping[str, Any], batch: int, stop: Stop) -> np.ndarray:
    """The centers, float32 (k, features); fewer than k when there are fewer different rows."""
    rng = np.random.default_rng(SEED)
    kept, epochs = centers(values, len(rows)), values.get("epochs", 1)
    method, half_life = values.get("init_method", "random"), values.get("half_life_time_size", 0)
    first = rows[rng.permutation(len(rows))[: max(batch, 5 * kept)]]
    scale = WebScale(first, kept, method, half_life, rng)
    if len(scale.weight) < values["k"]:  # too many rows of that sample are the same
        scale = WebScale(rows, kept, method, half_life, rng)
    say(f"Keeping {len(scale.weight)} centers while rows are read, for k = {values['k']}.")
    begun, done = time.monotonic(), Progress(epochs * -(-len(rows) // batch))
    for epoch in range(epochs):
        order, total = rng.permutation(len(rows)), 0.0
        for at in range(0, len(rows), batch):
            total += scale.update(rows[order[at : at + batch]])
            done.step()
            if stop.wanted:
                say("Asked to stop: the centers found so far become the model.")
                return _merged(scale, values, rng)
        quality("train", "msd", total / len(rows), epoch=epoch)
    throughput(epochs * len(rows), time.monotonic() - begun)
    return _merged(scale, values, rng)


def _merged(scale: WebScale, values: Mapping[str, Any], rng: np.random.Generator) -> np.ndarray:
    """The many centers made k: each counts as often as rows came to it."""
    many, k = scale.centers, values["k"]
    if len(many) < k:
        warn(f"The train channel has {len(many)} different rows, so there are {len(many)} groups instead of {k}.")
    if len(many) <= k:
        return many.astype(np.float32)
    trials = values.get("local_lloyd_num_trials", "auto")
    best, least = many[:k], np.inf
    for _ in range(_TRIALS if trials == "auto" else trials):
        found, loss = lloyd(
            many - scale.origin, np.maximum(scale.weight, _SEEN_ONCE), k,
            values.get("local_lloyd_init_method", "kmeans++"), values.get("local_lloyd_max_iter", 300),
            values.get("local_lloyd_tol", 1e-4), rng,
        )  # fmt: skip
        if loss < least:
            best, least = found + scale.origin, loss
    return best.astype(np.float32)


def _measure(rows: np.ndarray, found: np.ndarray, wanted: list[str]) -> None:
    """The test channel's figures: mean (msd) and sum (ssd) of the squared distances to the closest center."""
    squared = closest(rows, found.astype(np.float64))[1]
    figures = {"msd": float(squared.mean()), "ssd": float(squared.sum())}
    for name in wanted:
        quality("test", name, figures[name])
        test_score(name, figures[name])
