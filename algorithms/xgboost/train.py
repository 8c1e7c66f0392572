"""Trains XGBoost with the checks, texts, log and model file of AWS's container."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.contract import TrainingContext, UserError
from algorithms.fold_score import describe_folds
from algorithms.folds import wants_folds
from algorithms.formats.files import data_files
from algorithms.refit import describe_refit, wants_refit
from algorithms.several_hosts import check_options, shares_held_out_rows
from algorithms.stop_signal import StopSignal
from algorithms.xgboost import ALGORITHM
from algorithms.xgboost.boosting import MODEL, boost, translated_errors, xgboost_params
from algorithms.xgboost.callbacks import CheckpointCallback, load_checkpoint, write_model
from algorithms.xgboost.channel_data import TrainingRows, as_matrix, load_channels, plain_matrix
from algorithms.xgboost.channels import LIBSVM, container_path, training_format
from algorithms.xgboost.cluster import Cluster, join, warn_of_missing_data
from algorithms.xgboost.cross_validation import cross_validate
from algorithms.xgboost.folds import is_classification, is_judged_by_rows, score_folds
from algorithms.xgboost.log import info, warning

_DATA_CHANNELS: tuple[str, ...] = ("train", "validation")
FEW_CELLS = 1 << 15  # which one thread trains on sooner, into the same model: two wait for each other at every node
LIBSVM_AS_IS = "sagewright_libsvm_indices"  # a model attribute: requests use the indices unchanged


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder.

    Raises UserError or AlgorithmFailure with the container's text. On SIGTERM it finishes the current round, writes the
    model if save_model_on_termination is set, and raises SystemExit(0).
    """
    with StopSignal() as stop:
        info("Running XGBoost Sagemaker in algorithm mode")
        values = ALGORITHM.parse(ctx.hyperparameters)
        kind = training_format(ctx.channels)
        info("Determined 0 GPU(s) available on the instance.")
        _refuse_gpu(values)
        check_options(ctx, ALGORITHM, values)
        if "_kfold" in values:
            cross_validate(ctx, values, kind, stop)
        else:
            _train_once(ctx, values, kind, stop)


def _train_once(ctx: TrainingContext, values: Mapping[str, Any], kind: str, stop: StopSignal) -> None:
    wanted = [name for name in _DATA_CHANNELS if name in ctx.channels]
    rows = {name: _read(ctx, name, kind, values) for name in wanted if _has_rows(ctx, name)}
    if len(rows) == len(wanted):
        _compare_widths(rows)
    with join(ctx, len(rows) == len(wanted), stop) as cluster:
        _train_together(ctx, values, kind, stop, rows, cluster)


def _train_together(
    ctx: TrainingContext, values: Mapping[str, Any], kind: str, stop: StopSignal, rows: dict[str, TrainingRows],
    cluster: Cluster,
) -> None:  # fmt: skip
    params = xgboost_params(values, ctx.num_cpus)
    if math.prod(rows["train"].shape) <= FEW_CELLS:
        params["nthread"] = values.get("nthread", 1)
    info("Train matrix has {} rows and {} columns".format(*rows["train"].shape))
    if "validation" in rows:
        info("Validation matrix has {} rows".format(rows["validation"].shape[0]))
    matrices: dict[str, Any] = {}
    with translated_errors():
        for name in list(rows):
            matrices[name] = as_matrix(rows.pop(name), params, reference=matrices.get("train"))
    initial_model, rounds_done = load_checkpoint(ctx.checkpoint_dir)
    first, folder = cluster.is_first, ctx.checkpoint_dir
    checkpoints = CheckpointCallback(folder, rounds_done) if folder and first else None
    model = boost(params, values, matrices, stop, initial_model, rounds_done, checkpoints, is_first=first)
    if checkpoints and model.num_boosted_rounds() > rounds_done:
        checkpoints.save(model, model.num_boosted_rounds() - 1)
    saves_on_stop = values.get("save_model_on_termination") == "true"
    if wants_refit(ctx) and "validation" in ctx.channels and not stop.requested:
        train_rows = matrices["train"].num_row()
        del matrices
        if saves_on_stop and cluster.is_first:
            _write(model, kind, ctx)  # a stop while the rows are read once more ends the job at once
        model = _refit(ctx, params, values, kind, stop, model, cluster, train_rows)
    if stop.requested and not saves_on_stop:
        raise SystemExit(0)
    if cluster.is_first:
        _write(model, kind, ctx)
    if stop.requested:
        raise SystemExit(0)


def _write(model: Any, kind: str, ctx: TrainingContext) -> None:
    if kind == LIBSVM:
        model.set_attr(**{LIBSVM_AS_IS: "as-is"})
    write_model(model, ctx.model_dir / MODEL)


def _refit(
    ctx: TrainingContext, params: dict[str, Any], values: Mapping[str, Any], kind: str, stop: StopSignal, model: Any,
    cluster: Cluster, train_rows: int,
) -> Any:  # fmt: skip
    """Return a model of the rows of both channels; `model` after a stop request.

    It has as many rounds as `model`, or as folds choose.
    """
    rows = load_channels([ctx.channels[n] for n in _DATA_CHANNELS], kind, values.get("csv_weights") == 1, ctx.num_cpus)
    if shares_held_out_rows(ctx):
        own = np.arange(train_rows + cluster.rank, rows.shape[0], cluster.size)
        rows = rows.take(np.concatenate([np.arange(train_rows), own]))
    is_linear = params.get("booster") == "gblinear"  # it has no rounds to remove, and counts none
    rounds = values["num_round"] if is_linear else model.num_boosted_rounds()
    if is_judged_by_rows(params, values) and wants_folds(ctx, rows.label, is_classification(params)):
        with translated_errors():
            score = score_folds(params, values, plain_matrix(rows, params), stop)
        info(describe_folds(score, rows.shape[0]))
        rounds = score.rounds
    info(describe_refit(rows.shape[0], rounds, "rounds"))
    with translated_errors():
        matrix = as_matrix(rows, params)
    fitted = boost(params, {**values, "num_round": rounds}, {"train": matrix}, stop, is_logged=False)
    return model if stop.requested else fitted


def _has_rows(ctx: TrainingContext, name: str) -> bool:
    """False if other members may have this one's part of the channel. Reading it alone is an error then."""
    if len(ctx.hosts) == 1 or data_files(ctx.channels[name]):
        return True
    warn_of_missing_data(ctx, name)
    return False


def _read(ctx: TrainingContext, name: str, kind: str, values: Mapping[str, Any]) -> TrainingRows:
    info(f"File path {container_path(name)} of input files")
    return load_channels([ctx.channels[name]], kind, values.get("csv_weights") == 1, ctx.num_cpus)


def _compare_widths(rows: Mapping[str, TrainingRows]) -> None:
    if "validation" not in rows:
        return
    train, validation = rows["train"].shape[1], rows["validation"].shape[1]
    # A libsvm channel is as wide as its highest index, so it may have fewer columns.
    dense = rows["train"].matrix is None
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
        warning("Hyperparameter predictor: gpu_predictor is ignored, this instance has no GPU.")
