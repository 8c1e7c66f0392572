"""What the console settles stops and judges by a proper score of the probabilities, not by their order or by a cut."""

import numpy as np
import pytest
import xgboost as xgb

import algorithms
from algorithms.contract import Facts

from .amazon_jobs import ask, context, settled
from .tables import Job, Table, as_csv
from .tabular import TabularJob

HELD = slice(400, None)


@pytest.fixture
def one_column_orders() -> Table:
    """Two classes that one column tells apart: the first tree has the order right, and says little with confidence."""
    x = np.random.default_rng(0).uniform(-1, 1, (600, 3)).astype(np.float32)
    return Table(x, (x[:, 0] > 0).astype(np.float32))


def put_parts(job: Job, table: Table) -> None:
    job.put("train", as_csv(table.x[:400], table.y[:400]))
    job.put("validation", as_csv(table.x[HELD], table.y[HELD]))


def log_loss(p: np.ndarray, y: np.ndarray) -> float:
    return float(-np.mean(np.log(np.where(y == 1, p, 1 - p))))


def test_catboost_improves_after_the_order_is_right_and_logs_both_figures(
    tmp_path, one_column_orders, capsys, monkeypatch
):
    (empty := tmp_path / "empty").mkdir()
    monkeypatch.chdir(empty)
    table, job = one_column_orders, TabularJob(tmp_path, "catboost")
    put_parts(job, table)
    values = job.algorithm.settle({}, Facts("binary", 2, 400, 3, True))
    job.run(rounds=60, learning_rate=0.1, early_stopping_rounds=5, **values)
    assert list(empty.iterdir()) == []
    lines = capsys.readouterr().out.replace("\t", "#011").splitlines()
    assert log_loss(np.array(job.answers(table.x[HELD])["probabilities"])[:, 1], table.y[HELD]) < 0.1
    logged = [figure for line in lines for figure in job.algorithm.log.figures(line, values)]
    assert float(next(f.value for f in logged if f.name == "validation:AUC")) > 0.999
    assert len([f for f in logged if f.name == "validation:Logloss"]) > 10
    assert len({(f.name, f.round) for f in logged}) == len(logged)


def test_xgboost_improves_after_the_order_is_right(tmp_path, one_column_orders):
    table, job = one_column_orders, Job(tmp_path)
    put_parts(job, table)
    values = settled("xgboost", table, "binary", num_round=60, early_stopping_rounds=5, eta=0.1)
    assert values["eval_metric"] == "auc,logloss"
    booster = xgb.Booster(model_file=bytearray(job.train(**values).read_bytes()))
    assert log_loss(booster.predict(xgb.DMatrix(table.x[HELD])), table.y[HELD]) < 0.1


def test_xgboost_goes_on_where_the_first_round_names_the_most_frequent_class(tmp_path):
    """Three classes of very different size: for many rounds the error stays what the largest class leaves."""
    random = np.random.default_rng(1)
    y = random.choice(3, 900, p=[0.8, 0.15, 0.05]).astype(np.float32)
    x = (y[:, None] + random.normal(scale=1.2, size=(900, 4))).astype(np.float32)
    table, job = Table(x, y), Job(tmp_path)
    put_parts(job, table)
    values = settled("xgboost", table, "multiclass", num_round=100, early_stopping_rounds=5, eta=0.05, max_depth=2)
    booster = xgb.Booster(model_file=bytearray(job.train(**values).read_bytes()))
    assert booster.num_boosted_rounds() > 30


def test_linear_learner_keeps_the_model_with_the_best_probabilities_of_a_rare_class(tmp_path):
    """Where 3 % of the rows are positive, most models call every row negative, and accuracy cannot choose."""
    random = np.random.default_rng(2)
    x = random.normal(size=(3000, 10)).astype(np.float32)
    y = (random.uniform(size=3000) < 1 / (1 + np.exp(4.2 - x[:, 0] - x[:, 1]))).astype(np.float32)
    table, job = Table(x, y), Job(tmp_path)
    job.put("train", as_csv(x[~table.held], y[~table.held]))
    job.put("validation", as_csv(x[table.held], y[table.held]))
    linear_learner = algorithms.get("linear-learner")
    losses = {}
    for criterion in ("accuracy", ""):
        parameters = {"binary_classifier_model_selection_criteria": criterion} if criterion else {}
        linear_learner.load_trainer()(context(job, **settled("linear-learner", table, "binary", **parameters)))
        predictor = linear_learner.load_predictor().load(job.model_dir)
        p = np.array([answer["score"] for answer in ask(predictor, x[table.held])])
        losses[criterion] = log_loss(np.clip(p, 1e-9, 1 - 1e-9), y[table.held])
    assert losses[""] < losses["accuracy"]
