"""A job that is told so trains its model once more on all rows, after held-out rows have chosen its settings."""

import dataclasses
import importlib
import os
import re
import signal

import numpy as np
import pytest

import algorithms
from algorithms import fold_score
from algorithms.refit import VARIABLE, YES

from .every import job, table, tasks

REFITS = [a.name for a in algorithms.ALGORITHMS.values() if a.refits]


def answers(algorithm, ctx, x: np.ndarray) -> np.ndarray:
    algorithm.load_trainer()(ctx)
    return algorithm.load_predictor().load(ctx.model_dir).predict(x)


@pytest.mark.parametrize("name", REFITS)
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_it_learns_from_the_held_out_rows_and_logs_the_metrics_of_the_model_before(name, task, tmp_path, capsys):
    algorithm = algorithms.get(name)
    if task not in tasks(algorithm):
        pytest.skip("it does not predict several classes")
    x, _ = table(task, 40, seed=9)
    once = answers(algorithm, job(algorithm, tmp_path / "once", task), x)
    before = capsys.readouterr().out
    ctx = job(algorithm, tmp_path / "again", task)
    again = answers(algorithm, dataclasses.replace(ctx, environment={VARIABLE: YES}), x)
    after = capsys.readouterr().out
    assert "Training once more on all 100 rows" in after and "Training once more" not in before
    assert not np.array_equal(once, again)
    figures = [[f.value for line in out.splitlines() for f in algorithm.log.figures(line.replace("\t", "#011"), {})]
               for out in (before, after)]  # fmt: skip
    assert figures[0] == figures[1]
    if task == "binary" and name != "knn":
        assert ((again.reshape(40, -1)[:, -1] > 0.5) == (np.arange(40) % 2 == 1)).mean() > 0.8


def test_boosted_trees_have_the_rounds_that_early_stopping_chose(tmp_path):
    import xgboost as xgb

    algorithm = algorithms.get("xgboost")
    ctx = job(algorithm, tmp_path, "regression", num_round="200", early_stopping_rounds="3", max_depth="2")
    algorithm.load_trainer()(ctx)
    path = ctx.model_dir / "xgboost-model"
    chosen = xgb.Booster(model_file=bytearray(path.read_bytes())).num_boosted_rounds()
    assert chosen < 200
    algorithm.load_trainer()(dataclasses.replace(ctx, environment={VARIABLE: YES}))
    assert xgb.Booster(model_file=bytearray(path.read_bytes())).num_boosted_rounds() == chosen


def test_nearest_neighbours_know_the_held_out_rows(tmp_path):
    algorithm = algorithms.get("knn")
    ctx = job(algorithm, tmp_path, "regression", k="1")
    held_x, held_y = table("regression", seed=1)
    nearest = answers(algorithm, dataclasses.replace(ctx, environment={VARIABLE: YES}), held_x)[:, 0]
    np.testing.assert_array_equal(nearest, held_y)


@pytest.mark.parametrize("name", ["xgboost", "linear-learner", "factorization-machines"])
def test_a_stop_before_the_second_training_leaves_the_model_of_the_first(name, tmp_path, monkeypatch):
    algorithm = algorithms.get(name)
    parameters = {"save_model_on_termination": "true"} if name == "xgboost" else {}
    x, _ = table("binary", 40, seed=9)
    once = answers(algorithm, job(algorithm, tmp_path / "once", "binary", **parameters), x)
    module = importlib.import_module(algorithm.trainer.partition(":")[0])
    describe = module.describe_refit

    def stopped(*what) -> str:
        os.kill(os.getpid(), signal.SIGTERM)
        return describe(*what)

    monkeypatch.setattr(module, "describe_refit", stopped)
    ctx = dataclasses.replace(job(algorithm, tmp_path / "again", "binary", **parameters), environment={VARIABLE: YES})
    with pytest.raises(SystemExit):
        algorithm.load_trainer()(ctx)
    np.testing.assert_array_equal(algorithm.load_predictor().load(ctx.model_dir).predict(x), once)


@pytest.mark.parametrize("name", ["xgboost", "lightgbm", "catboost"])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_folds_of_all_rows_choose_the_rounds_of_few_rows_and_say_how_well(name, task, tmp_path, capsys):
    algorithm = algorithms.get(name)
    rounds = {"num_round": "40", "early_stopping_rounds": "5"}
    hyperparameters = {algorithm.log.rounds: "40", "early_stopping_rounds": "5"} if name != "xgboost" else rounds
    ctx = job(algorithm, tmp_path, task, **hyperparameters)
    x, _ = table(task, 40, seed=9)
    once = answers(algorithm, dataclasses.replace(ctx, environment={VARIABLE: YES}), x)
    assert "folds" not in capsys.readouterr().out
    folded = answers(algorithm, dataclasses.replace(ctx, environment={VARIABLE: YES, fold_score.VARIABLE: "5"}), x)
    lines = capsys.readouterr().out.splitlines()
    (mean, margin), (chosen,) = next(
        (fold_score.fold_figures(line), re.findall(r"after (\d+) rounds", line)) for line in lines if "folds" in line
    )
    assert mean.name.startswith("folds:") and float(margin.value) > 0
    assert any(f"all 100 rows, for {chosen} " in line for line in lines)
    assert algorithm.log.figures(next(line for line in lines if "5 folds" in line), {}) == [mean, margin]
    assert folded.shape == once.shape
