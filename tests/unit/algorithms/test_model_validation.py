"""Validators of model files: what a library would follow without question is refused, and the rest stays the same."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import algorithms
from algorithms.amazon import model_file
from algorithms.formats import ubjson
from algorithms.model_proof import STEP_SECONDS, Unproven
from algorithms.spec import UserError
from algorithms.tree_arrays import Forest
from tests.fuzz.seeds import read_numpy
from tests.unit.algorithms import every, hostile

XGBOOST, LIGHTGBM = "xgboost", "lightgbm"
VALIDATED = [name for name in algorithms.ALGORITHMS if name != "catboost"]


def validate(folder: Path, algorithm: str, content: bytes, name: str = ""):
    """The proof of a model with this content, and the folder of the copy."""
    model, copy = folder / "model", folder / "copy"
    for each in (model, copy):
        each.mkdir()
    (model / (name or {XGBOOST: "xgboost-model", LIGHTGBM: "model.txt"}[algorithm])).write_bytes(content)
    return algorithms.get(algorithm).load_predictor().validate(model, copy), copy


def refusal(folder: Path, algorithm: str, content: bytes) -> str:
    with pytest.raises(UserError) as refused:
        validate(folder, algorithm, content)
    assert "Traceback" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("name", VALIDATED)
def test_the_copy_of_a_model_answers_as_the_model(tmp_path, name):
    algorithm = algorithms.get(name)
    for task in every.tasks(algorithm):
        job = every.job(algorithm, tmp_path / task, task)
        algorithm.load_trainer()(job)
        copy = tmp_path / f"{task}-copy"
        copy.mkdir()
        proof = algorithm.load_predictor().validate(job.model_dir, copy)
        one, other = (algorithm.load_predictor().load(folder) for folder in (job.model_dir, copy))
        rows = np.random.default_rng(0).normal(size=(200, one.n_features)).astype(np.float32) * 9
        assert proof.features == one.n_features and proof.row_steps >= 0
        assert np.array_equal(one.predict(rows), other.predict(rows), equal_nan=True)


def test_both_formats_of_xgboost_have_the_same_copy(tmp_path):
    document = json.loads(hostile.booster())
    copies = []
    for number, content in enumerate((hostile.booster(), ubjson.dumps(document))):
        folder = tmp_path / str(number)
        folder.mkdir()
        copies.append((validate(folder, XGBOOST, content)[1] / "xgboost-model").read_bytes())
    assert copies[0] == copies[1]


def change(path: str, value):
    """The XGBoost model with another value at a path such as learner/objective/name."""
    document = json.loads(hostile.booster())
    position = document
    *parents, last = path.split("/")
    for part in parents:
        position = position[int(part) if isinstance(position, list) else part]
    if value is None:
        del position[last]
    else:
        position[int(last) if isinstance(position, list) else last] = value
    return json.dumps(document).encode()


MODEL = "learner/gradient_booster/model"
TREE = f"{MODEL}/trees/0"
BROKEN = {
    "feature out of range": (hostile.crafted(hostile.far_feature), "splits on feature 2000000000, and the model has 3"),
    "own child": (hostile.crafted(hostile.own_child), r"is the child of \d nodes; a node has one parent"),
    "the root as a child": (hostile.crafted(lambda t, n: t["left_children"].__setitem__(n, 0)), "has the child 0"),
    "child out of range": (hostile.crafted(lambda t, n: t["left_children"].__setitem__(n, 999)), "has the child 999"),
    "negative child": (hostile.crafted(lambda t, n: t["right_children"].__setitem__(n, -7)), "has the child -7"),
    "one child": (hostile.crafted(lambda t, n: t["right_children"].__setitem__(n, -1)), "has one child only"),
    "equal children": (
        hostile.crafted(lambda t, n: t["right_children"].__setitem__(n, t["left_children"][n])),
        "is the child of 2 nodes",
    ),
    "exchanged children": (
        hostile.crafted(lambda t, n: t.update(left_children=t["right_children"], right_children=t["left_children"])),
        "which must follow the left one",
    ),
    "short array": (hostile.crafted(lambda t, n: t["split_conditions"].pop()), "split_conditions of tree 0 has the"),
    "wrong count": (hostile.crafted(lambda t, n: t["tree_param"].update(num_nodes="1000000")), "num_nodes is 1000000"),
    "leaf not finite": (
        hostile.crafted(lambda t, n: t["split_conditions"].__setitem__(-1, float("inf"))), "is a leaf with the value"
    ),
    "no trees": (change(f"{MODEL}/trees", []), "there are 0 trees"),
    "trees that are no objects": (change(f"{MODEL}/trees", [1] * 6), "trees is no list of objects"),
    "a tree of another class": (change(f"{MODEL}/tree_info", [5] * 6), "tree_info must have one number from 0 to 0"),
    "rounds past the end": (change(f"{MODEL}/iteration_indptr", [0, 10**9]), "iteration_indptr must count up"),
    "rounds backwards": (change(f"{MODEL}/iteration_indptr", [0, 5, 2, 6]), "iteration_indptr must count up"),
    "a negative feature count": (change("learner/learner_model_param/num_feature", "-3"), "num_feature is '-3'"),
    "classes of the objective": (
        change("learner/objective", {"name": "multi:softprob", "softmax_multiclass_param": {"num_class": "0"}}),
        "its objective has 0 classes",
    ),
    "base score": (change("learner/learner_model_param/base_score", "nan"), "base_score is 'nan'"),
    "names": (change("learner/feature_names", ["a"]), "feature_names has 1 texts"),
    "parameters that are a text": (change(f"{MODEL}/gbtree_model_param", "1"), "gbtree_model_param is no object"),
    "no learner": (b'{"learner": 3}', "learner is no object"),
    "deep": (b'{"learner":' + b"[" * 100_000, "damaged or incomplete"),
    "cut off": (hostile.booster()[:-100], "damaged or incomplete"),
    "binary length": (b"{L\x7f\xff\xff\xff\xff\xff\xff\xff", "exceeds the file"),
    "binary array": (b"{L" + b"\0" * 7 + b"\1a[$d#L\0\0\0\0\0\0\0\xff}", "exceeds the file"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "rule"), BROKEN.values(), ids=BROKEN)
def test_a_crafted_xgboost_model_is_refused_with_the_file_and_the_rule(tmp_path, content, rule):
    text = refusal(tmp_path, XGBOOST, content)
    assert "'xgboost-model'" in text
    assert re.search(rule, text), text


UNPROVEN = {
    "categories": hostile.booster(has_categories=True),
    "crash behind categories": hostile.crash(),
    "spin behind categories": hostile.spin(),
    "many features": change("learner/learner_model_param/num_feature", "2000000000"),
    "unknown objective": change("learner/objective", {"name": "reg:of-tomorrow"}),
    "unknown booster": change("learner/gradient_booster/name", "gbnew"),
    "old binary": b"binf" + b"\0" * 200,
}


@pytest.mark.parametrize("content", UNPROVEN.values(), ids=UNPROVEN)
def test_what_only_the_library_can_judge_is_not_proven(tmp_path, content):
    with pytest.raises(Unproven):
        validate(tmp_path, XGBOOST, content)


def chain(depth: int) -> bytes:
    """A tree that is a list: each left child is a leaf."""
    document = json.loads(hostile.booster())
    model = document["learner"]["gradient_booster"]["model"]
    nodes = 2 * depth + 1
    is_inner = [n % 2 == 0 and n < nodes - 1 for n in range(nodes)]
    tree = model["trees"][0]
    tree |= {name: [0] * nodes for name in tree if isinstance(tree[name], list) and not name.startswith("categories")}
    tree |= {
        "left_children": [n + 1 if inner else -1 for n, inner in enumerate(is_inner)],
        "right_children": [n + 2 if inner else -1 for n, inner in enumerate(is_inner)],
    }
    tree["tree_param"] |= {"num_nodes": str(nodes)}
    return json.dumps(document).encode()


def test_trees_whose_contributions_take_longer_than_an_answer_may_are_not_proven():
    nodes, trees = 900, 9  # a chain each: the deeper, the dearer, though a prediction walks it in a microsecond
    left, right = np.full(nodes, -1), np.append(np.arange(1, nodes), -1)
    starts = np.arange(trees + 1) * nodes
    assert Forest(left, right, starts[:2]).check()[1] == nodes
    with pytest.raises(Unproven, match="contributions of a row"):
        Forest(np.tile(left, trees), np.tile(right, trees), starts).check()


def test_a_tree_of_a_million_levels_is_not_proven(tmp_path):
    (tmp_path / "deep").mkdir()
    with pytest.raises(Unproven, match="more than 1000 levels"):
        validate(tmp_path / "deep", XGBOOST, chain(1_000_000 // 4))
    (tmp_path / "fine").mkdir()
    proof, _ = validate(tmp_path / "fine", XGBOOST, chain(900))
    assert proof.row_steps > 900


def test_the_numbers_of_an_answer_take_time_too(tmp_path):
    proof, _ = validate(tmp_path, XGBOOST, change("learner/learner_model_param/num_target", "5000"))
    assert proof.predict_steps < 1000 and proof.outputs == 5000
    assert proof.row_steps * STEP_SECONDS > 0.001


def edit(pattern: str, replacement: str) -> bytes:
    changed, count = re.subn(pattern, replacement, hostile.lightgbm_text().decode(), count=1, flags=re.MULTILINE)
    assert count
    return changed.encode()


LIGHTGBM_BROKEN = {
    "feature out of range": (edit(r"^split_feature=\d+", "split_feature=2000000000"), "splits on feature 2000000000"),
    "own child": (edit(r"^left_child=\d+ ", "left_child=1 1 "), "left_child|is the child of"),
    "the root as a child": (edit(r"^left_child=-?\d+", "left_child=0"), "has the child 0"),
    "leaf out of range": (edit(r"^right_child=-?\d+", "right_child=-999"), "has the leaf 998"),
    "more leaves": (edit(r"^num_leaves=\d+", "num_leaves=100000000"), "numbers, and must have"),
    "fewer words": (edit(r"^cat_threshold=\d+ ", "cat_threshold="), "cat_threshold of tree 0 has"),
    "category bounds": (edit(r"^cat_boundaries=0 \d+", "cat_boundaries=0 -5"), "must count up from 0|numbers"),
    "decision type": (edit(r"^decision_type=\d+", "decision_type=99"), "has the decision type 99"),
    "leaf value": (edit(r"^leaf_value=\S+", "leaf_value=nan"), "leaf value that is not a finite number"),
    "words for numbers": (edit(r"^threshold=\S+", "threshold=;;;"), "threshold holds something other than numbers"),
    "huge integer": (edit(r"^left_child=-?\d+", "left_child=-9223372036854775808"), "more than 32 bits"),
    "features of the header": (edit(r"^max_feature_idx=\d+", "max_feature_idx=0"), "splits on feature"),
    "no classes": (edit(r"^num_class=\d+", "num_class=0"), "0 outputs"),
    "objective": (edit(r"^objective=\S+", "objective=multiclass num_class:9"), "does not have the 1 classes"),
    "classes twice": (edit(r"^objective=.*", "objective=multiclass num_class:1 num_class:9"), "has a parameter twice"),
    "cut off": (hostile.lightgbm_text()[:2000], "its end is missing"),
}


@pytest.mark.parametrize(("content", "rule"), LIGHTGBM_BROKEN.values(), ids=LIGHTGBM_BROKEN)
def test_a_crafted_lightgbm_model_is_refused_with_the_file_and_the_rule(tmp_path, content, rule):
    text = refusal(tmp_path, LIGHTGBM, content)
    assert "'model.txt'" in text
    assert re.search(rule, text), text


def test_catboost_models_are_not_proven(tmp_path):
    with pytest.raises(Unproven):
        validate(tmp_path, "catboost", b"CBM1", "model")


def test_an_infinite_number_of_features_is_refused_in_words(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.txt").write_bytes(hostile.lightgbm_text())
    info = '{"library": "", "task": "regression", "classes": [], "features": Infinity, "categories": []}'
    (tmp_path / "model" / "model_info.json").write_text(info)
    with pytest.raises(UserError, match="'model_info.json' cannot be used"):
        algorithms.get(LIGHTGBM).load_predictor().validate(tmp_path / "model", tmp_path)


def numbered(path: Path) -> None:
    meta, arrays = read_numpy(path.read_bytes())
    model_file.save(path.parent, "randomcutforest", meta | {"size": 10**20}, arrays)


def encrypted(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"PK\1\2\x14\3\x14\0\0", b"PK\1\2\x14\3\x14\0\1"))


@pytest.mark.parametrize(("change", "words"), [(numbered, "no usable size"), (encrypted, "packed or encrypted")])
def test_a_model_file_of_a_first_party_algorithm_is_refused_in_words(tmp_path, change, words):
    job = every.job(algorithms.get("randomcutforest"), tmp_path, "")
    algorithms.get("randomcutforest").load_trainer()(job)
    change(job.model_dir / model_file.NAME)
    with pytest.raises(UserError, match=words):
        algorithms.get("randomcutforest").load_predictor().validate(job.model_dir, tmp_path)
