"""Checks the trees of an XGBoost model, all at once, and returns a copy of what is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from algorithms.model_proof import InvalidModel, Unproven
from algorithms.tree_arrays import Forest

_UNUSED = 2**31 - 1  # the feature of a node that pruning removed, and the parent of a root
_INTEGERS = ("left_children", "right_children", "split_indices", "default_left")
_FLOATS = ("split_conditions", "base_weights", "loss_changes", "sum_hessian")


def as_object(value: Any, name: str) -> Mapping[str, Any]:
    """Return `value`. Raises InvalidModel if it is no object."""
    if not isinstance(value, dict):
        raise InvalidModel(f"{name} is no object")
    return value


def check_trees(model: Mapping[str, Any], features: int, outputs: int) -> tuple[dict[str, Any], int]:
    """Return the model of a gbtree booster, and the steps to predict a row. Raises as `validation.validated`."""
    trees = model["trees"]
    if not isinstance(trees, list) or not all(isinstance(tree, dict) for tree in trees):
        raise InvalidModel("trees is no list of objects")
    parameters = as_object(model["gbtree_model_param"], "gbtree_model_param")
    parallel = int(parameters.get("num_parallel_tree") or 1)
    if not 0 < parallel < 2**31 or int(parameters["num_trees"]) != len(trees):
        raise InvalidModel(f"gbtree_model_param has {parameters}, and there are {len(trees)} trees")
    groups = np.array(model["tree_info"], np.int64).reshape(-1)
    if len(groups) != len(trees) or (groups < 0).any() or (groups >= outputs).any():
        raise InvalidModel(f"tree_info must have one number from 0 to {outputs - 1} for each tree")
    copies, steps = _copies(trees, features)
    return {
        "gbtree_model_param": {"num_parallel_tree": str(parallel), "num_trees": str(len(trees))},
        "iteration_indptr": _rounds(model.get("iteration_indptr"), groups, parallel),
        "tree_info": groups.tolist(),
        "trees": copies,
    }, steps


def _rounds(stored: Any, groups: np.ndarray, parallel: int) -> list[int]:
    """Return the first tree of each round and, last, the number of trees. Models before 2.0 do not store it."""
    trees = len(groups)
    if stored is None:
        size = parallel * (int(groups.max()) + 1 if trees else 1)
        stored = range(0, trees + 1, size)
    rounds = [int(number) for number in stored]
    if not rounds or rounds[0] != 0 or rounds[-1] != trees or any(one > other for one, other in pairwise(rounds)):
        raise InvalidModel(f"iteration_indptr must count up from 0 to the number of trees, {trees}")
    return rounds


def _copies(trees: Sequence[Mapping[str, Any]], features: int) -> tuple[list[dict[str, Any]], int]:
    if not trees:
        return [], 0
    sizes = [_size(tree, number) for number, tree in enumerate(trees)]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    nodes = {name: _joined(trees, name, sizes, np.int64) for name in _INTEGERS}
    nodes |= {name: _joined(trees, name, sizes, np.float32) for name in _FLOATS}
    forest = Forest(nodes["left_children"], nodes["right_children"], starts)
    is_reached, steps = forest.check()
    is_leaf = nodes["left_children"] == -1
    left, right, feature = nodes["left_children"], nodes["right_children"], nodes["split_indices"]
    forest.refuse(np.minimum(left, right) < -1, np.minimum(left, right), "has the child {}; a child is -1 or a node")
    forest.refuse(is_leaf != (right == -1), right, "has one child only, and must have two or none")
    # The library takes the node after the left child for the right one.
    forest.refuse(~is_leaf & (right != left + 1), right, "has the right child {}, which must follow the left one")
    wrong = is_reached & ~is_leaf & ((feature < 0) | (feature >= features))
    forest.refuse(wrong, feature, f"splits on feature {{}}, and the model has {features} features")
    number = nodes["split_conditions"]
    forest.refuse(is_reached & is_leaf & ~np.isfinite(number), number, "is a leaf with the value {}")
    forest.refuse(is_reached & np.isnan(number), number, "splits at {}")
    _clear(nodes, ~is_reached)
    return _split(nodes, _parents(left, right, starts), is_reached, starts, features), steps


def _size(tree: Mapping[str, Any], number: int) -> int:
    parameters = as_object(tree["tree_param"], f"tree_param of tree {number}")
    if int(parameters.get("size_leaf_vector") or 0) > 1:
        raise Unproven("its trees have a vector in each leaf")
    if np.any(np.asarray(tree.get("split_type", ()), np.int64)) or len(tree.get("categories", ())):
        raise Unproven("its trees split on categories")
    if tree.get("id", number) != number:
        raise InvalidModel(f"tree {number} has the id {str(tree['id'])[:40]}, and must be in the order of the ids")
    size = len(tree["left_children"])
    if size < 1 or int(parameters["num_nodes"]) != size:
        raise InvalidModel(f"tree {number} has {size} nodes, and num_nodes is {str(parameters['num_nodes'])[:40]}")
    return size


def _joined(trees: Sequence[Mapping[str, Any]], name: str, sizes: Sequence[int], dtype: type) -> np.ndarray:
    arrays: list[np.ndarray] = [np.asarray(tree[name], dtype) for tree in trees]
    for number, (array, size) in enumerate(zip(arrays, sizes, strict=True)):
        if array.shape != (size,):
            raise InvalidModel(f"{name} of tree {number} has the shape {array.shape}, and must have {size} numbers")
    return np.concatenate(arrays)


def _clear(nodes: dict[str, np.ndarray], unused: np.ndarray) -> None:
    """Mark nodes that no walk reaches, as pruning leaves them: the library follows the parents of all nodes."""
    for name in (*_INTEGERS, *_FLOATS):
        nodes[name][unused] = 0
    nodes["left_children"][unused] = nodes["right_children"][unused] = -1
    nodes["split_indices"][unused] = _UNUSED
    nodes["default_left"] = (nodes["default_left"] != 0) | unused
    nodes["split_indices"][(nodes["left_children"] == -1) & ~unused] = 0


def _parents(left: np.ndarray, right: np.ndarray, starts: np.ndarray) -> np.ndarray:
    counts = np.diff(starts)
    offsets = np.repeat(starts[:-1], counts)
    parents = np.zeros(len(left), np.int32)
    for children in (left, right):
        inner = np.flatnonzero(children >= 0)
        parents[children[inner] + offsets[inner]] = inner - offsets[inner]
    parents[starts[:-1]] = _UNUSED
    return parents


def _split(
    nodes: Mapping[str, np.ndarray], parents: np.ndarray, is_reached: np.ndarray, starts: np.ndarray, features: int
) -> list[dict[str, Any]]:
    columns: dict[str, np.ndarray] = {
        **{name: nodes[name].astype(np.int32) for name in _INTEGERS[:3]},
        "default_left": nodes["default_left"].astype(np.uint8),
        **{name: nodes[name] for name in _FLOATS},
        "parents": parents,
        "split_type": np.zeros(len(parents), np.uint8),
    }
    deleted = np.add.reduceat(~is_reached, starts[:-1], dtype=np.int64)
    nothing = {
        "categories": np.empty(0, np.int32), "categories_nodes": np.empty(0, np.int32),
        "categories_segments": np.empty(0, np.int64), "categories_sizes": np.empty(0, np.int64),
    }  # fmt: skip
    parameters: Callable[[int, int], dict[str, str]] = lambda size, unused: {  # noqa: E731
        "num_deleted": str(unused), "num_feature": str(features), "num_nodes": str(size), "size_leaf_vector": "1",
    }  # fmt: skip
    return [
        {
            **{name: column[start:end] for name, column in columns.items()},
            **nothing,
            "id": number,
            "tree_param": parameters(int(end - start), int(deleted[number])),
        }
        for number, (start, end) in enumerate(pairwise(starts.tolist()))
    ]
