"""Trains XGBoost as AWS's container does: same checks, same words, same log, same model file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algorithms.contract import TrainingContext, UserError
from algorithms.stop import Stop
from algorithms.xgboost import ALGORITHM
from algorithms.xgboost.boosting import MODEL, boost, faults, xgboost_params
from algorithms.xgboost.channels import LIBSVM, checked_kind, where
from algorithms.xgboost.data import TrainingRows, as_matrix, load
from algorithms.xgboost.folds import cross_validate
from algorithms.xgboost.log import say, warn
from algorithms.xgboost.rounds import Checkpoints, resume, write_model

_LEARNED_FROM: tuple[str, ...] = ("train", "validation")
LIBSVM_AS_IS = "sagewright_libsvm_indices"  # an attribute of the model: the indices of a request mean what they say


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder.

    Raises UserError or AlgorithmFailure with the container's text. On SIGTERM the current round is finished, the model
    is kept if save_model_on_termination says so, and SystemExit(0) ends the process.
    """
    with Stop() as stop:
        say("Running XGBoost Sagemaker in algorithm mode")
        values = ALGORITHM.parse(ctx.hyperparameters)
        kind = checked_kind(ctx.channels)
        say("Determined 0 GPU(s) available on the instance.")
        _refuse_gpu(values)
        if "_kfold" in values:
            cross_validate(ctx, values, kind, stop)
        else:
            _train_once(ctx, values, kind, stop)


def _train_once(ctx: TrainingContext, values: Mapping[str, Any], kind: str, stop: Stop) -> None:
    params = xgboost_params(values, ctx.num_cpus)
    rows: dict[str, TrainingRows] = {
        name: _read(ctx, name, kind, values) for name in _LEARNED_FROM if name in ctx.channels
    }
    _compare_widths(rows)
    say("Single node training.")
    say("Train matrix has {} rows and {} columns".format(*rows["train"].shape))
    if "validation" in rows:
        say("Validation matrix has {} rows".format(rows["validation"].shape[0]))
    matrices: dict[str, Any] = {}
    with faults():
        for name in list(rows):
            matrices[name] = as_matrix(rows.pop(name), params, like=matrices.get("train"))
    begun, done = resume(ctx.checkpoint_dir)
    saver = Checkpoints(ctx.checkpoint_dir, done) if ctx.checkpoint_dir else None
    model = boost(params, values, matrices, stop, begun, done, saver)
    if saver and model.num_boosted_rounds() > done:
        saver.save(model, model.num_boosted_rounds() - 1)
    if kind == LIBSVM:
        model.set_attr(**{LIBSVM_AS_IS: "as-is"})
    if stop.wanted and values.get("save_model_on_termination") != "true":
        raise SystemExit(0)
    write_model(model, ctx.model_dir / MODEL)
    if stop.wanted:
        raise SystemExit(0)


def _read(ctx: TrainingContext, name: str, kind: str, values: Mapping[str, Any]) -> TrainingRows:
    say(f"File path {where(name)} of input files")
    return load([ctx.channels[name]], kind, values.get("csv_weights") == 1, ctx.num_cpus)


def _compare_widths(rows: Mapping[str, TrainingRows]) -> None:
    if "validation" not in rows:
        return
    train, validation = rows["train"].shape[1], rows["validation"].shape[1]
    dense = rows["train"].matrix is None  # in libsvm a channel is as wide as its highest index, so fewer is normal
    if validation > train or (dense and validation != train):
        raise UserError(
            f"feature_names mismatch: the train channel has {train} columns of features, "
            f"the validation channel {validation}."
        )


def _refuse_gpu(values: Mapping[str, Any]) -> None:
    if values.get("use_dask_gpu_training") == "true":
        raise UserError(
            "Some configurations unsuitable for Dask GPU training were found: Dask training is only available for "
            "'hist' (or 'gpu_hist') training on GPU instances."
        )
    if values.get("tree_method") == "gpu_hist":
        raise UserError(
            "Hyperparameter tree_method: gpu_hist needs a GPU, and this instance has none. "
            "Use hist, which grows the same kind of trees, or leave tree_method out."
        )
    if values.get("predictor") == "gpu_predictor":
        warn("Hyperparameter predictor: gpu_predictor is ignored, this instance has no GPU.")
