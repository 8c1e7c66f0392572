"""Trains Linear Learner: many linear models in parallel, of which the best is kept."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.amazon import log, model_file
from algorithms.amazon.channel_data import NO_DATA, ChannelRows, check_channels, check_width, load_channel, to_dense
from algorithms.contract import AlgorithmFailure, TrainingContext, UserError
from algorithms.linear_learner import ALGORITHM, calibration, evaluation, losses, scaling
from algorithms.linear_learner.candidates import values_of
from algorithms.linear_learner.hyperparameters import BINARY, MULTICLASS, REGRESSOR
from algorithms.linear_learner.model_batch import SEED, ModelBatch, Rows
from algorithms.linear_learner.optimizer import Schedule
from algorithms.linear_learner.settle import num_models
from algorithms.linear_learner.sparse_rows import SparseRows
from algorithms.refit import describe_refit, wants_refit
from algorithms.stop_signal import StopSignal

CHANNELS = ("train", "validation", "test")
MAX_EVALUATED_ROWS = 50_000  # training rows that are evaluated after an epoch
_BY_LOSS = {MULTICLASS: "softmax_loss", BINARY: "logistic", REGRESSOR: "squared_loss"}


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder.

    Raises UserError or AlgorithmFailure. On SIGTERM it writes the best model so far and raises SystemExit(0).
    """
    with StopSignal() as stop:
        values = ALGORITHM.parse(ctx.hyperparameters)
        log.configuration(ALGORITHM, values, _without_effect(values))
        check_channels(ctx, ALGORITHM)
        dim = values.get("feature_dim", "auto")
        feature_dim = None if dim == "auto" else dim
        rows: dict[str, ChannelRows] = {}
        for name in CHANNELS:
            if name in ctx.channels:
                width = feature_dim or (rows["train"].width if rows else 0)
                rows[name] = load_channel(ctx, name, ALGORITHM, sparse=True, float32_only=True, min_width=width)
                check_width(rows[name], name, feature_dim, rows["train"])
                if isinstance(rows["train"].features, np.ndarray):
                    rows[name].features = to_dense(rows[name].features)
                _check_labels(rows[name], name, values)
        if values.get("mini_batch_size", 1000) > len(rows["train"]):
            raise UserError(NO_DATA)
        stop.training = True
        _train(ctx, values, rows, stop)
        if stop.requested:
            raise SystemExit(0)


def _train(ctx: TrainingContext, values: Mapping[str, Any], rows: dict[str, ChannelRows], stop: StopSignal) -> None:
    predictor = values["predictor_type"]
    loss = values.get("loss", "auto")
    loss = _BY_LOSS[predictor] if loss == "auto" else loss
    classes = values["num_classes"] if predictor == MULTICLASS else 0
    raw = {name: _labels(part) for name, part in rows.items()}
    rng = np.random.default_rng(SEED)
    scale = scaling.fit_scaling(rows["train"].features, raw["train"], values, predictor == REGRESSOR, rng)
    x = {name: scale.apply(part.features) for name, part in rows.items()}
    y = {name: _targets(labels, classes, scale) for name, labels in raw.items()}
    models = num_models(values, x["train"].shape[1], max(classes, 1))
    batch = ModelBatch(models, classes, x["train"].shape[1], loss, y["train"], values)
    _run_epochs(batch, x, y, loss, scale, values, stop)

    channel = "validation" if "validation" in x else "train"
    model, threshold = _select_model(batch, x[channel], raw[channel], loss, values)
    log.info(f"Of {models} models, number {model} is kept: {_describe(batch, model)}.")
    name, power = losses.NAMES[loss]
    for part in CHANNELS:
        if part in x:
            outputs = batch.outputs(x[part], model)
            cost = batch.costs(_as_batch_outputs(outputs, classes), y[part])[0].mean(dtype=np.float64)
            log.quality_metric(part, f"{name}_objective", float(cost) * scale.label_spread**power)
            _log_metrics(part, outputs, raw[part], loss, threshold, scale, values)
    if wants_refit(ctx) and "validation" in x and not stop.requested:
        batch, model = _refit(batch, model, x, y, loss, values, stop)
    weights, bias = scale.unscale_parameters(*batch.best_parameters(model))
    meta = {"predictor_type": predictor, "loss": loss, "threshold": threshold, "classes": classes}
    model_file.save(ctx.model_dir, ALGORITHM.name, meta, {"weights": weights, "bias": bias, "mean": scale.mean})


def _refit(
    batch: ModelBatch, model: int, x: Mapping[str, Rows], y: Mapping[str, np.ndarray], loss: str,
    values: Mapping[str, Any], stop: StopSignal,
) -> tuple[ModelBatch, int]:  # fmt: skip
    """Return (batch, model) of `model` trained on all rows for its best number of epochs, the same after a stop."""
    train, held_out = x["train"], x["validation"]
    rows: Rows
    if isinstance(train, SparseRows):
        assert isinstance(held_out, SparseRows)
        rows = train.joined(held_out)
    else:
        rows = np.concatenate([train, held_out])
    labels = np.concatenate([y["train"], y["validation"]])
    epochs, size = int(batch.best_epochs[model]), values.get("mini_batch_size", 1000)
    log.info(describe_refit(len(labels), epochs, "epochs"))
    chosen = {**values, **values_of(batch.settings, model)}
    one = ModelBatch(1, batch.classes, rows.shape[1], loss, labels, chosen)
    schedule = Schedule(chosen, -(-len(labels) // size), values.get("epochs", 15))
    for _ in range(epochs):
        one.epoch(rows, labels, size, schedule, lambda: stop.requested)
    one.keep_best(np.zeros(1))
    is_sound = np.isfinite(one.best_parameters(0)[0]).all() and not stop.requested
    return (one, 0) if is_sound else (batch, model)


def _run_epochs(
    batch: ModelBatch, x: Mapping[str, Rows], y: Mapping[str, np.ndarray], loss: str, scale: scaling.Scaling,
    values: Mapping[str, Any], stop: StopSignal,
) -> None:  # fmt: skip
    """Run epochs and log each one, until the last, early stopping or a stop request."""
    epochs, size = values.get("epochs", 15), values.get("mini_batch_size", 1000)
    max_stale_epochs, tolerance = (
        values.get("early_stopping_patience", 3),
        values.get("early_stopping_tolerance", 0.001),
    )
    schedule = Schedule(values, -(-len(x["train"]) // size), epochs)
    name, power = losses.NAMES[loss]
    unit = scale.label_spread**power
    monitored = "validation" if "validation" in x else "train"
    best, stale_epochs = np.inf, 0
    step = -(-len(x["train"]) // MAX_EVALUATED_ROWS)
    for epoch in range(epochs):
        start_time = time.monotonic()
        batch.epoch(x["train"], y["train"], size, schedule, lambda: stop.requested)
        costs = {"train": batch.mean_costs(x["train"][::step], y["train"][::step])}
        if "validation" in x:
            costs["validation"] = batch.mean_costs(x["validation"], y["validation"])
        batch.keep_best(costs[monitored])
        best_model = int(np.argmin(costs[monitored]))
        if not np.isfinite(batch.best).any():
            raise AlgorithmFailure(
                "The loss is not a finite number after the first epoch: training has run off. "
                "Use a smaller learning_rate, or leave it at auto, and normalize_data at true."
            )
        for part, part_costs in costs.items():
            log.quality_metric(part, f"{name}_objective", float(part_costs[best_model]) * unit, epoch=epoch)
        loss_now = float(costs[monitored][best_model])
        log.info(
            f"#early_stopping_criteria_metric: host={log.HOST}, epoch={epoch}, criteria={name}_objective, "
            f"value={loss_now * unit!r}"
        )
        log.progress_metric(epoch + 1, epochs)
        log.throughput_metric(len(x["train"]), time.monotonic() - start_time)
        if stop.requested:
            log.info("Stop requested: keeping the best model so far.")
            return
        # Relative to the previous best, as AWS documents it. A loss of 0 cannot improve.
        if loss_now < best and (not np.isfinite(best) or (best - loss_now) / max(best, 1e-12) > tolerance):
            best, stale_epochs = loss_now, 0
            log.info(f"Epoch {epoch}: Loss improved. Updating best model")
        else:
            stale_epochs += 1
            if stale_epochs >= max_stale_epochs:
                log.info("Early stop condition met. Stopping training.")
                return


def _select_model(batch: ModelBatch, x: Rows, y: np.ndarray, loss: str, values: Mapping[str, Any]) -> tuple[int, float]:
    """Return (number of the best model, its threshold). The threshold is 0 except for a binary classifier."""
    if values["predictor_type"] != BINARY:
        return int(np.argmin(batch.best)), 0.0
    max_rows = values.get("num_calibration_samples", "auto")
    rows = slice(None) if max_rows == "auto" else slice(0, max_rows)
    candidates = []
    for model in np.flatnonzero(np.isfinite(batch.best)).tolist():
        cut, goodness = calibration.find_threshold(
            _score(batch.outputs(x[rows], model), loss), y[rows], values, 0.5 if loss == "logistic" else 0.0
        )
        candidates.append((-goodness, batch.best[model], model, cut))
    _, _, model, cut = min(candidates)
    return model, cut


def _log_metrics(
    part: str, outputs: np.ndarray, y: np.ndarray, loss: str, threshold: float, scale: scaling.Scaling,
    values: Mapping[str, Any],
) -> None:  # fmt: skip
    predictor = values["predictor_type"]
    if predictor == BINARY:
        figures = evaluation.binary(_score(outputs, loss), y, threshold, float(values.get("f_beta", 1.0)))
    elif predictor == MULTICLASS:
        figures = evaluation.multiclass(outputs, y.astype(np.int64), values)
    else:
        figures = evaluation.regression(outputs.astype(np.float64) * scale.label_spread + scale.label_mean, y)
    for name, value, kind in figures:
        log.quality_metric(part, name, value, kind)
        if part == "test":
            log.test_score(name, value)


def _score(outputs: np.ndarray, loss: str) -> np.ndarray:
    return losses.sigmoid(outputs) if loss == "logistic" else outputs


def _as_batch_outputs(outputs: np.ndarray, classes: int) -> np.ndarray:
    return outputs[:, None, :] if classes else outputs[:, None]


def _labels(rows: ChannelRows) -> np.ndarray:
    assert rows.labels is not None
    return rows.labels


def _targets(labels: np.ndarray, classes: int, scale: scaling.Scaling) -> np.ndarray:
    if classes:
        return labels.astype(np.int64)
    return ((labels[:, None] - scale.label_mean) / scale.label_spread).astype(np.float32)


def _check_labels(rows: ChannelRows, name: str, values: Mapping[str, Any]) -> None:
    y, predictor = _labels(rows), values["predictor_type"]
    if predictor == REGRESSOR:
        return
    max_label = 1 if predictor == BINARY else values["num_classes"] - 1
    bad = np.flatnonzero((y < 0) | (y > max_label) | (y != np.floor(y)))
    if len(bad):
        accepted = "0 or 1" if max_label == 1 else f"whole numbers from 0 to num_classes - 1, which is {max_label}"
        raise UserError(
            f"The labels of a {predictor} must be {accepted}. Row {bad[0] + 1} of channel {name} has the label "
            f"{y[bad[0]]:g}, and {len(bad) - 1} other rows are wrong too. The label is the first column."
        )
    if name == "train" and len(np.unique(y)) < 2:
        raise UserError(f"All labels of channel train are {y[0]:g}: there is nothing to tell apart.")


def _describe(batch: ModelBatch, model: int) -> str:
    settings = batch.settings
    return (
        f"learning_rate {settings.rate[model]:g}, wd {settings.wd[model]:g}, l1 {settings.l1[model]:g}, "
        f"positive_example_weight_mult {settings.positive[model]:g}"
    )


def _without_effect(values: Mapping[str, Any]) -> dict[str, str]:
    """Return {hyperparameter: reason} of those without effect in this job."""
    reasons = {}
    if values["predictor_type"] != REGRESSOR:
        for name in ("normalize_label", "unbias_label"):
            reasons[name] = "classes are no numbers to be shifted or scaled."
    if "_tuning_objective_metric" in values:
        reasons["num_models"] = "a tuning job trains one model at a time."
    return reasons
