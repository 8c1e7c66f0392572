"""Linear Learner: as good as scikit-learn on the same split, AWS's log and answers, and refusals in words."""

import os
import signal

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_wine
from sklearn.linear_model import LinearRegression, LogisticRegression, QuantileRegressor
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import algorithms
from algorithms.amazon import log
from algorithms.linear_learner import calibration, evaluation, losses
from algorithms.spec import AlgorithmFailure, Facts, InvalidHyperparameters, UserError

from .amazon_jobs import RECORDIO, ask, context, figures, load, put, settled, trained
from .tables import Table

LL = "linear-learner"
ALGORITHM = algorithms.get(LL)


def _shuffled(loader) -> Table:
    x, y = loader(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    return Table(x[order].astype(np.float32), y[order].astype(np.float32))


@pytest.fixture(scope="session")
def wine() -> Table:
    return _shuffled(load_wine)


@pytest.fixture(scope="session")
def digits() -> Table:
    return _shuffled(load_digits)


def accuracy(predictor, table: Table) -> float:
    messages = [answer["predicted_label"] for answer in ask(predictor, table.x[table.held])]
    return float(np.mean(np.array(messages) == table.y[table.held]))


@pytest.mark.parametrize("held", ["validation", "test"])
@pytest.mark.parametrize("which", ["breast_cancer", "iris", "wine", "digits"])
def test_classes_are_told_apart_as_well_as_by_scikit_learn(request, job, which, held):
    table = request.getfixturevalue(which)
    task = "binary" if which == "breast_cancer" else "multiclass"
    predictor = trained(LL, put(job, table, held), **settled(LL, table, task))
    theirs = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    theirs.fit(table.x[~table.held], table.y[~table.held])
    assert accuracy(predictor, table) >= theirs.score(table.x[table.held], table.y[table.held]) - 0.025


@pytest.mark.parametrize("held", ["validation", "test"])
def test_numbers_are_predicted_as_well_as_by_scikit_learn(job, diabetes, held):
    predictor = trained(LL, put(job, diabetes, held), **settled(LL, diabetes, "regression"))
    theirs = LinearRegression().fit(diabetes.x[~diabetes.held], diabetes.y[~diabetes.held])
    x, y = diabetes.x[diabetes.held], diabetes.y[diabetes.held]
    ours = np.mean([(a["score"] - label) ** 2 for a, label in zip(ask(predictor, x), y, strict=True)])
    assert ours <= 1.05 * np.mean((theirs.predict(x) - y) ** 2)


@pytest.mark.parametrize("preset", ALGORITHM.presets)
def test_every_preset_is_within_reach_of_scikit_learn(job, breast_cancer, preset):
    value = ALGORITHM.presets[preset]
    predictor = trained(LL, put(job, breast_cancer), **settled(LL, breast_cancer, "binary", **value))
    assert accuracy(predictor, breast_cancer) >= 0.965


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
def test_every_optimizer_learns(job, breast_cancer, optimizer):
    settings = settled(LL, breast_cancer, "binary", optimizer=optimizer)
    assert accuracy(trained(LL, put(job, breast_cancer), **settings), breast_cancer) >= 0.955


@pytest.mark.parametrize("loss", ["absolute_loss", "eps_insensitive_squared_loss", "eps_insensitive_absolute_loss",
                                  "huber_loss", "quantile_loss"])  # fmt: skip
def test_every_regression_loss_learns(job, diabetes, loss):
    predictor = trained(LL, put(job, diabetes), **settled(LL, diabetes, "regression", loss=loss))
    x, y = diabetes.x[diabetes.held], diabetes.y[diabetes.held]
    message = np.array([answer["score"] for answer in ask(predictor, x)])
    assert np.abs(message - y).mean() <= 0.85 * np.abs(y - np.median(y)).mean()


def test_a_quantile_lies_where_it_should(job, diabetes):
    settings = settled(LL, diabetes, "regression", loss="quantile_loss", quantile=0.8, epochs=60)
    predictor = trained(LL, put(job, diabetes, ""), **settings)
    x, y = diabetes.x[~diabetes.held], diabetes.y[~diabetes.held]
    share = np.mean(np.array([a["score"] for a in ask(predictor, x)]) > y)
    theirs = np.mean(QuantileRegressor(quantile=0.8, alpha=0, solver="highs").fit(x, y).predict(x) > y)
    assert abs(share - theirs) < 0.06


def test_hinge_loss_answers_margins(job, breast_cancer):
    predictor = trained(LL, put(job, breast_cancer), **settled(LL, breast_cancer, "binary", loss="hinge_loss"))
    messages = [answer["score"] for answer in ask(predictor, breast_cancer.x)]
    assert accuracy(predictor, breast_cancer) >= 0.955 and min(messages) < -1 and max(messages) > 1


@pytest.mark.parametrize("name", [*losses.NAMES])
def test_gradients_are_the_slopes_of_the_costs(name):
    rng = np.random.default_rng(1)
    if name == "softmax_loss":
        outputs, y = rng.normal(size=(5, 2, 3)), rng.integers(0, 3, 5)
    else:
        outputs = rng.normal(size=(5, 2))
        y = rng.integers(0, 2, (5, 1)).astype(float) if name in ("logistic", "hinge_loss") else rng.normal(size=(5, 1))
    costs = losses.loss_function(name, {"quantile": 0.3})
    cost, slope = costs(outputs.copy(), y)
    for at in np.ndindex(outputs.shape):
        moved = outputs.copy()
        moved[at] += 1e-6
        result = (costs(moved, y)[0][at[:2]] - cost[at[:2]]) / 1e-6
        assert result == pytest.approx(slope[at], abs=1e-4)


def test_l1_draws_weights_to_zero_exactly(job, breast_cancer):
    settings = settled(LL, breast_cancer, "binary", l1=0.05, num_models=1, epochs=40)
    predictor = trained(LL, put(job, breast_cancer), **settings)
    assert 5 <= (predictor.weights == 0).sum() <= 29
    assert accuracy(predictor, breast_cancer) >= 0.92


def test_without_a_bias_there_is_none(job, breast_cancer):
    settings = settled(LL, breast_cancer, "binary", use_bias="False", normalize_data="false", learning_rate=0.001)
    predictor = trained(LL, put(job, breast_cancer), **settings)
    assert predictor.bias == 0


def test_all_shifts_and_scales_fold_into_the_same_model(job, diabetes):
    """What training saw and what serving answers are the same function."""
    for settings in ({}, {"normalize_data": "false", "unbias_data": "true"}, {"normalize_label": "false"},
                     {"unbias_label": "false"}):  # fmt: skip
        hyperparameters = settled(LL, diabetes, "regression", epochs=3, **settings)
        predictor = trained(LL, put(job, diabetes, "test"), **hyperparameters)
        x, y = diabetes.x[diabetes.held], diabetes.y[diabetes.held]
        assert np.isfinite([answer["score"] for answer in ask(predictor, x)]).all() and len(y)


def test_balanced_weights_find_more_of_the_rare_class(make_job, breast_cancer):
    rare = Table(breast_cancer.x, (1 - breast_cancer.y))
    keep = (rare.y == 0) | (np.arange(len(rare.y)) % 8 == 0)
    rare = Table(rare.x[keep][:, :3], rare.y[keep])
    results = {}
    for weight in ("1.0", "balanced", "auto"):
        settings = settled(LL, rare, "binary", positive_example_weight_mult=weight,
                        binary_classifier_model_selection_criteria="loss_function")  # fmt: skip
        predictor = trained(LL, put(make_job(f"rare-{weight}"), rare), **settings)
        message = np.array([a["predicted_label"] for a in ask(predictor, rare.x)])
        results[weight] = recall_score(rare.y, message)
    assert results["balanced"] > results["1.0"]


def test_balanced_classes_count_the_same(make_job, iris):
    few = Table(iris.x[:, :2], iris.y)
    keep = (few.y != 1) | (np.arange(len(few.y)) % 6 == 1)
    few = Table(few.x[keep], few.y[keep])
    results = {}
    for balance in ("false", "true"):
        settings = settled(LL, few, "multiclass", balance_multiclass_weights=balance)
        predictor = trained(LL, put(make_job(f"few-{balance}"), few, "test"), **settings)
        message = np.array([a["predicted_label"] for a in ask(predictor, few.x)])
        results[balance] = (message[few.y == 1] == 1).mean()
    assert results["true"] > results["false"]


@pytest.mark.parametrize(
    ("criterion", "more"),
    [("accuracy", {}), ("f_beta", {"f_beta": 2.0}), ("precision_at_target_recall", {"target_recall": 0.9}),
     ("recall_at_target_precision", {"target_precision": 0.9})],
)  # fmt: skip
def test_no_threshold_is_better_than_the_one_found(criterion, more):
    rng = np.random.default_rng(3)
    y = (rng.random(300) < 0.3).astype(np.float32)
    scored = np.round(np.clip(rng.normal(0.35 + 0.3 * y, 0.2), 0, 1), 2).astype(np.float32)  # many equal scores
    values = {"binary_classifier_model_selection_criteria": criterion, **more}
    cut, _ = calibration.find_threshold(scored, y, values, 0.5)

    def goodness(at: float) -> float:
        f = {name: value for name, value, _ in evaluation.binary(scored, y, at, float(more.get("f_beta", 1)))}
        return {
            "accuracy": f["binary_classification_accuracy"], "f_beta": f.get("binary_f_2.000", 0),
            "precision_at_target_recall": f["precision"] if f["recall"] >= 0.9 else -1,
            "recall_at_target_precision": f["recall"] if f["precision"] >= 0.9 else -1,
        }[criterion]  # fmt: skip

    assert goodness(cut) >= max(goodness(at) for at in np.linspace(-0.1, 1.1, 500)) - 1e-9
    assert (
        calibration.find_threshold(scored, y, {"binary_classifier_model_selection_criteria": "loss_function"}, 0.5)[0]
        == 0.5
    )


def test_the_figures_are_scikit_learns():
    rng = np.random.default_rng(4)
    y, scored = rng.integers(0, 2, 200), np.round(rng.random(200), 1)
    message = scored >= 0.6
    ours = {name: value for name, value, _ in evaluation.binary(scored, y, 0.6, 1.0)}
    assert ours["precision"] == pytest.approx(precision_score(y, message))
    assert ours["recall"] == pytest.approx(recall_score(y, message))
    assert ours["binary_f_1.000"] == pytest.approx(f1_score(y, message))
    assert ours["roc_auc_score"] == pytest.approx(roc_auc_score(y, scored))
    classes, p = rng.integers(0, 4, 200), rng.random((200, 4))
    ours = {name: value for name, value, _ in evaluation.multiclass(p, classes, {})}
    assert ours["macro_f_1.000"] == pytest.approx(f1_score(classes, p.argmax(1), average="macro"))
    assert ours["macro_recall"] == pytest.approx(recall_score(classes, p.argmax(1), average="macro"))
    assert ours["macro_precision"] == pytest.approx(precision_score(classes, p.argmax(1), average="macro"))


def test_the_log_is_read_by_awss_patterns(job, breast_cancer, capsys):
    put(job, breast_cancer)
    put(job, breast_cancer, "test")
    trained(LL, job, **settled(LL, breast_cancer, "binary", epochs=5, early_stopping_patience=9))
    out = capsys.readouterr().out
    metrics = figures(LL, out)
    assert len(metrics["train:objective_loss"]) == len(metrics["validation:objective_loss"]) == 5
    assert metrics["train:progress"] == [20, 40, 60, 80, 100] and len(metrics["train:throughput"]) == 5
    for part in ("train", "validation", "test"):
        for name in ("binary_classification_accuracy", "binary_f_beta", "precision", "recall", "roc_auc_score"):
            assert len(metrics[f"{part}:{name}"]) == 1
    assert len(metrics["validation:objective_loss:final"]) == len(metrics["test:objective_loss"]) == 1
    assert "#test_score (algo-1) : ('binary_classification_accuracy', " in out
    assert ", train binary_classification_cross_entropy_objective <loss>=" in out


def test_multiclass_and_regression_figures_are_read_too(make_job, iris, diabetes, capsys):
    trained(LL, put(make_job("a"), iris, "test"), **settled(LL, iris, "multiclass", epochs=2))
    metrics = figures(LL, capsys.readouterr().out)
    assert {"test:multiclass_accuracy", "test:multiclass_top_k_accuracy", "test:dcg", "test:macro_f_beta",
            "test:macro_precision", "test:macro_recall"} <= set(metrics)  # fmt: skip
    trained(LL, put(make_job("b"), diabetes), **settled(LL, diabetes, "regression", epochs=2))
    metrics = figures(LL, capsys.readouterr().out)
    assert metrics["validation:rmse"][0] == pytest.approx(metrics["validation:mse"][0] ** 0.5)
    assert metrics["validation:objective_loss:final"][0] == pytest.approx(metrics["validation:mse"][0], rel=1e-3)


def test_early_stopping_and_its_patience(make_job, breast_cancer, capsys):
    settings = settled(LL, breast_cancer, "binary", epochs=60, early_stopping_tolerance=0.5, early_stopping_patience=2)
    trained(LL, put(make_job("early"), breast_cancer), **settings)
    out = capsys.readouterr().out
    assert "Early stop condition met" in out and len(figures(LL, out)["train:objective_loss"]) < 20


@pytest.mark.parametrize("content_type", ["text/csv", RECORDIO])
def test_fifty_rows_are_enough(job, breast_cancer, content_type):
    few = Table(breast_cancer.x[:75], breast_cancer.y[:75])
    predictor = trained(LL, put(job, few, "", content_type), **settled(LL, few, "binary"))
    assert accuracy(predictor, few) >= 0.8


def test_a_stopped_job_keeps_the_best_model_so_far(job, breast_cancer, monkeypatch):
    """SIGTERM after three epochs, of a million."""
    put(job, breast_cancer)
    settings = settled(LL, breast_cancer, "binary", epochs=1_000_000, early_stopping_patience=1_000_000)
    epochs = []

    def stop_after_three(done: int, _: int) -> None:
        epochs.append(done)
        if done == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(log, "progress_metric", stop_after_three)
    with pytest.raises(SystemExit) as e:
        ALGORITHM.load_trainer()(context(job, **settings))
    assert e.value.code == 0 and epochs == [1, 2, 3]
    assert accuracy(load(LL, job.model_dir), breast_cancer) >= 0.95


@pytest.mark.parametrize(
    ("rows", "value", "words"),
    [
        ("2,1\n0,3\n", {}, "The labels of a binary_classifier must be 0 or 1. Row 1 of channel train has the label 2"),
        ("0,1\n0,3\n", {}, "All labels of channel train are 0"),
        ("0,1\n1,3\n", {"feature_dim": 3}, "feature_dim is 3, but the rows of channel train have 1"),
        ("0,1\n1,3\n", {"mini_batch_size": 1000}, "the mini-batch size is too high"),
        ("0,1\n1,3\n3,3\n", {"predictor_type": "multiclass_classifier", "num_classes": 3}, "from 0 to num_classes - 1"),
    ],
)  # fmt: skip
def test_bad_data_is_refused(job, rows, value, words):
    job.put("train", rows)
    with pytest.raises(UserError, match=words):
        trained(LL, job, **{"predictor_type": "binary_classifier", "mini_batch_size": 2, **value})


def test_a_learning_rate_that_runs_off_is_said(job, diabetes):
    settings = settled(LL, diabetes, "regression", learning_rate=1e30, optimizer="sgd", num_models=1)
    with pytest.raises(AlgorithmFailure, match="smaller learning_rate"):
        trained(LL, put(job, diabetes), **settings)


def test_hyperparameters_are_checked_together():
    def problems(**argument) -> dict[str, str]:
        with pytest.raises(InvalidHyperparameters) as e:
            ALGORITHM.parse({key: str(value) for key, value in argument.items()})
        return dict(e.value.problems)

    assert "predictor_type" in problems()
    assert "num_classes" in problems(predictor_type="multiclass_classifier")
    assert (
        "cannot be used with predictor_type regressor" in problems(predictor_type="regressor", loss="logistic")["loss"]
    )
    assert "auto, balanced or a number" in problems(
        predictor_type="regressor", positive_example_weight_mult="some"
    )["positive_example_weight_mult"]  # fmt: skip


def test_what_is_left_open_is_settled_and_what_is_given_stays():
    facts = Facts("multiclass", 4, 90, 7)
    assert ALGORITHM.settle({}, facts) == {
        "predictor_type": "multiclass_classifier", "num_classes": "4", "feature_dim": "7", "mini_batch_size": "16",
    }  # fmt: skip
    assert ALGORITHM.settle({"mini_batch_size": "5"}, facts)["mini_batch_size"] == "5"
    assert ALGORITHM.settle({}, Facts("binary", 2, 3, 1))["mini_batch_size"] == "3"
    assert ALGORITHM.settle({}, Facts("regression", 0, 10**6, 1))["mini_batch_size"] == "1000"
    assert ALGORITHM.task_of({"predictor_type": "regressor"}, "binary") == "regression"
    assert ALGORITHM.task_of({}, "binary") == "binary"
    values = ALGORITHM.parse(ALGORITHM.settle({}, facts))
    assert 0 < ALGORITHM.seconds(values, facts) < 60 and ALGORITHM.memory(values, facts) > 1e8


def test_what_has_no_effect_is_said_in_the_log(job, breast_cancer, capsys):
    settings = settled(LL, breast_cancer, "binary", normalize_label="true", epochs=1)
    trained(LL, put(job, breast_cancer), **settings, _tuning_objective_metric="validation:recall")
    out = capsys.readouterr().out
    assert "Hyperparameter normalize_label has no effect here: classes are no numbers" in out
    assert "Of 1 models, number 0 is kept" in out
