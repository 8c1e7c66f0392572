"""Validates LightGBM's text models, and writes copies that the library can load without harm.

LightGBM reads as many numbers as a header claims and follows every index. Source of the rules: src/io/tree.cpp and
src/boosting/gbdt_model_text.cpp of LightGBM 4.6.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from algorithms.model_proof import InvalidModel, Proof, Unproven, check_limits, check_steps
from algorithms.tree_arrays import Forest

_INTEGER = b"0123456789- "
_FLOAT = b"0123456789.eE+-naif "  # nan and inf too
_MAX_WORD = 40  # characters of a number
_MAX_DECISION = 11  # the highest valid combination of the bits: category, default left, kind of missing values
_OBJECTIVE = re.compile(r"[a-z_0-9]+(?: sqrt| [a-z_]+:[-+.\deE]{1,30}){0,4}")


def validated(content: bytes) -> tuple[bytes, Proof]:
    """Return a model that holds what is checked of `content`, and its size.

    Raises ValueError or KeyError if it is broken, Unproven if it cannot be judged.
    """
    head, blank, rest = content.replace(b"\r\n", b"\n").partition(b"\n\n")
    body, end, _ = rest.partition(b"end of trees\n")
    header = _fields(head)
    if not blank or b"tree_sizes" not in header:
        raise InvalidModel("its header is not complete")
    if not end:
        raise InvalidModel("its end is missing")
    features, outputs = _integer(header, b"max_feature_idx") + 1, _integer(header, b"num_class")
    check_limits(features, outputs)
    if _integer(header, b"num_tree_per_iteration", outputs) != outputs:
        raise Unproven("it has not one tree for each class and round")
    trees = [_tree(text, number) for number, text in enumerate(body.split(b"\n\n\n")) if text.strip()]
    if len(trees) % outputs or len(header[b"tree_sizes"].split()) != len(trees):
        raise InvalidModel(f"it has {len(trees)} trees, and its header does not")
    copies, steps = _check_trees(trees, features)
    check_steps(steps)
    return _join(header, copies, features, outputs), Proof(features, steps, outputs)


def _fields(text: bytes) -> dict[bytes, bytes]:
    fields = {}
    for line in text.strip().split(b"\n"):
        key, _, value = line.partition(b"=")
        fields[key] = value
    return fields


def _integer(fields: Mapping[bytes, bytes], name: bytes, default: int | None = None) -> int:
    if name not in fields and default is not None:
        return default
    if name not in fields:
        raise InvalidModel(f"it has no {name.decode()}")
    if not re.fullmatch(rb"\d{1,9}", fields[name].strip()):
        raise InvalidModel(f"{name.decode()} is {fields[name][:40]!r}, and must be a whole number from 0 up")
    return int(fields[name])


def _tree(text: bytes, number: int) -> dict[bytes, bytes]:
    tree = _fields(text)
    if tree.get(b"Tree") != b"%d" % number:
        raise InvalidModel(f"tree {number} is not where it should be")
    if _integer(tree, b"is_linear", 0):
        raise Unproven("its leaves are linear models")
    return tree


def _check_trees(trees: Sequence[Mapping[bytes, bytes]], features: int) -> tuple[list[bytes], int]:
    leaves = np.array([_integer(tree, b"num_leaves") for tree in trees], np.int64)
    if (leaves < 1).any():
        raise InvalidModel(f"tree {int(np.argmax(leaves < 1))} has no leaves")
    inner = leaves - 1
    starts = np.concatenate([[0], np.cumsum(inner)]).astype(np.int64)
    left, right, feature = (
        _Column(trees, name, inner, _INTEGER) for name in (b"left_child", b"right_child", b"split_feature")
    )
    decision = _Column(trees, b"decision_type", inner, _INTEGER, default=b"0")
    threshold, value = _Column(trees, b"threshold", inner, _FLOAT), _Column(trees, b"leaf_value", leaves, _FLOAT)
    # Contributions are weighed by the training rows in the leaves and below the nodes.
    below, inside = (
        _Column(trees, name, counts, _INTEGER, b"0")
        for name, counts in ((b"internal_count", inner), (b"leaf_count", leaves))
    )
    if any((column.numbers < 0).any() or (column.numbers >= 2**31).any() for column in (below, inside)):
        raise InvalidModel("it counts its training rows by numbers that are none")
    forest = Forest(left.numbers, right.numbers, starts)
    _, steps = forest.check()
    limits = np.repeat(leaves, inner)
    for children in (left.numbers, right.numbers):
        forest.refuse(-children > limits, ~children, "has the leaf {}, and its tree has fewer")
    wrong = (feature.numbers < 0) | (feature.numbers >= features)
    forest.refuse(wrong, feature.numbers, f"splits on feature {{}}, and the model has {features} features")
    kinds = decision.numbers
    forest.refuse((kinds < 0) | (kinds > _MAX_DECISION), kinds, "has the decision type {}")
    forest.refuse(np.isnan(threshold.numbers), threshold.numbers, "splits at {}")
    if not np.isfinite(value.numbers).all():
        tree = int(np.searchsorted(np.cumsum(leaves), np.argmax(~np.isfinite(value.numbers)), side="right"))
        raise InvalidModel(f"tree {tree} has a leaf value that is not a finite number")
    categories = [_categories(tree, number) for number, tree in enumerate(trees)]
    counts = np.array([count for count, _ in categories], np.int64)
    index = threshold.numbers
    with np.errstate(invalid="ignore"):  # infinity has no remainder
        is_set = (index >= 0) & (index < np.repeat(counts, inner)) & (index % 1 == 0)
    wrong = (kinds & 1 == 1) & ~is_set
    forest.refuse(wrong, index, "splits on the set of categories {}, which its tree does not have")
    columns = (feature, threshold, decision, left, right, below)
    return [
        b"num_leaves=%d\nnum_cat=%d\n" % (size, counts[number])
        + b"".join(b"%b=%b\n" % (column.name, column.texts[number]) for column in columns if size > 1)
        + b"leaf_value=%b\nleaf_count=%b\n" % (value.texts[number], inside.texts[number])
        + categories[number][1]
        + b"is_linear=0\nshrinkage=1\n"
        for number, size in enumerate(leaves.tolist())
    ], steps


class _Column:
    """One array of all trees: its numbers, and its text for each tree, which the library parses exactly."""

    def __init__(
        self, trees: Sequence[Mapping[bytes, bytes]], name: bytes, counts: np.ndarray, characters: bytes,
        default: bytes = b"",
    ):  # fmt: skip
        self.name = name
        self.texts = [
            _array(tree.get(name) or b" ".join([default] * count), count, f"{name.decode()} of tree {number}")
            for number, (tree, count) in enumerate(zip(trees, counts.tolist(), strict=True))
        ]
        self.numbers = _numbers(b" ".join(text for text in self.texts if text), characters, name.decode())
        if len(self.numbers) != counts.sum():
            raise InvalidModel(f"{name.decode()} holds something other than numbers")


def _array(text: bytes, count: int, where: str) -> bytes:
    words = text.split() if count else []
    if len(words) != count:
        raise InvalidModel(f"{where} has {len(words)} numbers, and must have {count}")
    return b" ".join(words)


def _numbers(text: bytes, characters: bytes, where: str) -> np.ndarray:
    if text.translate(None, characters):
        raise InvalidModel(f"{where} holds something other than numbers")
    dtype = np.int64 if characters == _INTEGER else np.float64
    words = text.split()
    if max(map(len, words), default=0) > _MAX_WORD:
        raise InvalidModel(f"{where} has a number of more than {_MAX_WORD} characters")
    try:
        numbers = np.array(words, "S").astype(dtype) if words else np.empty(0, dtype)
    except (ValueError, OverflowError) as e:
        raise InvalidModel(f"{where} holds something other than numbers: {e}") from e
    if dtype is np.int64 and ((numbers < -(2**31)) | (numbers >= 2**32)).any():
        raise InvalidModel(f"{where} has a number of more than 32 bits")
    return numbers


def _categories(tree: Mapping[bytes, bytes], number: int) -> tuple[int, bytes]:
    """Return the number of sets of categories in a tree, and their lines."""
    count = _integer(tree, b"num_cat")
    if not count:
        return 0, b""
    of_tree = f"of tree {number}"
    bounds_text = _array(tree.get(b"cat_boundaries", b""), count + 1, f"cat_boundaries {of_tree}")
    bounds = _numbers(bounds_text, _INTEGER, f"cat_boundaries {of_tree}").tolist()
    if bounds[0] != 0 or any(one > other for one, other in pairwise(bounds)):
        raise InvalidModel(f"cat_boundaries {of_tree} must count up from 0")
    words_text = _array(tree.get(b"cat_threshold", b""), bounds[-1], f"cat_threshold {of_tree}")
    words = _numbers(words_text, _INTEGER, f"cat_threshold {of_tree}")
    if ((words < 0) | (words >= 2**32)).any():
        raise InvalidModel(f"cat_threshold {of_tree} must hold numbers of 32 bits")
    return count, b"cat_boundaries=%b\ncat_threshold=%b\n" % (bounds_text, words_text)


def _join(header: Mapping[bytes, bytes], trees: Sequence[bytes], features: int, outputs: int) -> bytes:
    objective = header.get(b"objective", b"").decode("ascii", "replace").strip()
    if objective and not _OBJECTIVE.fullmatch(objective):
        raise InvalidModel(f"its objective is {objective!r:.80}")
    words = [word.partition(":")[0] for word in objective.split()]
    if len(set(words)) < len(words):  # the library takes the last, and writes as many numbers
        raise InvalidModel(f"its objective {objective!r:.80} has a parameter twice")
    if objective.startswith("multiclass") and f"num_class:{outputs}" not in objective.split():
        raise InvalidModel(f"its objective {objective!r:.80} does not have the {outputs} classes of the model")
    if not objective.startswith("multiclass") and outputs > 1:
        raise Unproven("it has several outputs, and its objective is not multiclass")
    texts = [b"Tree=%d\n%b\n\n" % (number, tree) for number, tree in enumerate(trees)]
    lines = [
        b"tree", b"version=v4", b"num_class=%d" % outputs, b"num_tree_per_iteration=%d" % outputs, b"label_index=0",
        b"max_feature_idx=%d" % (features - 1),
        *([b"objective=" + objective.encode()] if objective else []),
        *([b"average_output"] if b"average_output" in header else []),
        b"feature_names=" + b" ".join(b"Column_%d" % number for number in range(features)),
        b"feature_infos=" + b" ".join([b"none"] * features),
        b"tree_sizes=" + b" ".join(b"%d" % len(text) for text in texts),
    ]  # fmt: skip
    return b"\n".join(lines) + b"\n\n" + b"".join(texts) + b"end of trees\n"
