"""Cross-validation (`_kfold`, `_num_cv_round`): a model per fold, evaluated on the held-out rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from algorithms.contract import TrainingContext, UserError
from algorithms.stop_signal import StopSignal
from algorithms.xgboost.boosting import MODEL, boost, translated_errors, xgboost_params
from algorithms.xgboost.callbacks import write_model
from algorithms.xgboost.channel_data import load_channels, plain_matrix
from algorithms.xgboost.custom_metrics import as_classes
from algorithms.xgboost.log import info


def cross_validate(ctx: TrainingContext, values: Mapping[str, Any], kind: str, stop: StopSignal) -> None:
    """Write `xgboost-model-0`, `-1`, ... and output/data/predictions.csv (label, [probability,] prediction per row).

    The train and validation rows are joined first, as in the container. Unlike the container, which logs its validation
    channel in each fold, this logs the metrics of the held-out fold, and `seed` determines the folds.
    """
    folds, repeats = values["_kfold"], values.get("_num_cv_round", 1)
    params = xgboost_params(values, ctx.num_cpus)
    channels = [ctx.channels[name] for name in ("train", "validation") if name in ctx.channels]
    rows = load_channels(channels, kind, values.get("csv_weights") == 1, ctx.num_cpus)
    with translated_errors():
        matrix = plain_matrix(rows, params)
    total = matrix.num_row()
    if folds > total:
        raise UserError(f"Hyperparameter _kfold: cannot cut {total} rows into {folds} folds.")
    info(f"Run {repeats}-round of {folds}-fold cross validation with {total} rows")
    objective = values.get("objective", "reg:squarederror")
    is_classification = "num_class" in values or objective.startswith("binary:")
    label = matrix.get_label()
    random = np.random.default_rng(values.get("seed", 0) % 2**32)
    figures: list[dict[str, dict[str, float]]] = []
    predictions, best = np.empty((repeats, total)), np.empty((repeats, total))
    for number, (repeat, fold, held_out) in enumerate(
        _folds(random, label if is_classification else None, total, folds, repeats)
    ):
        info(f"Train cross validation fold {fold + 1}")
        train, test = matrix.slice(np.flatnonzero(~held_out)), matrix.slice(np.flatnonzero(held_out))
        if objective == "survival:aft":
            for part in (train, test):
                part.set_info(label_lower_bound=part.get_label(), label_upper_bound=part.get_label())
        log: dict[str, dict[str, list[float]]] = {}
        model = boost(params, values, {"train": train, "validation": test}, stop, evals_result=log)
        if stop.requested and values.get("save_model_on_termination") != "true":
            raise SystemExit(0)
        write_model(model, ctx.model_dir / f"{MODEL}-{number}")
        if stop.requested:
            raise SystemExit(0)
        predicted = model.predict(test)
        best[repeat, held_out] = predicted.max(axis=1) if predicted.ndim > 1 else predicted
        predictions[repeat, held_out] = as_classes(predicted, objective) if is_classification else predicted
        figures.append({part: {metric: series[-1] for metric, series in log[part].items()} for part in log})
        if fold == folds - 1:
            info(f"The metrics of round {repeat + 1} cross validation")
            _print_means(values["num_round"], figures[-folds:])
    if repeats > 1:
        info(f"The overall metrics of {repeats}-round cross validation")
        _print_means(values["num_round"], figures)
    _save(ctx, label, predictions, best if is_classification else None)


def _folds(
    random: np.random.Generator, label: np.ndarray | None, total: int, folds: int, repeats: int
) -> Iterator[tuple[int, int, np.ndarray]]:
    """Yield (repeat, fold, mask of held-out rows). With labels, the folds are stratified."""
    for repeat in range(repeats):
        order = random.permutation(total)
        if label is not None:
            order = order[np.argsort(label[order], kind="stable")]
        fold_of = np.empty(total, int)
        fold_of[order] = np.arange(total) % folds
        for fold in range(folds):
            yield repeat, fold, fold_of == fold


def _print_means(rounds: int, figures: list[dict[str, dict[str, float]]]) -> None:
    line = f"[{rounds}]"
    for metric in figures[0]["train"]:
        for part in ("train", "validation"):
            line += f"#011{part}-{metric}:{np.mean([f[part][metric] for f in figures]):.5f}"
    print(line, flush=True)


def _save(ctx: TrainingContext, label: np.ndarray, predictions: np.ndarray, best: np.ndarray | None) -> None:
    folder = ctx.output_dir / "data"
    folder.mkdir(parents=True, exist_ok=True)
    if best is None:
        columns = [label, predictions.mean(axis=0)]
    else:
        classes = np.unique(predictions)
        votes = np.array([(predictions == c).sum(axis=0) for c in classes])
        columns = [label, best.mean(axis=0), classes[votes.argmax(axis=0)]]
    info("Storing predictions on validation set(s) in /opt/ml/output/data/predictions.csv")
    np.savetxt(folder / "predictions.csv", np.column_stack(columns), delimiter=",", fmt="%f")
