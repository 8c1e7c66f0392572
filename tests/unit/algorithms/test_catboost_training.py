"""CatBoost: quality beside the library's own, the log, early stopping, its rules."""

import json
import re

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss, r2_score, roc_auc_score

import algorithms
from algorithms.contract import InvalidHyperparameters
from algorithms.library_imports import import_catboost
from engine.jobs.metrics import Pattern

from .real import penguins
from .tabular import TabularJob, small

cb = import_catboost()
CATBOOST = algorithms.get("catboost")
FASTER = {"learning_rate": 0.1, "early_stopping_rounds": 20}  # AWS's default of 0.009 takes its time


@pytest.fixture
def job(tmp_path) -> TabularJob:
    return TabularJob(tmp_path, "catboost")


def library(table, loss: str, metric: str, kind: str, categories=()) -> np.ndarray:
    """What CatBoost itself answers to the held-out rows, with the same settings on the same split."""
    model = cb.CatBoost(
        {
            "loss_function": loss, "eval_metric": metric, "iterations": 500, "depth": 6, "l2_leaf_reg": 3,
            "random_strength": 1.0, "rsm": 1.0, "bagging_temperature": 1.0, "random_seed": 1, "thread_count": 1,
            "sampling_frequency": "PerTreeLevel", "verbose": 0, "allow_writing_files": False, **FASTER,
        }
    )  # fmt: skip

    def pool(rows):
        y = table.y[rows] if loss == "RMSE" else table.y[rows].astype(int)
        if not categories:
            return cb.Pool(table.x[rows], y)
        numbers = [i for i in range(table.x.shape[1]) if i not in categories]
        codes = [["nan" if np.isnan(v) else str(int(v)) for v in row] for row in table.x[rows][:, categories]]
        texts = np.array([[code.encode() for code in row] for row in codes], object)
        return cb.Pool(cb.FeaturesData(np.ascontiguousarray(table.x[rows][:, numbers]), texts), y)

    model.fit(pool(~table.held), eval_set=pool(table.held))
    return model.predict(pool(table.held), prediction_type=kind, thread_count=1)


def test_breast_cancer_is_told_apart_as_by_the_library(job, breast_cancer):
    job.put_table(breast_cancer).run(**FASTER)
    predicted = np.array(job.answers(breast_cancer.x[breast_cancer.held])["probabilities"])
    assert np.allclose(predicted, library(breast_cancer, "Logloss", "AUC", "Probability"), atol=1e-12)
    assert roc_auc_score(breast_cancer.y[breast_cancer.held], predicted[:, 1]) > 0.98


def test_irises_are_named_as_by_the_library(job, iris):
    job.put_table(iris).run(**FASTER)
    predicted = np.array(job.answers(iris.x[iris.held])["probabilities"])
    assert np.allclose(predicted, library(iris, "MultiClass", "MultiClass", "Probability"), atol=1e-12)
    assert accuracy_score(iris.y[iris.held], predicted.argmax(axis=1)) > 0.9


def test_diabetes_is_foreseen_as_by_the_library(job, diabetes):
    job.put_table(diabetes).run(eval_metric="RMSE", **FASTER)
    predicted = np.array(job.answers(diabetes.x[diabetes.held])["prediction"])
    assert np.allclose(predicted, library(diabetes, "RMSE", "RMSE", "RawFormulaVal"), atol=1e-9)
    assert r2_score(diabetes.y[diabetes.held], predicted) > 0.4


def test_penguins_are_named_with_their_islands_as_categories(job):
    table, positions = penguins()
    job.put_table(table).put_categories(*(position + 1 for position in positions)).run(**FASTER)
    predicted = np.array(job.answers(table.x[table.held])["probabilities"])
    own = library(table, "MultiClass", "MultiClass", "Probability", positions)
    assert np.allclose(predicted, own, atol=1e-12)
    assert accuracy_score(table.y[table.held], predicted.argmax(axis=1)) > 0.95
    assert log_loss(table.y[table.held], predicted) < 0.15


def test_the_log_is_catboosts_own_and_ends_with_jumpstarts_line(job, capsys):
    job.put_table(small(80)).run(rounds=3, metric="Logloss")
    out = capsys.readouterr().out
    rounds = re.findall(r"^(\d+):\tlearn: 0\.\d+\ttest: 0\.\d+\tbest: 0\.\d+ \(\d+\)\ttotal: ", out, re.MULTILINE)
    assert rounds == ["0", "1", "2"]
    best = float(re.search(r"bestTest = ([0-9\.]+)", out)[1])
    final = float(re.search(r"^INFO:root:Logloss: (\S+)", out, re.MULTILINE)[1])
    assert final == pytest.approx(best, abs=1e-5)


@pytest.mark.parametrize("metric", [m.name for m in CATBOOST.metrics])
@pytest.mark.parametrize("suggested", ["binary", "multiclass"])
def test_every_metric_is_logged_as_its_pattern_reads_it(job, capsys, metric, suggested):
    task = CATBOOST.task_of({"eval_metric": metric}, suggested)
    job.put_table(small(90, task)).run(rounds=4, metric=metric)
    (definition,) = [d for d in CATBOOST.metric_definitions() if d["Name"] == metric]
    lines = capsys.readouterr().out.splitlines()
    results = [Pattern(metric, definition["Regex"]).value_in(line) for line in lines]
    assert len([value for value in results if value is not None]) == 1


@pytest.mark.parametrize("metric", ["AUC", "Logloss", "Accuracy"])
def test_more_is_better_where_the_declaration_says_so(job, breast_cancer, capsys, metric):
    """CatBoost keeps the best round by its own idea of better; ours must be the same."""
    job.put_table(breast_cancer).run(rounds=30, metric=metric, early_stopping_rounds=0, learning_rate=0.3)
    tests = [float(v) for v in re.findall(r"^\d+:.*\ttest: (\S+)", capsys.readouterr().out, re.MULTILINE)]
    goal = next(m.goal for m in CATBOOST.metrics if m.name == metric)
    best = tests.index(max(tests) if goal == "max" else min(tests))
    assert cb.CatBoost().load_model(str(job.model_dir / "model")).tree_count_ == best + 1


def test_training_stops_early_and_the_best_trees_are_kept(job, breast_cancer, capsys):
    job.put_table(breast_cancer).run(rounds=500, metric="Logloss", learning_rate=0.5, early_stopping_rounds=5)
    out = capsys.readouterr().out
    assert "Stopped by overfitting detector  (5 iterations wait)" in out
    best = int(re.search(r"bestIteration = (\d+)", out)[1])
    assert cb.CatBoost().load_model(str(job.model_dir / "model")).tree_count_ == best + 1


def test_the_seed_makes_the_model(job):
    table = small(200)
    answers = []
    for seed in (1, 2, 1):
        job.put_table(table).run(rounds=20, random_seed=seed, learning_rate=0.2)
        answers.append(job.answers(table.x))
    assert answers[0] == answers[2] != answers[1]


@pytest.mark.parametrize("policy", ["SymmetricTree", "Depthwise", "Lossguide"])
def test_every_way_to_grow_trains_and_serves(job, policy):
    table = small(200)
    more = {"max_leaves": 8, "min_data_in_leaf": 2, "sampling_frequency": "PerTree"} if policy == "Lossguide" else {}
    job.put_table(table).run(rounds=40, grow_policy=policy, learning_rate=0.2, metric="Logloss", **more)
    predicted = np.array(job.answers(table.x[table.held])["probabilities"])[:, 1]
    assert roc_auc_score(table.y[table.held], predicted) > 0.85


@pytest.mark.parametrize(
    "settings, name, words",
    [
        ({"thread_count": "0"}, "thread_count", "Hyperparameter thread_count is found to be 0"),
        ({"max_leaves": "20"}, "max_leaves", "works only with lossguide tree growing"),
        (
            {"grow_policy": "Lossguide", "sampling_frequency": "PerTreeLevel"},
            "sampling_frequency",
            "PerTreeLevel sampling is not supported",
        ),
        (
            {"grow_policy": "Depthwise", "boosting_type": "Ordered"},
            "boosting_type",
            "Ordered boosting is not supported for nonsymmetric trees",
        ),
        ({"depth": "17"}, "depth", "17 is not in [1, 16]"),
        ({"max_bin": "70000"}, "max_bin", "70000 is not in [1, 65535]"),
        ({"max_bin": "many"}, "max_bin", "could not parse value"),
        ({"seed": "1"}, "seed", "Extraneous hyperparameter found: seed"),
    ],
    ids=lambda value: None if isinstance(value, dict) else str(value)[:20],
)
def test_what_catboost_would_refuse_is_refused_before(settings, name, words):
    with pytest.raises(InvalidHyperparameters) as refused:
        CATBOOST.parse(settings)
    (problem,) = refused.value.problems
    assert problem.name == name and words in problem.message


def test_bins_are_auto_or_a_number():
    bins = CATBOOST.hyperparameter("max_bin")
    assert [bins.parse(text) for text in ("Auto", "auto", "128")] == ["Auto", "Auto", 128]
    assert bins.describe_range() == "Auto, or 1 to 65535"


def test_labels_keep_their_names(job):
    rows = "".join(f"{(3, 7)[i % 2]},{i % 2 + i / 100},{i % 3}\n" for i in range(80))
    job.put("train", rows)
    job.run(rounds=20, learning_rate=0.3)
    answer = json.loads(job.predictor().invoke(b"0.1,1\n1.9,1", "text/csv", "application/json;verbose")[0])
    assert answer["labels"] == [3, 7] and answer["predicted_label"] == [3, 7]


def test_a_weight_for_two_classes_is_said_to_mean_nothing_for_others(job, capsys):
    job.put_table(small(80, "regression")).run(rounds=2, scale_pos_weight=2)
    assert "WARNING:root:scale_pos_weight is for two classes" in capsys.readouterr().out


def test_a_model_of_others_is_served_with_its_columns_where_they_stand(tmp_path):
    """As AWS's script saves it: columns in the order of the file, categories among them, and no JSON beside it."""
    table = small(120)
    cells = table.x.astype(object)
    cells[:, 1] = np.random.default_rng(0).integers(0, 3, len(table.y)).astype(str)
    model = cb.CatBoost({"loss_function": "Logloss", "iterations": 10, "verbose": 0, "allow_writing_files": False})
    pool = cb.Pool(cells, table.y, cat_features=[1], feature_names=["age", "colour", "size", "kind"])
    model.fit(pool)
    model.save_model(str(tmp_path / "model"))
    predictor = CATBOOST.load_predictor().load(tmp_path)
    predictor.probe()
    predictions = predictor.predict(cells[:20].astype(np.float32))
    assert np.allclose(predictions, model.predict(pool, prediction_type="Probability")[:20], atol=1e-12)
    assert predictor.info.categories == (1,)


def test_a_ranking_model_is_refused(tmp_path):
    table = small(60)
    model = cb.CatBoost({"loss_function": "YetiRank", "iterations": 3, "verbose": 0, "allow_writing_files": False})
    model.fit(cb.Pool(table.x, table.y, group_id=np.arange(60) // 6))
    model.save_model(str(tmp_path / "model"))
    with pytest.raises(algorithms.spec.UserError, match="its loss is YetiRank, which is not served"):
        CATBOOST.load_predictor().load(tmp_path)
