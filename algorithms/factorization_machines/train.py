"""Trains Factorization Machines on mini-batches of sparse or dense rows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from algorithms.amazon import log, model_file
from algorithms.amazon.channel_data import NO_DATA, ChannelRows, check_channels, check_width, load_channel
from algorithms.contract import AlgorithmFailure, TrainingContext, UserError
from algorithms.factorization_machines import ALGORITHM
from algorithms.factorization_machines.hyperparameters import BINARY
from algorithms.factorization_machines.machine import Machine
from algorithms.factorization_machines.optimizer import Optimizer, init_machine
from algorithms.refit import describe_refit, wants_refit
from algorithms.stop_signal import StopSignal

SEED = 0  # a fixed seed makes jobs reproducible
MIN_DENSE_SHARE = 0.2  # above this share of non-zero numbers a dense array is faster
MAX_DENSE_CELLS = 1 << 28  # numbers in a dense array: 1 GiB
BLOCK_ROWS = 20_000  # rows per block of predictions
MAX_EVALUATED_ROWS = 50_000  # training rows that are evaluated after an epoch


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder.

    Raises UserError or AlgorithmFailure. On SIGTERM it writes the model after the current batch and raises
    SystemExit(0).
    """
    with StopSignal() as stop:
        values = ALGORITHM.parse(ctx.hyperparameters)
        log.configuration(ALGORITHM, values, {})
        check_channels(ctx, ALGORITHM)
        rows: dict[str, ChannelRows] = {}
        for name in ("train", "test"):
            if name in ctx.channels:
                part = load_channel(ctx, name, ALGORITHM, sparse=True, float32_only=True)
                rows[name] = _choose_format(check_width(part, name, values["feature_dim"]))
                _check_labels(rows[name], name, values)
        if values.get("mini_batch_size", 1000) > len(rows["train"]):
            raise UserError(NO_DATA)
        stop.training = True
        _train(ctx, values, rows, stop)
        if stop.requested:
            raise SystemExit(0)


def _train(ctx: TrainingContext, values: Mapping[str, Any], rows: Mapping[str, ChannelRows], stop: StopSignal) -> None:
    is_binary = values["predictor_type"] == BINARY
    machine, mean, spread = _fit(values, rows["train"], stop, is_logged=True)
    if "test" in rows:
        outputs = _outputs(machine, rows["test"].features) * spread + mean
        for name, value, kind in _figures(outputs, _labels(rows["test"]), is_binary):
            log.quality_metric("test", name, value, kind)
            log.test_score(name, value)
        if wants_refit(ctx) and not stop.requested:
            joined = _choose_format(rows["train"].joined(rows["test"]))
            log.info(describe_refit(len(joined), values.get("epochs", 1), "epochs"))
            again = _fit(values, joined, stop, is_logged=False)
            machine, mean, spread = (machine, mean, spread) if stop.requested else again
    # The model was trained on shifted and scaled labels. Scaling its terms back gives predictions of the labels.
    meta = {"predictor_type": values["predictor_type"], "bias": machine.bias * spread + mean}
    arrays = {"linear": machine.linear * np.float32(spread), "factors": machine.factors * np.float32(spread**0.5)}
    model_file.save(ctx.model_dir, ALGORITHM.name, meta, arrays)


def _fit(
    values: Mapping[str, Any], rows: ChannelRows, stop: StopSignal, is_logged: bool
) -> tuple[Machine, float, float]:
    """Return (machine, mean, spread) of the rows; it was trained on labels less `mean`, divided by `spread`."""
    is_binary = values["predictor_type"] == BINARY
    x, labels = rows.features, _labels(rows)
    mean, spread = (0.0, 1.0) if is_binary else (float(labels.mean()), float(labels.std()) or 1.0)
    y = (labels - mean) / spread
    rng = np.random.default_rng(SEED)
    machine = init_machine(values, rng)
    optimizer = Optimizer(machine, values)
    epochs, size = values.get("epochs", 1), values.get("mini_batch_size", 1000)
    step = -(-len(y) // MAX_EVALUATED_ROWS)
    for epoch in range(epochs):
        start_time = time.monotonic()
        order = rng.permutation(len(y))
        with np.errstate(all="ignore"):  # divergence is checked below
            for start in range(0, len(y), size):
                batch = order[start : start + size]
                optimizer.step(x[batch], y[batch], is_binary)
                if stop.requested:
                    break
            outputs = _outputs(machine, x[::step])
        if not np.isfinite(outputs).all():
            raise AlgorithmFailure(
                f"The loss is not a finite number after epoch {epoch}: training has run off. Use smaller learning "
                "rates (bias_lr, linear_lr, factors_lr), set clip_gradient, or scale the features."
            )
        if is_logged:
            for name, value, kind in _figures(outputs * spread + mean, labels[::step], is_binary):
                log.quality_metric("train", name, value, kind, epoch)
            log.progress_metric(epoch + 1, epochs)
            log.throughput_metric(len(y), time.monotonic() - start_time)
        if stop.requested:
            log.info("Stop requested: keeping the model as it is.")
            break
    return machine, mean, spread


def _figures(outputs: np.ndarray, y: np.ndarray, is_binary: bool) -> Iterator[tuple[str, float, str]]:
    """Yield (name, value, loss or score) for outputs and labels, both (rows,). The metric of the curve comes last."""
    if not is_binary:
        yield "rmse", float(np.sqrt(((outputs - y).astype(np.float64) ** 2).mean())), "loss"
        return
    predicted, z = outputs >= 0, outputs.astype(np.float64)
    true = float((predicted & (y == 1)).sum())
    yield "binary_classification_accuracy", float((predicted == (y == 1)).mean()), "score"
    yield "binary_f_1.000", 2 * true / max(float(predicted.sum() + (y == 1).sum()), 1.0), "score"
    cost = np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))
    yield "binary_classification_cross_entropy", float(cost.mean()), "loss"


def _outputs(machine: Machine, x: Any) -> np.ndarray:
    return np.concatenate([machine.outputs(x[i : i + BLOCK_ROWS]) for i in range(0, x.shape[0], BLOCK_ROWS)])


def _choose_format(rows: ChannelRows) -> ChannelRows:
    """Convert sparse rows to a dense array where that is faster."""
    if hasattr(rows.features, "nnz"):
        cells = rows.features.shape[0] * rows.features.shape[1]
        if rows.features.nnz > MIN_DENSE_SHARE * cells and cells < MAX_DENSE_CELLS:
            rows.features = rows.features.toarray()
    return rows


def _labels(rows: ChannelRows) -> np.ndarray:
    assert rows.labels is not None
    return rows.labels


def _check_labels(rows: ChannelRows, name: str, values: Mapping[str, Any]) -> None:
    if values["predictor_type"] != BINARY:
        return
    y = _labels(rows)
    bad = np.flatnonzero((y != 0) & (y != 1))
    if len(bad):
        raise UserError(
            f"The labels of a binary_classifier must be 0 or 1. Row {bad[0] + 1} of channel {name} has the label "
            f"{y[bad[0]]:g}, and {len(bad) - 1} other rows are wrong too."
        )
