"""Trains Linear Learner: many linear models side by side, the best of them kept."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.amazon import artifact, log
from algorithms.amazon.data import ChannelRows, check_channels, check_width, load
from algorithms.amazon.error_messages import NO_DATA
from algorithms.contract import AlgorithmFailure, TrainingContext, UserError
from algorithms.linear_learner import ALGORITHM, calibration, losses, scaling, scores
from algorithms.linear_learner.descent import Schedule
from algorithms.linear_learner.hyperparameters import BINARY, MULTICLASS, REGRESSOR
from algorithms.linear_learner.model_batch import SEED, ModelBatch
from algorithms.linear_learner.settle import models_of
from algorithms.stop import Stop

CHANNELS = ("train", "validation", "test")
JUDGED = 50_000  # training rows that are looked at after an epoch
_BY_LOSS = {MULTICLASS: "softmax_loss", BINARY: "logistic", REGRESSOR: "squared_loss"}


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder.

    Raises UserError or AlgorithmFailure. On SIGTERM the best models so far are compared, one is written, and
    SystemExit(0) ends the process.
    """
    with Stop() as stop:
        values = ALGORITHM.parse(ctx.hyperparameters)
        log.configuration(ALGORITHM, values, _without_effect(values))
        check_channels(ctx, ALGORITHM)
        dim = values.get("feature_dim", "auto")
        wanted = None if dim == "auto" else dim
        rows: dict[str, ChannelRows] = {}
        for name in CHANNELS:
            if name in ctx.channels:
                known = wanted or (rows["train"].width if rows else 0)
                rows[name] = load(ctx, name, ALGORITHM, float32_only=True, at_least=known)
                check_width(rows[name], name, wanted, rows["train"])
                _check_labels(rows[name], name, values)
        if values.get("mini_batch_size", 1000) > len(rows["train"]):
            raise UserError(NO_DATA)
        stop.training = True
        _train(ctx, values, rows, stop)
        if stop.wanted:
            raise SystemExit(0)


def _train(ctx: TrainingContext, values: Mapping[str, Any], rows: dict[str, ChannelRows], stop: Stop) -> None:
    predictor = values["predictor_type"]
    loss = values.get("loss", "auto")
    loss = _BY_LOSS[predictor] if loss == "auto" else loss
    classes = values["num_classes"] if predictor == MULTICLASS else 0
    raw = {name: _labels(part) for name, part in rows.items()}
    rng = np.random.default_rng(SEED)
    scale = scaling.learned(rows["train"].features, raw["train"], values, predictor == REGRESSOR, rng)
    x = {name: scale.apply(part.features) for name, part in rows.items()}
    y = {name: _targets(labels, classes, scale) for name, labels in raw.items()}
    models = models_of(values, x["train"].shape[1], max(classes, 1))
    batch = ModelBatch(models, classes, x["train"].shape[1], loss, y["train"], values)
    _epochs(batch, x, y, loss, scale, values, stop)

    judging = "validation" if "validation" in x else "train"
    model, threshold = _chosen(batch, x[judging], raw[judging], loss, values)
    log.say(f"Of {models} models, number {model} is kept: {_described(batch, model)}.")
    name, power = losses.NAMES[loss]
    for part in CHANNELS:
        if part in x:
            cost = batch.costs(_shaped(batch.outputs(x[part], model), classes), y[part])[0].mean(dtype=np.float64)
            log.quality(part, f"{name}_objective", float(cost) * scale.label_spread**power)
            _tell(part, batch.outputs(x[part], model), raw[part], loss, threshold, scale, values)
    weights, bias = scale.folded(*batch.parts(model))
    meta = {"predictor_type": predictor, "loss": loss, "threshold": threshold, "classes": classes}
    artifact.save(ctx.model_dir, ALGORITHM.name, meta, {"weights": weights, "bias": bias})


def _epochs(
    batch: ModelBatch, x: Mapping[str, np.ndarray], y: Mapping[str, np.ndarray], loss: str, scale: scaling.Scaling,
    values: Mapping[str, Any], stop: Stop,
) -> None:  # fmt: skip
    """Epoch by epoch with a log line each, until there are enough, or no better ones, or the job is stopped."""
    epochs, size = values.get("epochs", 15), values.get("mini_batch_size", 1000)
    patience, tolerance = values.get("early_stopping_patience", 3), values.get("early_stopping_tolerance", 0.001)
    schedule = Schedule(values, -(-len(x["train"]) // size), epochs)
    name, power = losses.NAMES[loss]
    unit = scale.label_spread**power
    watched = "validation" if "validation" in x else "train"
    best, since = np.inf, 0
    step = -(-len(x["train"]) // JUDGED)
    for epoch in range(epochs):
        began = time.monotonic()
        batch.epoch(x["train"], y["train"], size, schedule, lambda: stop.wanted)
        judged = {"train": batch.judge(x["train"][::step], y["train"][::step])}
        if "validation" in x:
            judged["validation"] = batch.judge(x["validation"], y["validation"])
        batch.remember(judged[watched])
        leader = int(np.argmin(judged[watched]))
        if not np.isfinite(batch.best).any():
            raise AlgorithmFailure(
                "The loss is not a finite number after the first epoch: training has run off. "
                "Use a smaller learning_rate, or leave it at auto, and normalize_data at true."
            )
        for part, costs in judged.items():
            log.quality(part, f"{name}_objective", float(costs[leader]) * unit, epoch=epoch)
        now = float(judged[watched][leader])
        log.say(
            f"#early_stopping_criteria_metric: host={log.HOST}, epoch={epoch}, criteria={name}_objective, "
            f"value={now * unit!r}"
        )
        log.progress(epoch + 1, epochs)
        log.throughput(len(x["train"]), time.monotonic() - began)
        if stop.wanted:
            log.say("Stop requested: keeping the best model so far.")
            return
        # Relative to the best before, as AWS words it; a loss of 0 cannot improve.
        if now < best and (not np.isfinite(best) or (best - now) / max(best, 1e-12) > tolerance):
            best, since = now, 0
            log.say(f"Epoch {epoch}: Loss improved. Updating best model")
        else:
            since += 1
            if since >= patience:
                log.say("Early stop condition met. Stopping training.")
                return


def _chosen(batch: ModelBatch, x: np.ndarray, y: np.ndarray, loss: str, values: Mapping[str, Any]) -> tuple[int, float]:
    """(number of the best model, its threshold); the threshold is 0 where there is none."""
    if values["predictor_type"] != BINARY:
        return int(np.argmin(batch.best)), 0.0
    most = values.get("num_calibration_samples", "auto")
    rows = slice(None) if most == "auto" else slice(0, most)
    found = []
    for model in np.flatnonzero(np.isfinite(batch.best)).tolist():
        cut, goodness = calibration.threshold(
            _score(batch.outputs(x[rows], model), loss), y[rows], values, 0.5 if loss == "logistic" else 0.0
        )
        found.append((-goodness, batch.best[model], model, cut))
    _, _, model, cut = min(found)
    return model, cut


def _tell(
    part: str, outputs: np.ndarray, y: np.ndarray, loss: str, threshold: float, scale: scaling.Scaling,
    values: Mapping[str, Any],
) -> None:  # fmt: skip
    predictor = values["predictor_type"]
    if predictor == BINARY:
        figures = scores.binary(_score(outputs, loss), y, threshold, float(values.get("f_beta", 1.0)))
    elif predictor == MULTICLASS:
        figures = scores.multiclass(outputs, y.astype(np.int64), values)
    else:
        figures = scores.regression(outputs.astype(np.float64) * scale.label_spread + scale.label_mean, y)
    for name, value, kind in figures:
        log.quality(part, name, value, kind)
        if part == "test":
            log.test_score(name, value)


def _score(outputs: np.ndarray, loss: str) -> np.ndarray:
    return losses.sigmoid(outputs) if loss == "logistic" else outputs


def _shaped(outputs: np.ndarray, classes: int) -> np.ndarray:
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
    most = 1 if predictor == BINARY else values["num_classes"] - 1
    bad = np.flatnonzero((y < 0) | (y > most) | (y != np.floor(y)))
    if len(bad):
        accepted = "0 or 1" if most == 1 else f"whole numbers from 0 to num_classes - 1, which is {most}"
        raise UserError(
            f"The labels of a {predictor} must be {accepted}. Row {bad[0] + 1} of channel {name} has the label "
            f"{y[bad[0]]:g}, and {len(bad) - 1} other rows are wrong too. The label is the first column."
        )
    if name == "train" and len(np.unique(y)) < 2:
        raise UserError(f"All labels of channel train are {y[0]:g}: there is nothing to tell apart.")


def _described(batch: ModelBatch, model: int) -> str:
    settings = batch.settings
    return (
        f"learning_rate {settings.rate[model]:g}, wd {settings.wd[model]:g}, l1 {settings.l1[model]:g}, "
        f"positive_example_weight_mult {settings.positive[model]:g}"
    )


def _without_effect(values: Mapping[str, Any]) -> dict[str, str]:
    """Given settings that change nothing in this job, and why."""
    found = {}
    if values["predictor_type"] != REGRESSOR:
        for name in ("normalize_label", "unbias_label"):
            found[name] = "classes are no numbers to be shifted or scaled."
    if "_tuning_objective_metric" in values:
        found["num_models"] = "a tuning job trains one model at a time."
    return found
