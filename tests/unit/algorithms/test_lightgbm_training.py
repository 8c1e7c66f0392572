"""LightGBM: quality beside the library's own, the log, early stopping, its rules."""

import json
import re

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss, r2_score, roc_auc_score

import algorithms
from algorithms.contract import InvalidHyperparameters, UserError
from algorithms.jumpstart.log import format_figure
from algorithms.library_imports import import_lightgbm
from engine.jobs.metrics import Pattern

from .real import penguins
from .tabular import TabularJob, small

lgb = import_lightgbm()
LIGHTGBM = algorithms.get("lightgbm")
QUIET = {"verbosity": -1}
# The hyperparameters' defaults, said to the library itself.
LIBRARY = {
    "verbosity": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True, "learning_rate": 0.1,
    "num_leaves": 64, "feature_fraction": 0.9, "bagging_fraction": 0.9, "bagging_freq": 1, "max_depth": 6,
    "min_data_in_leaf": 3,
}  # fmt: skip


@pytest.fixture
def job(tmp_path) -> TabularJob:
    return TabularJob(tmp_path, "lightgbm")


def library(table, objective: str, categories=(), **more) -> np.ndarray:
    """What lightgbm.train itself answers to the held-out rows, with the same settings on the same split."""
    params = {**LIBRARY, "objective": objective, **more}
    train = lgb.Dataset(table.x[~table.held], table.y[~table.held], params=params, categorical_feature=list(categories))
    held = lgb.Dataset(table.x[table.held], table.y[table.held], reference=train, params=params)
    model = lgb.train(params, train, 100, valid_sets=[held], callbacks=[lgb.early_stopping(10, verbose=False)])
    return model.predict(table.x[table.held], num_threads=1)


def test_breast_cancer_is_told_apart_as_by_the_library(job, breast_cancer):
    job.put_table(breast_cancer).run(**QUIET)
    predicted = np.array(job.answers(breast_cancer.x[breast_cancer.held])["probabilities"])[:, 1]
    own = library(breast_cancer, "binary")
    assert np.allclose(predicted, own, atol=1e-12)
    assert roc_auc_score(breast_cancer.y[breast_cancer.held], predicted) > 0.98


def test_irises_are_named_as_by_the_library(job, iris):
    job.put_table(iris).run(**QUIET)
    predicted = np.array(job.answers(iris.x[iris.held])["probabilities"])
    assert np.allclose(predicted, library(iris, "multiclass", num_class=3), atol=1e-12)
    assert accuracy_score(iris.y[iris.held], predicted.argmax(axis=1)) > 0.9


def test_diabetes_is_foreseen_as_by_the_library(job, diabetes):
    job.put_table(diabetes).run(metric="rmse", **QUIET)
    predicted = np.array(job.answers(diabetes.x[diabetes.held])["prediction"])
    assert np.allclose(predicted, library(diabetes, "regression"), atol=1e-9)
    assert r2_score(diabetes.y[diabetes.held], predicted) > 0.35


def test_penguins_are_named_with_their_islands_as_categories(job):
    table, positions = penguins()
    job.put_table(table).put_categories(*(position + 1 for position in positions)).run(**QUIET)
    predicted = np.array(job.answers(table.x[table.held])["probabilities"])
    assert np.allclose(predicted, library(table, "multiclass", positions, num_class=3), atol=1e-12)
    assert accuracy_score(table.y[table.held], predicted.argmax(axis=1)) > 0.95
    assert log_loss(table.y[table.held], predicted) < 0.15


def test_the_log_reads_as_jumpstarts_with_held_out_rows_first(job, capsys):
    job.put_table(small(80)).run(rounds=3)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("[") and "train's" in line]
    assert len(lines) == 3
    assert re.fullmatch(r"\[1\]\tval's binary_logloss: 0\.\d+\ttrain's binary_logloss: 0\.\d+", lines[0])


@pytest.mark.parametrize("metric", [m.name for m in LIGHTGBM.metrics])
def test_every_metric_is_logged_as_its_pattern_reads_it(job, capsys, metric):
    task = LIGHTGBM.task_of({"metric": metric}, "binary")
    job.put_table(small(80, task)).run(rounds=4, metric=metric, **QUIET)
    (definition,) = [d for d in LIGHTGBM.metric_definitions() if d["Name"] == metric]
    lines = capsys.readouterr().out.splitlines()
    results = [Pattern(metric, definition["Regex"]).value_in(line) for line in lines if line.startswith("[")]
    assert len([value for value in results if value is not None]) == 4


def test_small_figures_are_written_without_an_exponent():
    assert [format_figure(v) for v in (1.2345678e-7, 123456789.0, 0.5, 0.0, -2.0)] == [
        "0.000000123457", "123456789", "0.500000", "0", "-2.00000",
    ]  # fmt: skip


def test_training_stops_early_and_the_best_rounds_are_kept(job, breast_cancer, capsys):
    job.put_table(breast_cancer).run(rounds=500, learning_rate=0.3, early_stopping_rounds=5, **QUIET)
    out = capsys.readouterr().out
    rounds = re.findall(r"^\[(\d+)\]\tval's binary_logloss: (\S+)", out, re.MULTILINE)
    best = min(rounds, key=lambda pair: float(pair[1]))
    assert len(rounds) == int(best[0]) + 5
    assert f"INFO:root:Early stopping, best iteration is: [{best[0]}]\tval's binary_logloss: {best[1]}" in out
    assert lgb.Booster(model_file=job.model_dir / "model.txt").current_iteration() == int(best[0])


def test_early_stopping_of_zero_grows_every_tree(job, capsys):
    job.put_table(small(80)).run(rounds=60, early_stopping_rounds=0, **QUIET)
    assert lgb.Booster(model_file=job.model_dir / "model.txt").current_iteration() == 60
    assert "best iteration" not in capsys.readouterr().out


@pytest.mark.parametrize("boosting", ["gbdt", "rf", "dart", "goss"])
def test_every_kind_of_boosting_trains_and_serves(job, boosting, capsys):
    table = small(120)
    more = {"bagging_freq": 0} if boosting == "goss" else {}
    job.put_table(table).run(rounds=10, boosting=boosting, **more, **QUIET)
    predicted = np.array(job.answers(table.x[table.held])["probabilities"])[:, 1]
    assert roc_auc_score(table.y[table.held], predicted) > 0.85
    assert ("early_stopping_rounds has no effect with dart" in capsys.readouterr().out) == (boosting == "dart")


@pytest.mark.parametrize(
    "settings, name, words",
    [
        ({"boosting": "goss"}, "boosting", "Cannot use bagging in GOSS"),
        ({"boosting": "rf", "bagging_freq": "0", "feature_fraction": "1"}, "boosting", "trees that see different data"),
        ({"is_unbalance": "True", "scale_pos_weight": "3"}, "scale_pos_weight", "at the same time"),
        ({"num_leaves": "1"}, "num_leaves", "1 is not in [2, 131072]"),
        ({"is_unbalance": "true"}, "is_unbalance", "true is not in ['True', 'False']"),
        ({"seed": "1"}, "seed", "Extraneous hyperparameter found: seed"),
    ],
)
def test_what_lightgbm_would_refuse_is_refused_before(settings, name, words):
    with pytest.raises(InvalidHyperparameters) as refused:
        LIGHTGBM.parse(settings)
    (problem,) = refused.value.problems
    assert problem.name == name and words in problem.message


def test_settings_without_effect_are_said_not_ignored_in_silence(job, capsys):
    job.put_table(small(80, "regression")).run(
        rounds=2, scale_pos_weight=2, tweedie_variance_power=1.2, tree_learner="voting", use_dask="True", **QUIET
    )  # fmt: skip
    warnings = [line for line in capsys.readouterr().out.splitlines() if line.startswith("WARNING:root:")]
    message = " ".join(warnings)
    assert len(warnings) == 4
    assert all(name in message for name in ("scale_pos_weight", "tweedie_variance_power", "tree_learner", "use_dask"))


@pytest.mark.parametrize("labels", [(1, 2), (0, 2), (1, 2, 3)])
def test_classes_that_do_not_count_from_zero_are_refused(job, labels):
    rows = "".join(f"{labels[i % len(labels)]},{i},{i % 3}\n" for i in range(60))
    job.put("train", rows)
    with pytest.raises(UserError, match=r"Label must be in \[0, \d\), but found \d in label. LightGBM numbers its"):
        job.run(rounds=2)
    job.run(rounds=2, metric="rmse", **QUIET)


def test_a_model_of_another_objective_is_told_by_its_text(tmp_path):
    table = small(100, "regression")
    params = {"objective": "tweedie", "verbosity": -1, "min_data_in_leaf": 3}
    lgb.train(params, lgb.Dataset(table.x, abs(table.y)), 5).save_model(tmp_path / "model.txt")
    predictor = LIGHTGBM.load_predictor().load(tmp_path)
    assert list(json.loads(predictor.invoke(b"1,2,3,4", "text/csv", None)[0])) == ["prediction"]
