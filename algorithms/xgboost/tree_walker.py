"""Predicts with the trees of a model in C of our own, where there is a compiler: the library's answers, bit by bit.

XGBoost's call takes 24 us for one row and 45 for 64 of 100 trees, most of it before it looks at a tree: it parses JSON
and compiles a regular expression. This takes a twentieth and a quarter of that (docs/a-prediction.md).
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from struct import Struct
from typing import Any, ClassVar

import numpy as np

from algorithms import c_code
from algorithms.formats import ubjson
from algorithms.tree_arrays import MAX_DEPTH

_MISSING_LEFT = np.uint32(1 << 31)
_AS_IT_IS, _LOGISTIC, _EXPONENTIAL, _SOFTMAX = range(4)
_LINKS = {
    **dict.fromkeys(("reg:squarederror", "reg:absoluteerror", "reg:pseudohubererror"), _AS_IT_IS),
    **dict.fromkeys(("reg:squaredlogerror", "rank:pairwise", "rank:ndcg", "rank:map"), _AS_IT_IS),
    **dict.fromkeys(("binary:logistic", "reg:logistic"), _LOGISTIC),
    **dict.fromkeys(("count:poisson", "reg:gamma", "reg:tweedie"), _EXPONENTIAL),
    "multi:softprob": _SOFTMAX,
}
_NODE = np.dtype([("value", "f4"), ("feature", "u4"), ("left", "i4"), ("right", "i4")])
EDGE_ROWS = 64
_HASTY_STEPS = 100_000  # take too little time, 0.4 ms, to give up the GIL, which would let others in for milliseconds
_TREES_AT_ONCE = 8  # as in the source
_hasty: Callable[..., None] | None = None  # keeps the GIL
_patient: Callable[..., None] | None = None


class Unsuitable(ValueError):
    """The library has to predict; the message says why."""


class _Model(ctypes.Structure):
    """As in the source."""

    _fields_: ClassVar = [
        *((name, ctypes.c_void_p) for name in ("nodes", "roots", "depths", "outputs")),
        *((name, ctypes.c_int32) for name in ("trees", "width", "count", "link")),
        ("score", ctypes.c_float),
    ]


@cache
def build() -> bool:
    """Make the walker usable in this process. False where it cannot be built: then the library predicts. Repeatable."""
    global _hasty, _patient
    libraries = c_code.load(Path(__file__).with_suffix(".c"))
    if libraries is None:
        return False
    _hasty, _patient = _typed(libraries.hasty), _typed(libraries.patient)
    return True


def _typed(library: ctypes.CDLL) -> Callable[..., None]:
    function = library.predict
    function.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int64, ctypes.c_void_p)
    function.restype = None
    return function


class TreeWalker:
    """The trees of one model as arrays. Safe to call from several threads."""

    def __init__(self, booster: Any, width: int):
        """`width` is the number of features. Raises Unsuitable."""
        if _hasty is None or _patient is None:
            raise Unsuitable("the walker is not built")
        self._hasty, self._patient, self.width = _hasty, _patient, width
        self._pack_row = Struct(f"={width}f").pack  # with "=" it refuses what is too large for float32
        learner = ubjson.loads(bytes(booster.save_raw("ubj")))["learner"]
        link = _LINKS.get(learner["objective"]["name"])
        if link is None or learner["gradient_booster"]["name"] != "gbtree":
            raise Unsuitable("its objective or its booster is another")
        parameters, model = learner["learner_model_param"], learner["gradient_booster"]["model"]
        self.count = max(int(parameters["num_class"]), 1)
        if int(parameters.get("num_target", 1)) > 1 or not model["trees"]:
            raise Unsuitable("it has several targets, or no tree")
        self.nodes, roots = _nodes(model["trees"], width)
        depths = _depths(self.nodes, roots)
        outputs = np.asarray(model["tree_info"], np.int32)
        if outputs.shape != roots.shape or outputs.min() < 0 or outputs.max() >= self.count:
            raise Unsuitable("a tree has an output that the model does not have")
        self._arrays = (self.nodes, roots, depths, outputs)  # whose addresses the model holds
        addresses = [array.ctypes.data for array in self._arrays]
        score = float(parameters["base_score"])
        self._model = _Model(*addresses, len(roots), width, self.count, link, score)
        self._address = ctypes.addressof(self._model)
        self._hasty_rows = _HASTY_STEPS // (_steps(depths) + self.count)

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Return float32 predictions (rows,) or (rows, classes). Raises ValueError for rows of another width."""
        height, width = rows.shape
        if width != self.width or rows.dtype != np.float32:
            raise ValueError(f"rows have {width} numbers of type {rows.dtype}, and the model {self.width} of float32")
        # A copy as bytes takes a third of the time that NumPy takes for an address.
        predictions = np.frombuffer(memoryview(self._walk(rows.tobytes(), height)), np.float32)
        return predictions if self.count == 1 else predictions.reshape(height, self.count)

    def predict_numbers(self, numbers: Sequence[float]) -> list[Any]:
        """As Predictor.predict_numbers."""
        height, rest = divmod(len(numbers), self.width)
        if rest or not math.isfinite(sum(numbers)):
            raise ValueError("the numbers are no rows of finite numbers")
        pack = self._pack_row if height == 1 else Struct(f"={len(numbers)}f").pack
        values, count = self._walk(pack(*numbers), height)[:], self.count
        return values if count == 1 else [values[i : i + count] for i in range(0, len(values), count)]

    def _walk(self, data: bytes, height: int) -> ctypes.Array[ctypes.c_float]:
        out = (ctypes.c_float * (height * self.count))()
        predict = self._hasty if height <= self._hasty_rows else self._patient
        predict(self._address, data, height, ctypes.byref(out))
        return out

    def edge_rows(self, random: np.random.Generator | None = None) -> np.ndarray:
        """Rows of thresholds and of the numbers next to them, of missing numbers, zeros of both signs and extremes."""
        is_inner = self.nodes["left"] != np.arange(len(self.nodes))
        features, values = (self.nodes["feature"] & ~_MISSING_LEFT)[is_inner], self.nodes["value"][is_inner]
        random, largest = random or np.random.default_rng(0), np.finfo(np.float32).max
        others = np.array([np.nan, 0.0, -0.0, largest, -largest], np.float32)
        rows = random.choice(others, (EDGE_ROWS, self.width))
        for row in rows:
            some = random.integers(0, len(values), self.width if len(values) else 0)
            next_to = np.nextafter(values[some], random.choice([-largest, largest], len(some)), dtype=np.float32)
            row[features[some]] = np.where(random.random(len(some)) < 0.5, values[some], next_to)
            row[random.random(self.width) < 0.1] = np.nan
        return np.clip(rows, -largest, largest)  # the library refuses infinity, and NaN stays


def _nodes(trees: list[Mapping[str, Any]], width: int) -> tuple[np.ndarray, np.ndarray]:
    """The nodes of all trees, and the index of each root. Every index in them is within bounds. Raises Unsuitable."""
    sizes = np.array([len(tree["left_children"]) for tree in trees])
    if not sizes.all():
        raise Unsuitable("a tree has no node")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    left, right, feature, value, default_left, kind = (
        np.concatenate([np.asarray(tree[name]) for tree in trees])
        for name in (
            "left_children", "right_children", "split_indices", "split_conditions", "default_left", "split_type",
        )
    )  # fmt: skip
    if kind.any() or any(int(tree["tree_param"].get("size_leaf_vector") or 0) > 1 for tree in trees):
        raise Unsuitable("it splits on categories, or has a vector in each leaf")
    is_leaf = left == -1
    offsets, limits, own = np.repeat(starts, sizes), np.repeat(sizes, sizes), np.arange(len(left))
    feature = np.where(is_leaf, 0, feature)
    children = np.stack([left, right])[:, ~is_leaf]
    if (children < 1).any() or (children >= limits[~is_leaf]).any() or (feature < 0).any() or (feature >= width).any():
        raise Unsuitable("a node has a child or a feature that is none")
    nodes = np.zeros(len(left), _NODE)
    nodes["value"] = value
    nodes["feature"] = feature.astype(np.uint32) | np.where(default_left, _MISSING_LEFT, np.uint32(0))
    nodes["left"], nodes["right"] = np.where(is_leaf, own, left + offsets), np.where(is_leaf, own, right + offsets)
    return nodes, starts.astype(np.int32)


def _depths(nodes: np.ndarray, roots: np.ndarray) -> np.ndarray:
    """The number of splits on the longest way through each tree. Raises Unsuitable for a way without end."""
    depths = np.zeros(len(roots), np.int32)
    level, tree_of = roots, np.arange(len(roots))
    for _ in range(MAX_DEPTH):
        is_inner = nodes["left"][level] != level
        level, tree_of = level[is_inner], tree_of[is_inner]
        if not len(level):
            return depths
        if len(level) > len(nodes):
            break
        depths[np.unique(tree_of)] += 1
        level = np.concatenate([nodes["left"][level], nodes["right"][level]])
        tree_of = np.concatenate([tree_of, tree_of])
    raise Unsuitable("a tree is too deep, or none")


def _steps(depths: np.ndarray) -> int:
    """The nodes that a row visits: trees are walked together as far as the deepest of them goes."""
    return _TREES_AT_ONCE * int(np.maximum.reduceat(depths, np.arange(0, len(depths), _TREES_AT_ONCE)).sum())
