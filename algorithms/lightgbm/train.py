"""Trains LightGBM as JumpStart's script does: same defaults, same choice of objective, same log lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.contract import AlgorithmFailure, TrainingContext, UserError
from algorithms.jumpstart import channels, labels
from algorithms.jumpstart.info import Info, put, write
from algorithms.jumpstart.log import figure, say, warn
from algorithms.jumpstart.rows import Data, LabelledRows, load
from algorithms.jumpstart.tasks import BINARY, MULTICLASS, REGRESSION, distributed
from algorithms.lean import import_lightgbm
from algorithms.lightgbm import ALGORITHM
from algorithms.lightgbm.metrics import TASKS
from algorithms.stop import Stop

lgb = import_lightgbm()

MODEL = "model.txt"
OBJECTIVES = {REGRESSION: "regression", BINARY: "binary", MULTICLASS: "multiclass"}
_NOT_LIGHTGBM = ("num_boost_round", "early_stopping_rounds", "metric", "use_dask", "tree_learner", "num_threads")
_USER_FAULTS = ("Label must be", "Multiclass objective and metrics don't match", "does not tolerate", "Check failed")


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder.

    Raises UserError or AlgorithmFailure. On SIGTERM the current round is finished and SystemExit(0) ends the process
    without a model: AWS's script does not keep one either.
    """
    with Stop() as stop:
        given = ALGORITHM.parse(ctx.hyperparameters)
        for note in distributed(given):
            warn(note)
        values = {h.name: h.default for h in ALGORITHM.hyperparameters} | given
        data = load(*channels.parts(ctx.channels), ALGORITHM.title, ctx.num_cpus)
        task = _task(data, values, ctx.image)
        _note(given, task)
        params = lightgbm_params(values, task, ctx.num_cpus)
        say(f"Beginning training: {len(data.train.label)} rows, {data.train.features.shape[1]} columns, {task.name}")
        model = _boost(params, values, data, stop)
        if stop.wanted:
            raise SystemExit(0)
        _keep(model, data, task, ctx)


def lightgbm_params(values: Mapping[str, Any], task: labels.Task, threads: int) -> dict[str, Any]:
    """The hyperparameters as lightgbm.train wants them."""
    params = {name: value for name, value in values.items() if name not in _NOT_LIGHTGBM}
    metric = values["metric"]
    params |= {
        "objective": OBJECTIVES[task.name],
        "metric": TASKS.auto[task.name] if metric == "auto" else metric,
        "num_threads": values["num_threads"] or threads,
        "is_unbalance": values["is_unbalance"] == "True",
        # The same data and settings give the same model, on however many threads.
        "deterministic": True,
        "force_row_wise": True,
    }
    if task.name == MULTICLASS:
        params["num_class"] = len(task.classes)
    return params


def _task(data: Data, values: Mapping[str, Any], image: str) -> labels.Task:
    task = labels.decide(data.labels, TASKS, values["metric"], image)
    wrong = [c for c in task.classes if not 0 <= c < len(task.classes)]
    if wrong:
        # LightGBM takes the classes 1 and 2 both for positive and learns nothing, without a word.
        raise UserError(
            f"Label must be in [0, {len(task.classes)}), but found {wrong[0]:g} in label. LightGBM numbers its "
            f"{len(task.classes)} classes from 0: replace the labels by 0 to {len(task.classes) - 1}, "
            "or set metric to rmse for a regression."
        )
    return task


def _note(given: Mapping[str, Any], task: labels.Task) -> None:
    """Say which of the given settings mean nothing for this task."""
    if task.name != BINARY:
        for name in ("scale_pos_weight", "is_unbalance"):
            if name in given:
                warn(f"{name} is for two classes; in a {task.name} task it changes nothing.")
    if "tweedie_variance_power" in given:
        warn("tweedie_variance_power has no effect: the objective is chosen by the task, and it is never Tweedie.")


def _boost(params: dict[str, Any], values: Mapping[str, Any], data: Data, stop: Stop) -> Any:
    train = _dataset(data.train, params, data.categories)
    held = _dataset(data.held, params, data.categories, reference=train)
    rounds, patience = values["num_boost_round"], values["early_stopping_rounds"]
    log = _Rounds()
    callbacks: list[Any] = [log]
    if patience > 0 and params["boosting"] == "dart":
        warn("early_stopping_rounds has no effect with dart: later rounds change earlier trees.")
    elif patience > 0:
        callbacks.append(lgb.early_stopping(patience, verbose=False))
    callbacks.append(_Stopping(stop))
    stop.training = True
    try:
        model = lgb.train(
            params, train, num_boost_round=rounds, valid_sets=[held, train], valid_names=["val", "train"],
            callbacks=callbacks,
        )  # fmt: skip
    except lgb.basic.LightGBMError as e:
        if any(fault in str(e) for fault in _USER_FAULTS):
            raise UserError(str(e).strip()) from e
        raise AlgorithmFailure(f"LightGBM training failed: {str(e).strip()}") from e
    finally:
        stop.training = False
    if 0 < model.best_iteration < len(log.lines):
        # Last, so that the figures a job ends with are those of the model that is kept.
        why = "Early stopping, best" if len(log.lines) < rounds else "Did not meet early stopping. Best"
        say(f"{why} iteration is: {log.lines[model.best_iteration - 1]}")
    return model


def _dataset(rows: LabelledRows, params: dict[str, Any], categories: list[int], reference: Any = None) -> Any:
    names = [f"feature_{i}" for i in range(rows.features.shape[1])]
    return lgb.Dataset(
        rows.features, rows.label, params=params, reference=reference, feature_name=names,
        categorical_feature=categories,
    )  # fmt: skip


def _keep(model: Any, data: Data, task: labels.Task, ctx: TrainingContext) -> None:
    best = model.best_iteration if model.best_iteration > 0 else None
    text = model.model_to_string(num_iteration=best)
    put(ctx.model_dir, MODEL, text.encode())
    width = data.train.features.shape[1]
    write(Info(f"lightgbm {lgb.__version__}", task.name, task.classes, width, tuple(data.categories)), ctx.model_dir)


class _Rounds:
    """Prints `[12]\\tval's auc: 0.9\\ttrain's auc: 0.95` after each round.

    LightGBM itself writes the training rows first. AWS's patterns take the first figure in a line, so the held-out rows
    come first here: they are what a model is judged by.
    """

    order, before_iteration = 10, False

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, env: Any) -> None:
        found = sorted(env.evaluation_result_list, key=lambda result: result[0] != "val")
        figures = "".join(f"\t{part}'s {name}: {figure(float(value))}" for part, name, value, *_ in found)
        self.lines.append(f"[{env.iteration + 1}]{figures}")
        print(self.lines[-1], flush=True)


class _Stopping:
    """Ends training after the round in which a stop was asked for."""

    order, before_iteration = 40, False

    def __init__(self, stop: Stop):
        self.stop = stop

    def __call__(self, env: Any) -> None:
        if self.stop.wanted:
            raise lgb.callback.EarlyStopException(env.iteration, env.evaluation_result_list)
