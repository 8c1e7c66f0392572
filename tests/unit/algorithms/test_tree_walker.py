"""The walker answers as XGBoost does, bit by bit, or not at all."""

import numpy as np
import pytest

from algorithms import c_code
from algorithms.library_imports import import_xgboost
from algorithms.xgboost import tree_walker
from algorithms.xgboost.fast_predict import DirectPredict, fastest_predict, library_predict
from algorithms.xgboost.tree_walker import TreeWalker, Unsuitable

xgb = import_xgboost()
WIDTH = 6
pytestmark = pytest.mark.skipif(not tree_walker.build(), reason="there is no C compiler")


def train(**settings):
    draw = np.random.default_rng(1)
    x = draw.normal(size=(300, WIDTH)).astype(np.float32)
    x[draw.random(x.shape) < 0.1] = np.nan
    x[draw.random(x.shape) < 0.1] = 0.0
    labels = draw.integers(0, 3 if "num_class" in settings else 2, len(x)) + (settings.get("objective") == "reg:gamma")
    depth = {} if settings.get("booster") == "gblinear" else {"max_depth": 4}
    return xgb.train({"nthread": 1, **depth, **settings}, xgb.DMatrix(x, labels), 11)


@pytest.mark.parametrize(
    "settings",
    [
        *({"objective": objective} for objective in tree_walker._LINKS if objective != "multi:softprob"),
        {"objective": "multi:softprob", "num_class": 3},
        {"objective": "binary:logistic", "num_parallel_tree": 3, "base_score": 0.2},
        {"objective": "binary:logistic", "grow_policy": "lossguide", "max_leaves": 9, "gamma": 2.0},
        {"objective": "reg:squarederror", "gamma": 1e9},  # each tree is one leaf
    ],
    ids=lambda settings: "-".join(map(str, settings.values())),
)
def test_each_answer_is_that_of_the_library(settings):
    booster = train(**settings)
    walker = fastest_predict(booster, WIDTH)
    assert isinstance(walker, TreeWalker)
    rows = np.concatenate([np.random.default_rng(2).normal(size=(150, WIDTH)).astype(np.float32), walker.edge_rows()])
    expected = library_predict(booster)(rows)
    for size in (1, 7, 64, 65, len(rows)):
        np.testing.assert_array_equal(walker(rows[:size]), expected[:size])


def test_edge_rows_meet_thresholds_and_miss_values():
    walker = TreeWalker(train(objective="binary:logistic"), WIDTH)
    rows, thresholds = walker.edge_rows(), walker.nodes["value"]
    assert np.isin(rows, thresholds).sum() > 30 and np.isnan(rows).sum() > 30
    assert np.signbit(rows[rows == 0]).any()


@pytest.mark.parametrize(
    "settings",
    [{"booster": "gblinear"}, {"booster": "dart", "rate_drop": 0.5}, {"objective": "binary:hinge"}],
    ids=lambda settings: "-".join(map(str, settings.values())),
)
def test_what_it_does_not_know_is_left_to_the_library(settings):
    booster = train(**settings)
    with pytest.raises(Unsuitable):
        TreeWalker(booster, WIDTH)
    assert not isinstance(fastest_predict(booster, WIDTH), TreeWalker)


def test_a_wrong_walker_is_not_used(monkeypatch):
    monkeypatch.setattr(TreeWalker, "__call__", lambda self, rows: np.zeros(len(rows), np.float32))
    assert isinstance(fastest_predict(train(), WIDTH), DirectPredict)


def test_rows_of_another_width_are_refused_before_memory_is_read():
    walker = TreeWalker(train(), WIDTH)
    for rows in (np.zeros((2, WIDTH - 1), np.float32), np.zeros((2, WIDTH), np.float64)):
        with pytest.raises(ValueError, match="rows have"):
            walker(rows)


@pytest.mark.parametrize(
    ("name", "value"),
    [("left_children", 99), ("right_children", -2), ("split_indices", WIDTH), ("left_children", 0)],
)
def test_an_index_that_is_none_is_refused(name, value):
    tree = {
        "left_children": [1, -1, -1], "right_children": [2, -1, -1], "split_indices": [0, 0, 0],
        "split_conditions": [0.5, 1.0, 2.0], "default_left": [1, 0, 0], "split_type": [0, 0, 0], "tree_param": {},
    }  # fmt: skip
    nodes, roots = tree_walker._nodes([tree], WIDTH)
    assert tree_walker._depths(nodes, roots).tolist() == [1]
    tree[name] = [value, *tree[name][1:]]
    with pytest.raises(Unsuitable):
        tree_walker._depths(*tree_walker._nodes([tree], WIDTH))


def test_a_tree_without_nodes_is_refused():
    none = {
        name: [] for name in
        ("left_children", "right_children", "split_indices", "split_conditions", "default_left", "split_type")
    }  # fmt: skip
    with pytest.raises(Unsuitable, match="no node"):
        tree_walker._nodes([none | {"tree_param": {}}], WIDTH)


def test_only_rows_that_take_little_time_keep_the_interpreter(monkeypatch):
    booster, used = train(objective="binary:logistic"), []
    steps = 8 * (4 + 4) + 1  # eleven trees of four levels, eight at once, and one number of the answer
    monkeypatch.setattr(tree_walker, "_HASTY_STEPS", 10 * steps)
    walker = TreeWalker(booster, WIDTH)
    for name in ("_hasty", "_patient"):
        monkeypatch.setattr(walker, name, lambda *_, name=name: used.append(name))
    for height in (1, 10, 11):
        walker(np.zeros((height, WIDTH), np.float32))
    assert used == ["_hasty", "_hasty", "_patient"]
    assert tree_walker._steps(np.array([0] * 7 + [9] + [3])) == 8 * (9 + 3)


def test_without_a_compiler_the_library_predicts(monkeypatch):
    monkeypatch.setattr(c_code, "load", lambda source: None)
    monkeypatch.setattr(tree_walker, "_hasty", None)
    assert not tree_walker.build.__wrapped__()
    assert isinstance(fastest_predict(train(), WIDTH), DirectPredict)
