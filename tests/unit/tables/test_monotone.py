"""Monotone constraints by column name: in the order of the prepared features, whatever they become."""

import json

import numpy as np
import pytest

import algorithms
from common.problems import Problem
from tables import Recipe, locate, prepare
from tests.unit.tables.conftest import BUCKET

XGBOOST = algorithms.get("xgboost")
TABLE = "city,age,paid,when,w,y\n" + "".join(
    f"{'abc'[i % 3]},{i},{'yes' if i % 2 else 'no'},2024-01-{i % 28 + 1:02},{i % 3 + 1},{(i * 37) % 60 - i}\n"
    for i in range(120)
)


@pytest.fixture
def prepared(folder, keep):
    def prepare_parts(monotone: dict[str, str], algorithm=XGBOOST, **recipe):
        chosen = Recipe(**{"target": "y", "monotone": monotone, "validation": "none"} | recipe)
        chosen = Recipe.from_json(json.loads(json.dumps(chosen.as_json())))
        return prepare(locate(folder, keep(TABLE)), chosen, algorithm, f"s3://{BUCKET}/monotone")

    return prepare_parts


@pytest.mark.parametrize(
    ("monotone", "recipe", "constraints"),
    [
        ({"age": "up"}, {}, "(0,0,0,1)"),
        ({"age": "down", "paid": "up"}, {}, "(0,0,0,-1,1)"),
        ({"age": "down"}, {"excluded": ["city"]}, "(-1,)"),
        ({"w": "up"}, {"excluded": ["when"]}, "(0,0,0,0,0,1)"),
        ({"paid": "up"}, {"weight": "age"}, "(0,0,0,1)"),
        ({}, {}, None),
    ],
)
def test_they_follow_the_prepared_features(prepared, monotone, recipe, constraints):
    ready = prepared(monotone, **recipe)
    settled = XGBOOST.settle({}, ready.facts)
    assert settled.get("monotone_constraints") == constraints
    assert settled.get("tree_method") == ("hist" if constraints else None)
    XGBOOST.parse(settled)
    if constraints:
        last = ready.schema["features"][len(ready.facts.monotone) - 1]
        assert last in monotone


def test_a_category_that_only_held_out_rows_have_shifts_no_constraint(folder, keep):
    lines = ["city,age,y"] + [f"{'ab'[i % 2]},{i},{i}" for i in range(40)] + ["zz,40,40"]
    recipe = Recipe(target="y", monotone={"age": "up"}, validation="share", validation_share=0.5)
    for seed in range(4):
        recipe.seed = seed
        source = locate(folder, keep("\n".join(lines)))
        ready = prepare(
            source, recipe, XGBOOST, f"s3://{BUCKET}/monotone", hyperparameters={"objective": "reg:squarederror"}
        )
        assert ready.facts.monotone == tuple(int(name == "age") for name in ready.schema["features"])


def test_predictions_only_fall_where_they_are_told_to(prepared, folder):
    xgb = pytest.importorskip("xgboost")
    ready = prepared({"age": "up"}, excluded=["city", "paid", "when", "w"])
    path = folder.root / BUCKET / ready.channels["train"].split(f"{BUCKET}/")[1]
    data = np.loadtxt(next(path.glob("*.csv")), delimiter=",", ndmin=2)
    params = {"nthread": 1, **{k: v for k, v in XGBOOST.parse(XGBOOST.settle({}, ready.facts)).items()
                               if k in ("monotone_constraints", "tree_method")}}  # fmt: skip
    rows = xgb.DMatrix(data[:, 1:], data[:, 0])
    free = xgb.train({"nthread": 1, "tree_method": "hist"}, rows, 5).predict(rows)
    assert (np.diff(free) < 0).any()
    assert (np.diff(xgb.train(params, rows, 5).predict(rows)) >= 0).all()


@pytest.mark.parametrize(
    ("monotone", "recipe", "words"),
    [
        ({"city": "up"}, {}, "city is not a number"),
        ({"when": "up"}, {}, "when is not a number"),
        ({"y": "up"}, {}, "y is no feature"),
        ({"age": "up"}, {"excluded": ["age"]}, "age is no feature"),
        ({"w": "up"}, {"weight": "w"}, "w is no feature"),
        ({"nobody": "up"}, {}, "There is no column 'nobody'"),
    ],
)
def test_what_cannot_be_constrained_is_refused_by_column(prepared, monotone, recipe, words):
    with pytest.raises(Problem, match=words):
        prepared(monotone, **recipe)


def test_algorithms_without_constraints_say_so_by_name(prepared):
    for name in ("lightgbm", "catboost", "linear-learner", "knn"):
        algorithm = algorithms.get(name)
        with pytest.raises(Problem, match=f"{algorithm.title} takes no monotone constraints"):
            prepared({"age": "up"}, algorithm)
