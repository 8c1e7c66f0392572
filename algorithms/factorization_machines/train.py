"""Trains Factorization Machines: mini-batches of sparse or dense rows, a log line an epoch, the test rows scored."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from algorithms.amazon import artifact, log
from algorithms.amazon.data import ChannelRows, check_channels, check_width, load
from algorithms.amazon.error_messages import NO_DATA
from algorithms.contract import AlgorithmFailure, TrainingContext, UserError
from algorithms.factorization_machines import ALGORITHM
from algorithms.factorization_machines.descent import Descent, begun
from algorithms.factorization_machines.hyperparameters import BINARY
from algorithms.factorization_machines.machine import Machine
from algorithms.stop import Stop

SEED = 0  # any number will do, so long as the same job always gives the same model
DENSE = 0.2  # from this share of numbers that are not 0, a plain array is quicker
MOST_DENSE = 1 << 28  # numbers of a plain array: 1 GiB
SCORED = 20_000  # rows at a time
JUDGED = 50_000  # training rows that are looked at after an epoch


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder.

    Raises UserError or AlgorithmFailure. On SIGTERM the model as it is after the current batch is written, and
    SystemExit(0) ends the process.
    """
    with Stop() as stop:
        values = ALGORITHM.parse(ctx.hyperparameters)
        log.configuration(ALGORITHM, values, {})
        check_channels(ctx, ALGORITHM)
        rows: dict[str, ChannelRows] = {}
        for name in ("train", "test"):
            if name in ctx.channels:
                part = load(ctx, name, ALGORITHM, sparse=True, float32_only=True)
                rows[name] = _suited(check_width(part, name, values["feature_dim"]))
                _check_labels(rows[name], name, values)
        if values.get("mini_batch_size", 1000) > len(rows["train"]):
            raise UserError(NO_DATA)
        stop.training = True
        _train(ctx, values, rows, stop)
        if stop.wanted:
            raise SystemExit(0)


def _train(ctx: TrainingContext, values: Mapping[str, Any], rows: Mapping[str, ChannelRows], stop: Stop) -> None:
    is_binary = values["predictor_type"] == BINARY
    x, labels = rows["train"].features, _labels(rows["train"])
    mean, spread = (0.0, 1.0) if is_binary else (float(labels.mean()), float(labels.std()) or 1.0)
    y = (labels - mean) / spread
    rng = np.random.default_rng(SEED)
    machine = begun(values, rng)
    descent = Descent(machine, values)
    epochs, size = values.get("epochs", 1), values.get("mini_batch_size", 1000)
    step = -(-len(y) // JUDGED)
    for epoch in range(epochs):
        began = time.monotonic()
        order = rng.permutation(len(y))
        with np.errstate(all="ignore"):  # a learning rate that is too large is noticed below
            for start in range(0, len(y), size):
                batch = order[start : start + size]
                descent.step(x[batch], y[batch], is_binary)
                if stop.wanted:
                    break
            outputs = _outputs(machine, x[::step])
        if not np.isfinite(outputs).all():
            raise AlgorithmFailure(
                f"The loss is not a finite number after epoch {epoch}: training has run off. Use smaller learning "
                "rates (bias_lr, linear_lr, factors_lr), set clip_gradient, or scale the features."
            )
        for name, value, kind in _figures(outputs * spread + mean, labels[::step], is_binary):
            log.quality("train", name, value, kind, epoch)
        log.progress(epoch + 1, epochs)
        log.throughput(len(y), time.monotonic() - began)
        if stop.wanted:
            log.say("Stop requested: keeping the model as it is.")
            break
    if "test" in rows:
        outputs = _outputs(machine, rows["test"].features) * spread + mean
        for name, value, kind in _figures(outputs, _labels(rows["test"]), is_binary):
            log.quality("test", name, value, kind)
            log.test_score(name, value)
    # What predicts the shifted and scaled label predicts the label itself when its own terms are scaled back.
    meta = {"predictor_type": values["predictor_type"], "bias": machine.bias * spread + mean}
    arrays = {"linear": machine.linear * np.float32(spread), "factors": machine.factors * np.float32(spread**0.5)}
    artifact.save(ctx.model_dir, ALGORITHM.name, meta, arrays)


def _figures(outputs: np.ndarray, y: np.ndarray, is_binary: bool) -> Iterator[tuple[str, float, str]]:
    """(name, value, loss or score) of outputs and labels, both (rows,); what makes the curve comes last."""
    if not is_binary:
        yield "rmse", float(np.sqrt(((outputs - y).astype(np.float64) ** 2).mean())), "loss"
        return
    said, z = outputs >= 0, outputs.astype(np.float64)
    true = float((said & (y == 1)).sum())
    yield "binary_classification_accuracy", float((said == (y == 1)).mean()), "score"
    yield "binary_f_1.000", 2 * true / max(float(said.sum() + (y == 1).sum()), 1.0), "score"
    cost = np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))
    yield "binary_classification_cross_entropy", float(cost.mean()), "loss"


def _outputs(machine: Machine, x: Any) -> np.ndarray:
    return np.concatenate([machine.outputs(x[i : i + SCORED]) for i in range(0, x.shape[0], SCORED)])


def _suited(rows: ChannelRows) -> ChannelRows:
    """The rows in the form that is quicker to work with."""
    if hasattr(rows.features, "nnz"):
        cells = rows.features.shape[0] * rows.features.shape[1]
        if rows.features.nnz > DENSE * cells and cells < MOST_DENSE:
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
