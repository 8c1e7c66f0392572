"""Contributions equal the library's own and add up to its score, for every booster and objective."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit
from sklearn import datasets

import algorithms
from algorithms.contract import InvocationError
from algorithms.contributions import Scale
from algorithms.library_imports import import_catboost, import_lightgbm, import_xgboost
from algorithms.lightgbm.contributions import TreeContributions
from algorithms.predictor import Predictor

from .amazon_jobs import put, settled, trained
from .real import penguins
from .tables import Job, Table
from .tabular import TabularJob, small

TOLERANCE = 1e-9
SINGLE = 2e-5  # XGBoost adds up in single precision


def table_of(loader) -> Table:
    x, y = loader(return_X_y=True)
    return Table(x.astype(np.float32), y.astype(np.float32))


def two(table: Table) -> Table:
    return Table(table.x, (table.y > np.median(table.y)).astype(np.float32))


def holed(table: Table) -> Table:
    x = table.x.copy()
    x[np.random.default_rng(0).random(x.shape) < 0.1] = np.nan
    return Table(x, table.y)


TABLES = {
    "penguins": (lambda: penguins()[0], "multiclass"),
    "breast-cancer": (lambda: holed(table_of(datasets.load_breast_cancer)), "binary"),
}
MORE = {
    "iris": (lambda: table_of(datasets.load_iris), "multiclass"),
    "wine": (lambda: table_of(datasets.load_wine), "multiclass"),
    "digits": (lambda: table_of(datasets.load_digits), "multiclass"),
    "diabetes": (lambda: table_of(datasets.load_diabetes), "regression"),
    "penguins-mass": (lambda: penguins("body_mass_g")[0], "regression"),
    "diabetes-two": (lambda: two(holed(table_of(datasets.load_diabetes))), "binary"),
}
every_table = pytest.mark.parametrize(
    ("table", "task"),
    [
        *(pytest.param(make, task, id=name) for name, (make, task) in TABLES.items()),
        *(pytest.param(make, task, id=name, marks=pytest.mark.long) for name, (make, task) in MORE.items()),
    ],
)


def of_class(values: np.ndarray, classes: np.ndarray | None) -> np.ndarray:
    return values if classes is None else values[np.arange(len(values)), classes]


def check(result, values: np.ndarray, margins: np.ndarray, tolerance: float) -> None:
    """`values` (rows, [classes,] features + 1) and `margins` (rows, [classes]) are the library's own."""
    chosen = of_class(values, result.classes)
    assert np.abs(result.effects - chosen[:, :-1]).max() <= TOLERANCE
    assert np.abs(result.base - chosen[:, -1]).max() <= TOLERANCE
    total = result.base + result.effects.sum(axis=1)
    assert np.abs(total - of_class(margins, result.classes)).max() <= tolerance * max(1.0, np.abs(margins).max())
    if result.classes is not None:
        assert (result.classes == margins.argmax(axis=1)).all()


def hosted(name: str, model: Path) -> Predictor:
    """The predictor of an endpoint, which loads the copy of what a validator checked."""
    copy, predictor = model.parent / "hosted", algorithms.get(name).load_predictor()
    copy.mkdir()
    predictor.validate(model, copy)
    return predictor.load(copy, {})


@every_table
def test_xgboost_answers_the_contributions_of_the_library(table, task, tmp_path):
    table, xgb = table(), import_xgboost()
    objective = {"multiclass": "multi:softprob", "binary": "binary:logistic", "regression": "reg:squarederror"}[task]
    classes = {"num_class": int(table.y.max()) + 1} if task == "multiclass" else {}
    job = Job(tmp_path).put_table(table)
    path = job.train(objective=objective, num_round=12, max_depth=4, **classes)
    rows = xgb.DMatrix(table.x[table.held])
    booster = xgb.Booster(model_file=str(path))
    result = hosted("xgboost", path.parent).contributions(table.x[table.held])
    values = booster.predict(rows, pred_contribs=True).astype(float)
    check(result, values, booster.predict(rows, output_margin=True), SINGLE)
    answers = booster.predict(rows)
    assert result.end == pytest.approx(answers.max(axis=1) if answers.ndim > 1 else answers, rel=1e-4)


@every_table
def test_lightgbm_answers_the_contributions_of_the_library(table, task, tmp_path):
    table, lgb = table(), import_lightgbm()
    job = TabularJob(tmp_path, "lightgbm").put_table(table)
    model = job.run(rounds=12, metric="auto", min_data_in_leaf=3)
    booster = lgb.Booster(model_file=str(model / "model.txt"))
    rows = table.x[table.held]
    values, margins = booster.predict(rows, pred_contrib=True), booster.predict(rows, raw_score=True)
    result = hosted("lightgbm", model).contributions(rows)
    check(result, values.reshape((*margins.shape, -1)), margins, TOLERANCE)
    answers = booster.predict(rows)
    assert result.end == pytest.approx(answers.max(axis=1) if answers.ndim > 1 else answers, abs=TOLERANCE)


@every_table
def test_catboost_answers_the_contributions_of_the_library(table, task, tmp_path):
    table, cb = table(), import_catboost()
    job = TabularJob(tmp_path, "catboost").put_table(table)
    model = cb.CatBoost().load_model(str(job.run(rounds=12) / "model"), format="cbm")
    rows = table.x[table.held]
    pool = cb.Pool(rows, feature_names=[f"feature_{n}" for n in range(rows.shape[1])])
    values = model.get_feature_importance(type="ShapValues", data=pool)
    check(job.predictor().contributions(rows), values, model.predict(pool), TOLERANCE)


def test_catboosts_categories_keep_their_places(tmp_path):
    table, positions = penguins()
    job = TabularJob(tmp_path, "catboost").put_table(table).put_categories(*(index + 1 for index in positions))
    job.run(rounds=5)
    predictor = job.predictor()
    rows = table.x[table.held].copy()
    rows[:3, positions[0]] = 77  # a code that training did not have
    contributions = predictor.contributions(rows)
    stored = predictor.model.get_feature_importance(type="ShapValues", data=predictor.columns.pool(rows))
    names = [int(name.removeprefix("feature_")) for name in predictor.model.feature_names_]
    for index, feature in enumerate(names):
        assert (contributions.effects[:, feature] == of_class(stored, contributions.classes)[:, index]).all()
    assert np.abs(contributions.end - predictor.scores(rows).max(axis=1)).max() < TOLERANCE


@pytest.mark.parametrize(
    ("objective", "more", "scale"),
    [
        ("count:poisson", {}, Scale.LOG),
        ("reg:tweedie", {}, Scale.LOG),
        ("reg:logistic", {}, Scale.LOG_ODDS),
        ("binary:logitraw", {}, Scale.ANSWER),
        ("binary:hinge", {}, Scale.MARGIN),
        ("multi:softmax", {"num_class": 2}, Scale.SOFTMAX),
        ("binary:logistic", {"booster": "dart", "rate_drop": 0.2}, Scale.LOG_ODDS),
        ("reg:squarederror", {"booster": "gblinear"}, Scale.ANSWER),
        (
            "binary:logistic",
            {"monotone_constraints": "(1,0,0,0)", "scale_pos_weight": 4, "tree_method": "hist"},
            Scale.LOG_ODDS,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_contributions_add_up_for_every_objective_of_xgboost(objective, more, scale, tmp_path):
    table, xgb = small(60), import_xgboost()
    job = Job(tmp_path).put_table(table)
    booster = xgb.Booster(model_file=str(job.train(objective=objective, **more)))
    result, rows = job.predictor().contributions(table.x), xgb.DMatrix(table.x)
    margins = booster.predict(rows, output_margin=True)
    assert result.scale is scale
    total = result.base + result.effects.sum(axis=1)
    assert total == pytest.approx(of_class(margins, result.classes), abs=SINGLE)
    if scale in (Scale.LOG, Scale.LOG_ODDS, Scale.ANSWER):
        assert result.end == pytest.approx(booster.predict(rows), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize(
    ("settings", "scale"),
    [
        ({"objective": "binary", "sigmoid": 2.0}, Scale.LOG_ODDS),
        ({"objective": "binary", "boosting": "rf", "bagging_fraction": 0.6, "bagging_freq": 1}, Scale.LOG_ODDS),
        ({"objective": "multiclassova", "num_class": 2}, Scale.LOG_ODDS),
        ({"objective": "poisson"}, Scale.LOG),
        ({"objective": "regression_l1", "boosting": "dart"}, Scale.ANSWER),
    ],
    ids=lambda value: value["objective"] + value.get("boosting", "") if isinstance(value, dict) else None,
)
def test_contributions_lead_to_the_answer_for_every_objective_of_lightgbm(settings, scale):
    table, lgb = small(80), import_lightgbm()
    quiet = {"verbosity": -1, "num_threads": 1, "min_data_in_leaf": 3}
    booster = lgb.train(settings | quiet, lgb.Dataset(table.x, table.y), 5)
    result, answers = TreeContributions(booster)(table.x), booster.predict(table.x)
    assert result.scale is scale
    assert result.end == pytest.approx(answers.max(axis=1) if answers.ndim > 1 else answers, abs=TOLERANCE)


@pytest.mark.parametrize(
    "settings",
    [{"linear_tree": True}, {"reg_sqrt": True}, {"objective": "cross_entropy_lambda"}],
    ids=lambda settings: next(iter(settings)),
)
def test_a_lightgbm_model_to_whose_answer_nothing_adds_up_is_refused(settings):
    table, lgb = small(80), import_lightgbm()
    quiet = {"objective": "regression", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 3}
    booster = lgb.train(quiet | settings, lgb.Dataset(table.x, table.y), 3)
    with pytest.raises(InvocationError) as refused:
        TreeContributions(booster)(table.x)
    assert refused.value.status == 406


def test_a_linear_learner_is_explained_by_its_weights_from_the_mean_row(tmp_path):
    random = np.random.default_rng(0)
    x = (random.normal(size=(300, 3)) * (1, 5, 0.2) + (3, -2, 8)).astype(np.float32)
    y = (x[:, 0] + x[:, 1] > 1).astype(np.float32)
    table = Table(x, y)
    settings = settled("linear-learner", table, "binary", epochs=2, num_models=1, mini_batch_size=50)
    predictor = trained("linear-learner", put(Job(tmp_path), table), **settings)
    contributions, scores = predictor.contributions(x), predictor.predict(x)[:, 0]
    weights = predictor.weights[:, 0]
    assert np.abs(contributions.effects - (x - predictor.mean) * weights).max() < TOLERANCE
    assert predictor.mean == pytest.approx(x[np.arange(300) % 3 != 0].mean(axis=0), rel=1e-4)
    assert np.abs(expit(contributions.base + contributions.effects.sum(axis=1)) - scores).max() < TOLERANCE
    assert np.abs(contributions.end - scores).max() < TOLERANCE
    assert np.ptp(contributions.base) == 0


def test_the_algorithms_that_say_they_explain_are_those_that_do():
    for algorithm in algorithms.ALGORITHMS.values():
        method = algorithm.load_predictor().contributions
        assert (method is not Predictor.contributions) == algorithm.explains, algorithm.name


def test_several_models_and_other_algorithms_say_why_they_have_no_contributions(tmp_path):
    table = small(40)
    job = Job(tmp_path).put_table(table)
    path = job.train(objective="binary:logistic")
    (path.parent / "xgboost-model-2").write_bytes(path.read_bytes())
    with pytest.raises(InvocationError, match="mean of 2 models") as refused:
        job.predictor().contributions(table.x)
    assert refused.value.status == 406
    knn = algorithms.get("knn").load_predictor()
    with pytest.raises(InvocationError, match="no contributions"):
        knn.contributions(knn.__new__(knn), table.x)
