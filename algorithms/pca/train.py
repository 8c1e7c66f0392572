"""Trains PCA as AWS's container does: one model of mean, components and singular values, from batches of rows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from algorithms.amazon import artifact
from algorithms.amazon.data import check_channels, check_width, load
from algorithms.amazon.error_messages import NO_DATA
from algorithms.amazon.log import configuration, quality, say, test_score, throughput
from algorithms.amazon.progress import Progress
from algorithms.contract import TrainingContext, UserError
from algorithms.pca import ALGORITHM
from algorithms.pca.components import PASSES, Components, randomized, regular
from algorithms.pca.hyperparameters import WITHOUT_EFFECT
from algorithms.pca.settle import extra
from algorithms.stop import Stop

SEED = 0  # AWS's PCA has no seed to set; with this one the same job gives the same model


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder. Raises UserError.

    On SIGTERM the current batch is finished and SystemExit(0) ends it, without a model: half the rows have other
    components than all of them.
    """
    with Stop() as stop:
        values = ALGORITHM.parse(ctx.hyperparameters)
        check_channels(ctx, ALGORITHM)
        configuration(ALGORITHM, values, WITHOUT_EFFECT)
        rows = check_width(
            load(ctx, "train", ALGORITHM, labels=False, at_least=values["feature_dim"]), "train", values["feature_dim"]
        )
        if values["mini_batch_size"] > len(rows):
            raise UserError(f"{NO_DATA} mini_batch_size is {values['mini_batch_size']}, the rows are {len(rows)}.")
        test = None
        if "test" in ctx.channels:
            test = check_width(
                load(ctx, "test", ALGORITHM, labels=False, at_least=values["feature_dim"]),
                "test",
                values["feature_dim"],
            )
        stop.training = True
        found = _find(rows.features, values, stop)
        arrays = {"mean": found.mean, "v": found.v, "s": found.s}
        meta = {"features": len(found.mean), "components": len(found.s), "explained": found.explained}
        artifact.save(ctx.model_dir, ALGORITHM.name, meta, {n: a.astype(np.float32) for n, a in arrays.items()})
        quality("train", "explained_variance", found.explained, "score")
        if test is not None:
            explained = share_explained(found, test.features)
            quality("test", "explained_variance", explained, "score")
            test_score("explained_variance", explained)


def _find(rows: np.ndarray, values: Mapping[str, Any], stop: Stop) -> Components:
    batch, wanted = values["mini_batch_size"], values["num_components"]
    subtract_mean = values.get("subtract_mean", "true") == "true"
    exact = values.get("algorithm_mode", "regular") == "regular"
    begun, done = time.monotonic(), Progress((1 if exact else PASSES) * -(-len(rows) // batch))

    def batches() -> Iterator[np.ndarray]:
        for at in range(0, len(rows), batch):
            yield rows[at : at + batch]
            done.step()
            if stop.wanted:
                say("Asked to stop: there is no model yet, so none is kept.")
                raise SystemExit(0)

    if exact:
        found = regular(batches, wanted, subtract_mean)
    else:
        found = randomized(batches, wanted, extra(values), subtract_mean, np.random.default_rng(SEED))
    throughput(len(rows), time.monotonic() - begun)
    return found


def share_explained(found: Components, rows: np.ndarray) -> float:
    """The share of the rows' squared distance from the mean that lies within the components: 1 when nothing is lost."""
    centered = rows.astype(np.float64) - found.mean
    whole = float(np.einsum("ij,ij->", centered, centered))
    within = centered @ found.v
    return float(np.einsum("ij,ij->", within, within)) / whole if whole > 0 else 1.0
