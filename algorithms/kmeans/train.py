"""Trains k-means as AWS's container does: web-scale k-means over the rows, then Lloyd's algorithm for k centers.

Then, unlike AWS, Lloyd's algorithm goes on over the rows themselves: centers that mini-batches moved are not where the
mean squared distance is smallest.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.amazon import model_file
from algorithms.amazon.channel_data import NO_DATA, check_channels, check_width, load_channel
from algorithms.amazon.log import configuration, info, quality_metric, test_score, throughput_metric, warning
from algorithms.amazon.progress import Progress
from algorithms.contract import TrainingContext, UserError
from algorithms.kmeans import ALGORITHM
from algorithms.kmeans.clusters import WebScaleKMeans, closest_centers, init_centers, lloyd
from algorithms.kmeans.hyperparameters import WITHOUT_EFFECT
from algorithms.kmeans.settle import MAX_STARTS, MINI_BATCH, STARTS, STARTS_ROWS, num_centers
from algorithms.stop_signal import StopSignal

SEED = 0  # AWS's k-means has no seed parameter; a fixed seed makes jobs reproducible
_TRIALS = 30  # of Lloyd's algorithm, when local_lloyd_num_trials is auto
_ROUNDS, _TOLERANCE = 300, 1e-6  # of Lloyd's algorithm over the rows; a larger tolerance ends far from the optimum
_MIN_WEIGHT = 1e-6  # the weight of a center without rows, which may still be one of the k


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder. Raises UserError.

    On SIGTERM it finishes the current batch, writes the current centers as the model and raises SystemExit(0).
    """
    with StopSignal() as stop:
        values = ALGORITHM.parse(ctx.hyperparameters)
        check_channels(ctx, ALGORITHM)
        configuration(ALGORITHM, values, WITHOUT_EFFECT)
        rows = check_width(
            load_channel(ctx, "train", ALGORITHM, labels=False, min_width=values["feature_dim"]),
            "train",
            values["feature_dim"],
        )
        batch = values.get("mini_batch_size", MINI_BATCH)
        if batch > len(rows):
            raise UserError(f"{NO_DATA} mini_batch_size is {batch}, the rows are {len(rows)}.")
        if values["k"] > len(rows):
            raise UserError(f"k is {values['k']}, and the train channel has {len(rows)} rows. Set k to less than that.")
        test = None
        if "test" in ctx.channels:
            test = check_width(
                load_channel(ctx, "test", ALGORITHM, labels=False, min_width=values["feature_dim"]),
                "test",
                values["feature_dim"],
            )
        stop.training = True
        centers = _fit(rows.features, values, batch, stop)
        model_file.save(ctx.model_dir, ALGORITHM.name, {"k": len(centers)}, {"centers": centers})
        if stop.requested:
            raise SystemExit(0)
        if test is not None:
            _evaluate(test.features, centers, values.get("eval_metrics", ["msd"]))


def _fit(rows: np.ndarray, values: Mapping[str, Any], batch: int, stop: StopSignal) -> np.ndarray:
    """Return the centers, float32 (k, features); fewer than k when there are fewer distinct rows."""
    rng = np.random.default_rng(SEED)
    count, epochs = num_centers(values, len(rows)), values.get("epochs", 1)
    method, half_life = values.get("init_method", "random"), values.get("half_life_time_size", 0)
    first = rows[rng.permutation(len(rows))[: max(batch, 5 * count)]]
    model = WebScaleKMeans(first, count, method, half_life, rng)
    if len(model.weight) < values["k"]:  # too many rows of that sample are equal
        model = WebScaleKMeans(rows, count, method, half_life, rng)
    info(f"Keeping {len(model.weight)} centers while rows are read, for k = {values['k']}.")
    start_time, progress = time.monotonic(), Progress(epochs * -(-len(rows) // batch))
    for epoch in range(epochs):
        order, total = rng.permutation(len(rows)), 0.0
        for at in range(0, len(rows), batch):
            total += model.update(rows[order[at : at + batch]])
            progress.step()
            if stop.requested:
                info("Asked to stop: the centers found so far become the model.")
                return _merge_centers(model, values, rng)
        quality_metric("train", "msd", total / len(rows), epoch=epoch)
    throughput_metric(epochs * len(rows), time.monotonic() - start_time)
    return _refine(rows, _merge_centers(model, values, rng), values, min(STARTS * epochs, MAX_STARTS))


def _merge_centers(model: WebScaleKMeans, values: Mapping[str, Any], rng: np.random.Generator) -> np.ndarray:
    """Reduce the centers to k, each weighted by its number of rows."""
    candidates, k = model.centers, values["k"]
    if len(candidates) < k:
        n = len(candidates)
        warning(f"The train channel has {n} different rows, so there are {n} groups instead of {k}.")
    if len(candidates) <= k:
        return candidates.astype(np.float32)
    trials = values.get("local_lloyd_num_trials", "auto")
    best_centers, best_loss = candidates[:k], np.inf
    for _ in range(_TRIALS if trials == "auto" else trials):
        points, weight = candidates - model.origin, np.maximum(model.weight, _MIN_WEIGHT)
        start = init_centers(points, weight, k, values.get("local_lloyd_init_method", "kmeans++"), rng)
        limit, tolerance = values.get("local_lloyd_max_iter", 300), values.get("local_lloyd_tol", 1e-4)
        centers, loss = lloyd(points, weight, start, limit, tolerance)
        if loss < best_loss:
            best_centers, best_loss = centers + model.origin, loss
    return best_centers.astype(np.float32)


def _refine(rows: np.ndarray, merged: np.ndarray, values: Mapping[str, Any], starts: int) -> np.ndarray:
    """Return the centers, float32, of the best of `starts` runs of Lloyd's algorithm over the rows.

    They begin with k-means++, and those of fewer `starts` are among those of more: more is never worse. Of more rows
    than a sample, the sample decides between them and a run that begins with `merged`, and the best goes on over all.
    """
    k, origin = len(merged), rows.mean(axis=0, dtype=np.float64)
    sample = np.random.default_rng(SEED).permutation(len(rows))[:STARTS_ROWS]
    points = rows[sample].astype(np.float64) - origin
    weight = np.ones(len(points))
    runs = [init_centers(points, weight, k, "kmeans++", np.random.default_rng([SEED, run])) for run in range(starts)]
    if len(sample) < len(rows):
        runs.append(merged.astype(np.float64) - origin)
    centers, _ = min((lloyd(points, weight, start, _ROUNDS, 0) for start in runs), key=lambda run: run[1])
    if len(sample) < len(rows):
        centers, _ = lloyd((rows - origin).astype(np.float32), np.ones(len(rows)), centers, _ROUNDS, _TOLERANCE)
    return (centers + origin).astype(np.float32)


def _evaluate(rows: np.ndarray, centers: np.ndarray, metrics: list[str]) -> None:
    """Log the test metrics: mean (msd) and sum (ssd) of the squared distances to the closest center."""
    squared = closest_centers(rows, centers.astype(np.float64))[1]
    figures = {"msd": float(squared.mean()), "ssd": float(squared.sum())}
    for name in metrics:
        quality_metric("test", name, figures[name])
        test_score(name, figures[name])
