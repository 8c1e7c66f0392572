"""Trains Random Cut Forest as AWS's container does: a sample of the rows for each tree, and a tree of random cuts."""

from __future__ import annotations

import time

import numpy as np

from algorithms.amazon import model_file
from algorithms.amazon.channel_data import check_channels, check_width, load_channel
from algorithms.amazon.log import configuration, info, quality_metric, test_score, throughput_metric
from algorithms.amazon.progress import Progress
from algorithms.contract import TrainingContext, UserError
from algorithms.randomcutforest import ALGORITHM
from algorithms.randomcutforest.forest import Forest, grow_forest, sample_rows
from algorithms.randomcutforest.hyperparameters import WITHOUT_EFFECT
from algorithms.randomcutforest.quantiles import QUANTILES
from algorithms.randomcutforest.scoring import scores
from algorithms.randomcutforest.settle import DEFAULT_NUM_TREES, DEFAULT_SAMPLES_PER_TREE
from algorithms.stop_signal import StopSignal

SEED = 0  # AWS's RCF has no seed parameter; a fixed seed makes jobs reproducible
SIGMAS = 3  # "scores beyond three standard deviations from the mean score are considered anomalous"
_SCORED_ROWS = 1000  # training rows that give the mean and deviation of the scores


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder. Raises UserError.

    On SIGTERM it finishes the current trees and raises SystemExit(0) without a model, because an incomplete
    forest has noisier scores.
    """
    with StopSignal() as stop:
        values = ALGORITHM.parse(ctx.hyperparameters)
        check_channels(ctx, ALGORITHM)
        configuration(ALGORITHM, values, WITHOUT_EFFECT)
        rows = check_width(
            load_channel(ctx, "train", ALGORITHM, labels=False, min_width=values["feature_dim"]),
            "train",
            values["feature_dim"],
        ).features
        test = None
        if "test" in ctx.channels:
            test = check_width(
                load_channel(ctx, "test", ALGORITHM, min_width=values["feature_dim"]), "test", values["feature_dim"]
            )
            if test.labels is None or not np.isin(test.labels, (0, 1)).all():
                raise UserError("The first column of channel test must be 1 for an odd row and 0 for a usual one.")
        stop.training = True
        start_time, rng = time.monotonic(), np.random.default_rng(SEED)
        num_trees = values.get("num_trees", DEFAULT_NUM_TREES)
        per_tree = values.get("num_samples_per_tree", DEFAULT_SAMPLES_PER_TREE)
        progress = Progress(num_trees)

        def on_progress(trees: int) -> None:
            progress.reach(trees)
            if stop.requested:
                info("Asked to stop: the forest is not complete, so none is kept.")
                raise SystemExit(0)

        samples = sample_rows(rows, num_trees, per_tree, rng)
        forest = grow_forest(samples, rng, on_progress)
        throughput_metric(len(rows), time.monotonic() - start_time)
        training_scores = scores(forest, rows[rng.permutation(len(rows))[:_SCORED_ROWS]])
        mean, deviation = float(training_scores.mean()), float(training_scores.std())
        info(
            f"Scores of {len(training_scores)} training rows: mean {mean:.4f}, standard deviation {deviation:.4f}; "
            f"beyond {SIGMAS} standard deviations is above {mean + SIGMAS * deviation:.4f}."
        )
        quantiles = np.quantile(training_scores, QUANTILES).tolist()
        for quantile, score in zip(QUANTILES, quantiles, strict=True):
            quality_metric("train", f"score_quantile_{quantile:g}", score, "score")
        _save(ctx, forest, mean, deviation, quantiles)
        if test is not None and test.labels is not None:
            _evaluate(scores(forest, test.features), test.labels == 1, values.get("eval_metrics"))


def _save(ctx: TrainingContext, forest: Forest, mean: float, deviation: float, quantiles: list[float]) -> None:
    meta = {"trees": forest.trees, "size": forest.size, "features": forest.features}
    statistics = {"score_mean": mean, "score_deviation": deviation}
    statistics |= {f"score_quantile_{q:g}": score for q, score in zip(QUANTILES, quantiles, strict=True)}
    model_file.save(ctx.model_dir, ALGORITHM.name, {**meta, **statistics}, forest.arrays())


def _evaluate(row_scores: np.ndarray, is_anomaly: np.ndarray, metrics: list[str] | None) -> None:
    """Log the test metrics. A row is an anomaly if its score is more than three standard deviations above the mean."""
    is_flagged = row_scores > row_scores.mean() + SIGMAS * row_scores.std()
    figures: dict[str, float] = {}
    if metrics is None or "accuracy" in metrics:
        figures["accuracy"] = float((is_flagged == is_anomaly).mean())
    if metrics is None or "precision_recall_fscore" in metrics:
        for prefix, predicted, true in (("", is_flagged, is_anomaly), ("negative_", ~is_flagged, ~is_anomaly)):
            hits = int((predicted & true).sum())
            precision, recall = hits / max(int(predicted.sum()), 1), hits / max(int(true.sum()), 1)
            figures[f"{prefix}precision"], figures[f"{prefix}recall"] = precision, recall
            figures[f"{prefix}f1"] = 2 * precision * recall / (precision + recall) if hits else 0.0
    for name, value in figures.items():
        quality_metric("test", name, value, "score")
        test_score(name, value)
