"""Trains CatBoost as JumpStart's script does: with its defaults, its choice of loss and its log lines."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.catboost import ALGORITHM
from algorithms.catboost.folds import score_folds
from algorithms.catboost.metrics import TASKS
from algorithms.catboost.pool import Columns, cb
from algorithms.contract import AlgorithmFailure, TrainingContext, UserError
from algorithms.fold_score import describe_folds
from algorithms.folds import wants_folds
from algorithms.jumpstart import channels, labels
from algorithms.jumpstart.channel_data import TrainingData, load_data
from algorithms.jumpstart.log import format_figure, info, warning
from algorithms.jumpstart.model_info import ModelInfo, write, write_file
from algorithms.jumpstart.tasks import BINARY, MULTICLASS, REGRESSION
from algorithms.refit import describe_refit, wants_refit
from algorithms.stop_signal import StopSignal

MODEL = "model"
ORDER = "AUC"
LOSSES = {REGRESSION: "RMSE", BINARY: "Logloss", MULTICLASS: "MultiClass"}
_USER_FAULTS = (
    "All train targets are equal", "Target contains only one unique value", "All features are either constant",
    "NaN values are not supported", "invalid float value",
)  # fmt: skip


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder.

    Raises UserError or AlgorithmFailure. On SIGTERM it finishes the current tree and raises SystemExit(0) without a
    model, as AWS's script does.
    """
    with StopSignal() as stop:
        hyperparameters = ALGORITHM.parse(ctx.hyperparameters)
        values = {h.name: h.default for h in ALGORITHM.hyperparameters} | hyperparameters
        data = load_data(*channels.parts(ctx.channels), ALGORITHM.title, ctx.num_cpus)
        task = labels.infer_task(data.labels, TASKS, values["eval_metric"], ctx.image)
        if "scale_pos_weight" in hyperparameters and task.name != BINARY:
            warning(f"scale_pos_weight is for two classes; in a {task.name} task it changes nothing.")
        params = catboost_params(values, task, ctx.num_cpus)
        info(f"Beginning training: {len(data.train.label)} rows, {data.train.features.shape[1]} columns, {task.name}")
        model = _fit(params, data, task, stop)
        if wants_refit(ctx) and not stop.requested:
            model = _refit(params, data, task, model, ctx, stop)
        if stop.requested:
            raise SystemExit(0)
        _save_model(model, data, task, ctx)


def catboost_params(values: Mapping[str, Any], task: labels.Task, threads: int) -> dict[str, Any]:
    """Return the parameters of CatBoost. Leaves out those that do not suit the task or the grow policy."""
    params = dict(values)
    metric, policy = values["eval_metric"], values["grow_policy"]
    params |= {
        "loss_function": LOSSES[task.name],
        "eval_metric": TASKS.auto[task.name] if metric.lower() == "auto" else metric,
        "thread_count": threads if values["thread_count"] == -1 else values["thread_count"],
        "allow_writing_files": False,
    }
    excluded = {
        "_tuning_objective_metric": True,
        "early_stopping_rounds": values["early_stopping_rounds"] <= 0,
        "scale_pos_weight": task.name != BINARY,
        "max_leaves": policy != "Lossguide",
        "min_data_in_leaf": policy == "SymmetricTree",
        "sampling_frequency": policy == "Lossguide",
        "boosting_type": values["boosting_type"] == "Auto",
        "max_bin": values["max_bin"] == "Auto",
    }
    params = {name: value for name, value in params.items() if not excluded.get(name)}
    if task.name != REGRESSION:
        params["class_names"] = [int(c) for c in task.classes]
    return params


def _fit(params: dict[str, Any], data: TrainingData, task: labels.Task, stop: StopSignal) -> Any:
    columns = Columns(data.train.features.shape[1], tuple(data.categories))
    pools = [columns.pool(rows.features, _labels(rows.label, task)) for rows in (data.train, data.held_out)]
    model = cb.CatBoost(params)
    stop.training = True
    try:
        model.fit(pools[0], eval_set=pools[1], callbacks=[_StopCallback(stop)], log_cout=_Log(), log_cerr=_Log())
    except cb.CatBoostError as e:
        text = _message(e)
        if any(fault in text for fault in _USER_FAULTS):
            raise UserError(text) from e
        raise AlgorithmFailure(f"CatBoost training failed: {text}") from e
    finally:
        stop.training = False
    if not stop.requested:
        metric = params["eval_metric"]
        score = next((v for n, v in model.get_best_score()["validation"].items() if n.split(":")[0] == metric), None)
        if score is not None:
            info(f"{metric}: {format_figure(score)}")
        if task.name == BINARY and metric != ORDER:  # for people: a log loss alone does not say how good a model is
            # Not `model.eval_metrics`, which writes files into the folder that the process stands in.
            (order,) = cb.utils.eval_metric(pools[1].get_label(), model.predict(pools[1]), ORDER)
            info(f"{ORDER}: {format_figure(order)}")
    return model


def _refit(
    params: dict[str, Any], data: TrainingData, task: labels.Task, model: Any, ctx: TrainingContext, stop: StopSignal
) -> Any:
    """Return a model of all rows, with as many trees as `model` has, or as folds choose."""
    rows, trees, is_classification = data.all_rows, max(1, model.tree_count_), task.name != REGRESSION
    pool = Columns(rows.features.shape[1], tuple(data.categories)).pool(rows.features, _labels(rows.label, task))
    if "early_stopping_rounds" in params and wants_folds(ctx, rows.label, is_classification):
        score = score_folds(params, pool, is_classification)
        info(describe_folds(score, len(rows.label)))
        trees = score.rounds
    info(describe_refit(len(rows.label), trees, "trees"))
    once = {n: v for n, v in params.items() if n not in ("early_stopping_rounds", "eval_metric")}
    fitted = cb.CatBoost(once | {"iterations": trees, "verbose": False})
    stop.training = True
    try:
        fitted.fit(pool, callbacks=[_StopCallback(stop)])
    finally:
        stop.training = False
    return fitted


def _labels(label: np.ndarray, task: labels.Task) -> np.ndarray:
    return label if task.name == REGRESSION else label.astype(np.int64)


def _save_model(model: Any, data: TrainingData, task: labels.Task, ctx: TrainingContext) -> None:
    ctx.model_dir.mkdir(parents=True, exist_ok=True)
    part = ctx.model_dir / f".{MODEL}.part"
    model.save_model(str(part), format="cbm")
    write_file(ctx.model_dir, MODEL, part.read_bytes())
    width = data.train.features.shape[1]
    write(
        ModelInfo(f"catboost {cb.__version__}", task.name, task.classes, width, tuple(data.categories)), ctx.model_dir
    )


def _message(error: Exception) -> str:
    """Return CatBoost's message without the location in its source."""
    text = str(error).strip()
    location, colon, rest = text.partition(": ")
    return rest if colon and location.startswith(("catboost/", "library/", "util/")) else text


class _Log:
    """A stream for CatBoost's log that prints each piece at once."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


class _StopCallback:
    """Ends training after the current tree when a stop is requested."""

    def __init__(self, stop: StopSignal):
        self.stop = stop

    def after_iteration(self, _: Any) -> bool:
        return not self.stop.requested
