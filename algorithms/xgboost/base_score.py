"""Rewrites the base score of models of XGBoost 3.1 and later, which XGBoost 3.0 misreads without a word.

Up to 3.0 a model has one base score, "5E-1". From 3.1 on it has a list with one for each output, "[5E-1]", which 3.0
takes for 0: every answer is wrong. Source: LearnerModelParam in src/learner.cc of both versions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from algorithms.formats import ubjson

_LIST = re.compile(rb'base_score(?:"\s*:\s*"|SL.{8})\[', re.DOTALL)  # in JSON and in UBJSON
# The objectives whose base score is added to the trees as it is; that of others passes through a link first.
_ADDED = ("multi:softprob", "multi:softmax", "reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror")


def has_list(data: bytes) -> bool:
    """True if the JSON or UBJSON model in `data` may have a list of base scores."""
    return _LIST.search(data) is not None


def rewrite(data: bytes, is_json: bool) -> bytes:
    """Return the model as UBJSON with one base score and the same predictions.

    Where outputs have different base scores, each goes into the first tree of its output. Raises ValueError, KeyError
    or TypeError for a model that is damaged, and ValueError for one that cannot be rewritten.
    """
    document = parse_json(data) if is_json else ubjson.loads(data)
    learner = document["learner"]
    parameters = learner["learner_model_param"]
    text = parameters["base_score"]
    if isinstance(text, str) and text.startswith("["):
        scores = [float(score) for score in text.strip("[]").split(",")]
        if len(set(scores)) > 1:
            objective = learner["objective"]["name"]
            if objective not in _ADDED:
                raise ValueError(f"it has a base score for each output, which needs XGBoost 3.1, and is {objective}")
            _add(learner["gradient_booster"], scores)
            scores = [0.0]
        parameters["base_score"] = repr(scores[0])
    return ubjson.dumps(document)


def parse_json(data: bytes) -> Any:
    """Return the value in `data`, NaN and Infinity included, which XGBoost writes though they are no JSON."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return json.loads(data)


def _add(booster: Mapping[str, Any], scores: Sequence[float]) -> None:
    if booster["name"] not in ("gbtree", "dart"):
        raise ValueError(f"it has a base score for each output, which needs XGBoost 3.1, and is a {booster['name']}")
    drops = booster.get("weight_drop")
    model = (booster["gbtree"] if booster["name"] == "dart" else booster)["model"]
    groups = np.array(model["tree_info"], np.int64)
    for output, score in enumerate(scores):
        trees = [tree for tree in np.flatnonzero(groups == output) if drops is None or drops[tree]]
        if not trees:
            raise ValueError(f"output {output} has a base score and no tree")
        tree = model["trees"][trees[0]]
        if int(tree["tree_param"].get("size_leaf_vector") or 0) > 1:
            raise ValueError("it has a base score for each output, and trees with a vector in each leaf")
        values = np.array(tree["split_conditions"], np.float32)
        values[np.array(tree["left_children"]) == -1] += score if drops is None else score / drops[trees[0]]
        tree["split_conditions"] = _like(tree["split_conditions"], values)


def _like(stored: Any, values: np.ndarray) -> Any:
    """`values` as an array of one type or as a list, as they were `stored`: the library does not read a mixture."""
    return values if isinstance(stored, np.ndarray) else values.tolist()
