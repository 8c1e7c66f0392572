"""Trains LightGBM as JumpStart's script does: with its defaults, its choice of objective and its log lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from algorithms.contract import AlgorithmFailure, TrainingContext, UserError
from algorithms.fold_score import describe_folds
from algorithms.folds import wants_folds
from algorithms.jumpstart import channels, labels
from algorithms.jumpstart.channel_data import LabelledRows, TrainingData, load_data
from algorithms.jumpstart.log import format_figure, info, warning
from algorithms.jumpstart.model_info import ModelInfo, write, write_file
from algorithms.jumpstart.tasks import BINARY, MULTICLASS, REGRESSION, distribution_warnings
from algorithms.library_imports import import_lightgbm
from algorithms.lightgbm import ALGORITHM
from algorithms.lightgbm.cluster import Cluster, MeanOfMembers, join
from algorithms.lightgbm.folds import score_folds
from algorithms.lightgbm.metrics import TASKS
from algorithms.refit import describe_refit, wants_refit
from algorithms.several_hosts import check_options, shares_held_out_rows
from algorithms.stop_signal import StopSignal

lgb = import_lightgbm()

MODEL = "model.txt"
OBJECTIVES = {REGRESSION: "regression", BINARY: "binary", MULTICLASS: "multiclass"}
_NOT_LIGHTGBM = (
    "_tuning_objective_metric", "num_boost_round", "early_stopping_rounds", "metric", "use_dask", "tree_learner",
    "num_threads",
)  # fmt: skip
_USER_FAULTS = ("Label must be", "Multiclass objective and metrics don't match", "does not tolerate", "Check failed")


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder.

    Raises UserError or AlgorithmFailure. On SIGTERM it finishes the current round and raises SystemExit(0) without a
    model, as AWS's script does.
    """
    with StopSignal() as stop:
        hyperparameters = ALGORITHM.parse(ctx.hyperparameters)
        for message in distribution_warnings(hyperparameters, len(ctx.hosts)):
            warning(message)
        values = {h.name: h.default for h in ALGORITHM.hyperparameters} | hyperparameters
        check_options(ctx, ALGORITHM, values)
        data = load_data(*channels.parts(ctx.channels), ALGORITHM.title, ctx.num_cpus)
        with join(ctx, stop) as cluster:
            _train_together(ctx, hyperparameters, values, data, stop, cluster)


def _train_together(
    ctx: TrainingContext, hyperparameters: Mapping[str, Any], values: Mapping[str, Any], data: TrainingData,
    stop: StopSignal, cluster: Cluster,
) -> None:  # fmt: skip
    task = _task(cluster.agree(data), values, ctx.image)
    _warn_unused(hyperparameters, task)
    params = lightgbm_params(values, task, ctx.num_cpus) | cluster.network(values["tree_learner"])
    info(f"Beginning training: {len(data.train.label)} rows, {data.train.features.shape[1]} columns, {task.name}")
    model = _fit(params, values, data, stop, cluster)
    if wants_refit(ctx) and not stop.requested:
        model.free_network()
        model = _refit(params, values, data, task, model, ctx, stop, cluster)
    if stop.requested:
        raise SystemExit(0)
    if cluster.is_first:
        _save_model(model, data, task, ctx)


def lightgbm_params(values: Mapping[str, Any], task: labels.Task, threads: int) -> dict[str, Any]:
    """Return the parameters of lightgbm.train."""
    params = {name: value for name, value in values.items() if name not in _NOT_LIGHTGBM}
    metric = values["metric"]
    params |= {
        "objective": OBJECTIVES[task.name],
        "metric": TASKS.auto[task.name] if metric == "auto" else metric,
        "num_threads": values["num_threads"] or threads,
        "is_unbalance": values["is_unbalance"] == "True",
        # The same data and settings give the same model with any number of threads.
        "deterministic": True,
        "force_row_wise": True,
    }
    if task.name == MULTICLASS:
        params["num_class"] = len(task.classes)
    return params


def _task(label: np.ndarray, values: Mapping[str, Any], image: str) -> labels.Task:
    task = labels.infer_task(label, TASKS, values["metric"], image)
    wrong = [c for c in task.classes if not 0 <= c < len(task.classes)]
    if wrong:
        # LightGBM silently treats the classes 1 and 2 both as positive and learns nothing.
        raise UserError(
            f"Label must be in [0, {len(task.classes)}), but found {wrong[0]:g} in label. LightGBM numbers its "
            f"{len(task.classes)} classes from 0: replace the labels by 0 to {len(task.classes) - 1}, "
            "or set metric to rmse for a regression."
        )
    return task


def _warn_unused(hyperparameters: Mapping[str, Any], task: labels.Task) -> None:
    """Log a warning for each hyperparameter without effect on this task."""
    if task.name != BINARY:
        for name in ("scale_pos_weight", "is_unbalance"):
            if name in hyperparameters:
                warning(f"{name} is for two classes; in a {task.name} task it changes nothing.")
    if "tweedie_variance_power" in hyperparameters:
        warning("tweedie_variance_power has no effect: the objective is chosen by the task, and it is never Tweedie.")


def _fit(
    params: dict[str, Any], values: Mapping[str, Any], data: TrainingData, stop: StopSignal, cluster: Cluster
) -> Any:
    train = _dataset(data.train, params, data.categories)
    held_out = _dataset(data.held_out, params, data.categories, reference=train)
    rounds, stopping_rounds = values["num_boost_round"], values["early_stopping_rounds"]
    log = _RoundLogger(cluster.is_first)
    judged = {"val": len(data.held_out.label), "train": len(data.train.label)}
    callbacks: list[Any] = [MeanOfMembers(cluster, judged), log]
    if stopping_rounds > 0 and params["boosting"] == "dart":
        warning("early_stopping_rounds has no effect with dart: later rounds change earlier trees.")
    elif stopping_rounds > 0:
        callbacks.append(lgb.early_stopping(stopping_rounds, verbose=False))
    callbacks.append(_StopCallback(stop))
    was, stop.training = stop.training, True
    try:
        model = lgb.train(
            params, train, num_boost_round=rounds, valid_sets=[held_out, train], valid_names=["val", "train"],
            callbacks=callbacks,
        )  # fmt: skip
    except lgb.basic.LightGBMError as e:
        if any(fault in str(e) for fault in _USER_FAULTS):
            raise UserError(str(e).strip()) from e
        raise AlgorithmFailure(f"LightGBM training failed: {str(e).strip()}") from e
    finally:
        stop.training = was
    if 0 < model.best_iteration < len(log.lines) and cluster.is_first:
        # Logged last, so that a job's final metrics are those of the saved model.
        prefix = "Early stopping, best" if len(log.lines) < rounds else "Did not meet early stopping. Best"
        info(f"{prefix} iteration is: {log.lines[model.best_iteration - 1]}")
    return model


def _refit(
    params: dict[str, Any], values: Mapping[str, Any], data: TrainingData, task: labels.Task, model: Any,
    ctx: TrainingContext, stop: StopSignal, cluster: Cluster,
) -> Any:  # fmt: skip
    """Return a model of all rows, with as many rounds as `model` is stored with, or as folds choose."""
    rounds = model.best_iteration if model.best_iteration > 0 else model.current_iteration()
    if shares_held_out_rows(ctx):
        own = np.arange(len(data.held_out.label)) % cluster.size == cluster.rank
        data = replace(data, held_out=data.held_out.take(own))
    params = params | cluster.network(values["tree_learner"], before=1)
    rows, is_classification = data.all_rows, task.name != REGRESSION
    train = _dataset(rows, params, data.categories)
    was, stop.training = stop.training, True
    try:
        if model.best_iteration > 0 and wants_folds(ctx, rows.label, is_classification):
            most, stopping_rounds = values["num_boost_round"], values["early_stopping_rounds"]
            score = score_folds(
                params, train, rows.label, is_classification, most, stopping_rounds, _StopCallback(stop)
            )
            info(describe_folds(score, len(rows.label)))
            rounds, train = score.rounds, _dataset(rows, params, data.categories)
        info(describe_refit(len(rows.label), rounds, "rounds"))
        return lgb.train(params, train, num_boost_round=rounds, callbacks=[_StopCallback(stop)])
    finally:
        stop.training = was


def _dataset(rows: LabelledRows, params: dict[str, Any], categories: list[int], reference: Any = None) -> Any:
    names = [f"feature_{i}" for i in range(rows.features.shape[1])]
    return lgb.Dataset(
        rows.features, rows.label, params=params, reference=reference, feature_name=names,
        categorical_feature=categories,
    )  # fmt: skip


def _save_model(model: Any, data: TrainingData, task: labels.Task, ctx: TrainingContext) -> None:
    best = model.best_iteration if model.best_iteration > 0 else None
    text = model.model_to_string(num_iteration=best)
    write_file(ctx.model_dir, MODEL, text.encode())
    width = data.train.features.shape[1]
    write(
        ModelInfo(f"lightgbm {lgb.__version__}", task.name, task.classes, width, tuple(data.categories)), ctx.model_dir
    )


class _RoundLogger:
    r"""Prints `[12]\tval's auc: 0.9\ttrain's auc: 0.95` after each round.

    LightGBM itself logs the training rows first. AWS's patterns match the first value in a line, so the held-out rows
    come first here.
    """

    order, before_iteration = 10, False

    def __init__(self, prints: bool = True) -> None:
        self.lines: list[str] = []
        self._prints = prints

    def __call__(self, env: Any) -> None:
        results = sorted(env.evaluation_result_list, key=lambda result: result[0] != "val")
        figures = "".join(f"\t{part}'s {name}: {format_figure(float(value))}" for part, name, value, *_ in results)
        self.lines.append(f"[{env.iteration + 1}]{figures}")
        if self._prints:
            print(self.lines[-1], flush=True)


class _StopCallback:
    """Ends training after the current round when a stop is requested."""

    order, before_iteration = 40, False

    def __init__(self, stop: StopSignal):
        self.stop = stop

    def __call__(self, env: Any) -> None:
        if self.stop.check():
            raise lgb.callback.EarlyStopException(env.iteration, env.evaluation_result_list)
