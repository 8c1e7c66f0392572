"""Trains Random Cut Forest as AWS's container does: a sample of the rows for each tree, and a tree of random cuts."""

from __future__ import annotations

import time

import numpy as np

from algorithms.amazon import artifact
from algorithms.amazon.data import check_channels, check_width, load
from algorithms.amazon.log import configuration, quality, say, test_score, throughput
from algorithms.amazon.progress import Progress
from algorithms.contract import TrainingContext, UserError
from algorithms.randomcutforest import ALGORITHM
from algorithms.randomcutforest.forest import Forest, grow, sample
from algorithms.randomcutforest.hyperparameters import WITHOUT_EFFECT
from algorithms.randomcutforest.scoring import scores
from algorithms.randomcutforest.settle import SAMPLES, TREES
from algorithms.stop import Stop

SEED = 0  # AWS's RCF has no seed to set; with this one the same job gives the same model
SIGMAS = 3  # "scores beyond three standard deviations from the mean score are considered anomalous"
_LOOKED_AT = 1000  # training rows whose scores say what is usual


def train(ctx: TrainingContext) -> None:
    """Train on the job's channels and write the model into its model folder. Raises UserError.

    On SIGTERM the current trees are finished and SystemExit(0) ends it, without a model: a forest with trees missing
    scores on another scale of noise than was asked for.
    """
    with Stop() as stop:
        values = ALGORITHM.parse(ctx.hyperparameters)
        check_channels(ctx, ALGORITHM)
        configuration(ALGORITHM, values, WITHOUT_EFFECT)
        rows = check_width(
            load(ctx, "train", ALGORITHM, labels=False, at_least=values["feature_dim"]), "train", values["feature_dim"]
        ).features
        test = None
        if "test" in ctx.channels:
            test = check_width(
                load(ctx, "test", ALGORITHM, at_least=values["feature_dim"]), "test", values["feature_dim"]
            )
            if test.labels is None or not np.isin(test.labels, (0, 1)).all():
                raise UserError("The first column of channel test must be 1 for an odd row and 0 for a usual one.")
        stop.training = True
        begun, rng = time.monotonic(), np.random.default_rng(SEED)
        done = Progress(values.get("num_trees", TREES))

        def grown(trees: int) -> None:
            done.reach(trees)
            if stop.wanted:
                say("Asked to stop: the forest is not complete, so none is kept.")
                raise SystemExit(0)

        given = sample(rows, values.get("num_trees", TREES), values.get("num_samples_per_tree", SAMPLES), rng)
        forest = grow(given, rng, grown)
        throughput(len(rows), time.monotonic() - begun)
        usual = scores(forest, rows[rng.permutation(len(rows))[:_LOOKED_AT]])
        mean, deviation = float(usual.mean()), float(usual.std())
        say(
            f"Scores of {len(usual)} training rows: mean {mean:.4f}, standard deviation {deviation:.4f}; "
            f"beyond {SIGMAS} standard deviations is above {mean + SIGMAS * deviation:.4f}."
        )
        _save(ctx, forest, mean, deviation)
        if test is not None and test.labels is not None:
            _measure(scores(forest, test.features), test.labels == 1, values.get("eval_metrics"))


def _save(ctx: TrainingContext, forest: Forest, mean: float, deviation: float) -> None:
    meta = {"trees": forest.trees, "size": forest.size, "features": forest.features}
    told = {"score_mean": mean, "score_deviation": deviation}
    artifact.save(ctx.model_dir, ALGORITHM.name, {**meta, **told}, forest.bare())


def _measure(found: np.ndarray, odd: np.ndarray, wanted: list[str] | None) -> None:
    """The test channel's figures; a row is called odd when its score is beyond three standard deviations."""
    called = found > found.mean() + SIGMAS * found.std()
    figures: dict[str, float] = {}
    if wanted is None or "accuracy" in wanted:
        figures["accuracy"] = float((called == odd).mean())
    if wanted is None or "precision_recall_fscore" in wanted:
        for prefix, said, true in (("", called, odd), ("negative_", ~called, ~odd)):
            hits = int((said & true).sum())
            precision, recall = hits / max(int(said.sum()), 1), hits / max(int(true.sum()), 1)
            figures[f"{prefix}precision"], figures[f"{prefix}recall"] = precision, recall
            figures[f"{prefix}f1"] = 2 * precision * recall / (precision + recall) if hits else 0.0
    for name, value in figures.items():
        quality("test", name, value, "score")
        test_score(name, value)
