"""Trains PCA as AWS's container does: one model of mean, components and singular values, from batches of rows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from algorithms.amazon import model_file
from algorithms.amazon.channel_data import NO_DATA, check_channels, check_width, load_channel
from algorithms.amazon.log import configuration, info, quality_metric, test_score, throughput_metric
from algorithms.amazon.progress import Progress
from algorithms.contract import TrainingContext, UserError
from algorithms.pca import ALGORITHM
from algorithms.pca.components import PASSES, Components, few_rows, randomized, regular
from algorithms.pca.hyperparameters import WITHOUT_EFFECT
from algorithms.pca.settle import num_extra_components
from algorithms.stop_signal import StopSignal

SEED = 0  # AWS's PCA has no seed parameter; a fixed seed makes jobs reproducible


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder. Raises UserError.

    On SIGTERM it finishes the current batch and raises SystemExit(0) without a model, because half of the rows have
    different components.
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
        if values["mini_batch_size"] > len(rows):
            raise UserError(f"{NO_DATA} mini_batch_size is {values['mini_batch_size']}, the rows are {len(rows)}.")
        test = None
        if "test" in ctx.channels:
            test = check_width(
                load_channel(ctx, "test", ALGORITHM, labels=False, min_width=values["feature_dim"]),
                "test",
                values["feature_dim"],
            )
        stop.training = True
        components = _fit(rows.features, values, stop)
        arrays = {"mean": components.mean, "v": components.v, "s": components.s}
        meta = {"features": len(components.mean), "components": len(components.s), "explained": components.explained}
        model_file.save(ctx.model_dir, ALGORITHM.name, meta, {n: a.astype(np.float32) for n, a in arrays.items()})
        quality_metric("train", "explained_variance", components.explained, "score")
        if test is not None:
            explained = share_explained(components, test.features)
            quality_metric("test", "explained_variance", explained, "score")
            test_score("explained_variance", explained)


def _fit(rows: np.ndarray, values: Mapping[str, Any], stop: StopSignal) -> Components:
    batch, num_components = values["mini_batch_size"], values["num_components"]
    subtract_mean = values.get("subtract_mean", "true") == "true"
    exact = values.get("algorithm_mode", "regular") == "regular"
    start_time, progress = time.monotonic(), Progress((1 if exact else PASSES) * -(-len(rows) // batch))

    def batches() -> Iterator[np.ndarray]:
        for at in range(0, len(rows), batch):
            yield rows[at : at + batch]
            progress.step()
            if stop.requested:
                info("Asked to stop: there is no model yet, so none is kept.")
                raise SystemExit(0)

    if exact and num_components <= len(rows) < rows.shape[1]:
        components = few_rows(batches, num_components, subtract_mean)
    elif exact:
        components = regular(batches, num_components, subtract_mean)
    else:
        components = randomized(
            batches, num_components, num_extra_components(values), subtract_mean, np.random.default_rng(SEED)
        )
    throughput_metric(len(rows), time.monotonic() - start_time)
    return components


def share_explained(components: Components, rows: np.ndarray) -> float:
    """Return the share of the rows' squared distance from the mean that the components preserve."""
    centered = rows.astype(np.float64) - components.mean
    total = float(np.einsum("ij,ij->", centered, centered))
    within = centered @ components.v
    return float(np.einsum("ij,ij->", within, within)) / total if total > 0 else 1.0
