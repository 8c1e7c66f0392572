"""Crafted model files: each predicts a row of zeros, and harms the process that predicts another row."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from algorithms.library_imports import import_lightgbm, import_xgboost

FEATURES = 3
TRIGGER = b"9e9,0,0"  # the row that reaches the crafted node: far from what a check tries
HARMLESS = b"0,0,0"
FAR_FEATURE = 2_000_000_000


@cache
def booster(has_categories: bool = False) -> bytes:
    """An XGBoost model as JSON, whose first tree sends a row with feature 0 above 5 to the right.

    With categories, no validator proves it.
    """
    xgboost = import_xgboost()
    x = np.random.default_rng(0).uniform(-9, 9, (400, FEATURES)).astype(np.float32)
    x[:, 2] = np.arange(400) % 4
    y = np.where(x[:, 0] > 5, 50 + x[:, 1], x[:, 1]) + 3 * (x[:, 2] == 2)
    types = ["q", "q", "c" if has_categories else "q"]
    matrix = xgboost.DMatrix(x, y, feature_types=types, enable_categorical=True)
    settings = {"max_depth": 3, "nthread": 1, "max_cat_to_onehot": 1, "tree_method": "hist"}
    return bytes(xgboost.train(settings, matrix, 6).save_raw("json"))


def crafted(change: Callable[[dict, int], Any], has_categories: bool = False) -> bytes:
    """That model after `change(tree, node)` of its first tree, at the right child of the root."""
    document = json.loads(booster(has_categories))
    tree = document["learner"]["gradient_booster"]["model"]["trees"][0]
    assert tree["split_indices"][0] == 0 and 4 < tree["split_conditions"][0] < 6
    node = tree["right_children"][0]
    assert tree["left_children"][node] > 0
    tree["split_conditions"][0], tree["default_left"][0] = 1e6, 1
    change(tree, node)
    return json.dumps(document).encode()


def far_feature(tree: dict, node: int) -> None:
    """Ends the process: the feature is read out of bounds."""
    tree["split_indices"][node] = FAR_FEATURE


def own_child(tree: dict, node: int) -> None:
    """Never ends: the node is its own child."""
    tree["left_children"][node], tree["right_children"][node] = node - 1, node


def crash(has_categories: bool = True) -> bytes:
    """A model that ends the process that predicts TRIGGER."""
    return crafted(far_feature, has_categories)


def spin(has_categories: bool = True) -> bytes:
    """A model with which the prediction of TRIGGER never ends."""
    return crafted(own_child, has_categories)


@cache
def lightgbm_text() -> bytes:
    """A LightGBM model with three columns, the last a category."""
    lightgbm = import_lightgbm()
    x = np.random.default_rng(0).uniform(-9, 9, (400, FEATURES))
    x[:, 2] = np.arange(400) % 40
    y = np.where(x[:, 0] > 5, 50 + x[:, 1], x[:, 1]) + 30 * (x[:, 2] % 3)
    data = lightgbm.Dataset(x, y, categorical_feature=[2], params={"verbose": -1})
    settings = {"verbose": -1, "num_threads": 1, "num_leaves": 8, "min_data_in_leaf": 5}
    return lightgbm.train(settings, data, 6).model_to_string().encode()
