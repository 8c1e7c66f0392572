"""Trains CatBoost as JumpStart's script does: same defaults, same choice of loss, same log lines."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.catboost import ALGORITHM
from algorithms.catboost.metrics import TASKS
from algorithms.catboost.pool import Columns, cb
from algorithms.contract import AlgorithmFailure, TrainingContext, UserError
from algorithms.jumpstart import channels, labels
from algorithms.jumpstart.info import Info, put, write
from algorithms.jumpstart.log import figure, say, warn
from algorithms.jumpstart.rows import Data, load
from algorithms.jumpstart.tasks import BINARY, MULTICLASS, REGRESSION
from algorithms.stop import Stop

MODEL = "model"
LOSSES = {REGRESSION: "RMSE", BINARY: "Logloss", MULTICLASS: "MultiClass"}
_USER_FAULTS = (
    "All train targets are equal", "Target contains only one unique value", "All features are either constant",
    "NaN values are not supported", "invalid float value",
)  # fmt: skip


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder.

    Raises UserError or AlgorithmFailure. On SIGTERM the current tree is finished and SystemExit(0) ends the process
    without a model: AWS's script does not keep one either.
    """
    with Stop() as stop:
        given = ALGORITHM.parse(ctx.hyperparameters)
        values = {h.name: h.default for h in ALGORITHM.hyperparameters} | given
        data = load(*channels.parts(ctx.channels), ALGORITHM.title, ctx.num_cpus)
        task = labels.decide(data.labels, TASKS, values["eval_metric"], ctx.image)
        if "scale_pos_weight" in given and task.name != BINARY:
            warn(f"scale_pos_weight is for two classes; in a {task.name} task it changes nothing.")
        params = catboost_params(values, task, ctx.num_cpus)
        say(f"Beginning training: {len(data.train.label)} rows, {data.train.features.shape[1]} columns, {task.name}")
        model = _boost(params, data, task, stop)
        if stop.wanted:
            raise SystemExit(0)
        _keep(model, data, task, ctx)


def catboost_params(values: Mapping[str, Any], task: labels.Task, threads: int) -> dict[str, Any]:
    """The hyperparameters as CatBoost wants them; what does not go with the task or the policy is left out."""
    params = dict(values)
    metric, policy = values["eval_metric"], values["grow_policy"]
    params |= {
        "loss_function": LOSSES[task.name],
        "eval_metric": TASKS.auto[task.name] if metric.lower() == "auto" else metric,
        "thread_count": threads if values["thread_count"] == -1 else values["thread_count"],
        "allow_writing_files": False,
    }
    unwanted = {
        "early_stopping_rounds": values["early_stopping_rounds"] <= 0,
        "scale_pos_weight": task.name != BINARY,
        "max_leaves": policy != "Lossguide",
        "min_data_in_leaf": policy == "SymmetricTree",
        "sampling_frequency": policy == "Lossguide",
        "boosting_type": values["boosting_type"] == "Auto",
        "max_bin": values["max_bin"] == "Auto",
    }
    params = {name: value for name, value in params.items() if not unwanted.get(name)}
    if task.name != REGRESSION:
        params["class_names"] = [int(c) for c in task.classes]
    return params


def _boost(params: dict[str, Any], data: Data, task: labels.Task, stop: Stop) -> Any:
    columns = Columns(data.train.features.shape[1], tuple(data.categories))
    pools = [columns.pool(rows.features, _labels(rows.label, task)) for rows in (data.train, data.held)]
    model = cb.CatBoost(params)
    stop.training = True
    try:
        model.fit(pools[0], eval_set=pools[1], callbacks=[_Stopping(stop)], log_cout=_Log(), log_cerr=_Log())
    except cb.CatBoostError as e:
        text = _plain(e)
        if any(fault in text for fault in _USER_FAULTS):
            raise UserError(text) from e
        raise AlgorithmFailure(f"CatBoost training failed: {text}") from e
    finally:
        stop.training = False
    if not stop.wanted:
        metric = params["eval_metric"]
        score = next((v for n, v in model.get_best_score()["validation"].items() if n.split(":")[0] == metric), None)
        if score is not None:
            say(f"{metric}: {figure(score)}")
    return model


def _labels(label: np.ndarray, task: labels.Task) -> np.ndarray:
    return label if task.name == REGRESSION else label.astype(np.int64)


def _keep(model: Any, data: Data, task: labels.Task, ctx: TrainingContext) -> None:
    ctx.model_dir.mkdir(parents=True, exist_ok=True)
    part = ctx.model_dir / f".{MODEL}.part"
    model.save_model(str(part), format="cbm")
    put(ctx.model_dir, MODEL, part.read_bytes())
    width = data.train.features.shape[1]
    write(Info(f"catboost {cb.__version__}", task.name, task.classes, width, tuple(data.categories)), ctx.model_dir)


def _plain(error: Exception) -> str:
    """CatBoost's message without the place in its source."""
    text = str(error).strip()
    place, colon, rest = text.partition(": ")
    return rest if colon and place.startswith(("catboost/", "library/", "util/")) else text


class _Log:
    """Takes CatBoost's log as it comes, in pieces, and prints it at once."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


class _Stopping:
    """Ends training after the tree during which a stop was asked for."""

    def __init__(self, stop: Stop):
        self.stop = stop

    def after_iteration(self, _: Any) -> bool:
        return not self.stop.wanted
