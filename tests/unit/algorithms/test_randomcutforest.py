"""Random Cut Forest: the trees and the score themselves, beside a plain walk and scikit-learn's IsolationForest."""

import json

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

import algorithms
from algorithms.randomcutforest.forest import Forest, forest_from_arrays, grow_forest, sample_rows
from algorithms.randomcutforest.scoring import scores
from engine.serving.model_schema import ModelSchema

from .amazon_jobs import figures, trained

RCF = "randomcutforest"


def rng():
    return np.random.default_rng(0)


def forest_of(rows, trees=50, size=64) -> Forest:
    draw = rng()
    return grow_forest(sample_rows(np.asarray(rows, np.float32), trees, size, draw), draw, lambda done: None)


@pytest.fixture(scope="module")
def normal():
    return rng().normal(size=(4000, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def forest(normal):
    return forest_of(normal)


def plainly(forest, row):
    """The score by AWS's description, tree by tree and from the leaf up."""
    results = []
    for root in range(forest.trees):
        path, node = [], root
        while forest.axis[node] >= 0:
            path.append(node)
            node = forest.left[node] if row[forest.axis[node]] <= forest.cut[node] else forest.right[node]
        mass = forest.mass[node]
        if (forest.low[node] == row).all():
            score = (1 - mass / (2 * forest.size)) / (len(path) + np.log2(mass + 1))
        else:
            score = 1 / (len(path) + 1)
        for depth in range(len(path) - 1, -1, -1):
            low, high = forest.low[path[depth]].astype(float), forest.high[path[depth]].astype(float)
            whole = (np.maximum(high, row) - np.minimum(low, row)).sum()
            parted = 1 - (high - low).sum() / whole
            score = parted / (depth + 1) + (1 - parted) * score
        results.append(score * np.log2(forest.size + 1))
    return np.mean(results)


def test_the_score_is_what_a_plain_walk_from_leaf_to_root_gives(forest, normal):
    rows = np.concatenate([normal[:20], normal[:5] * 1.3, [[8, 8, 8]]]).astype(np.float32)
    assert scores(forest, rows) == pytest.approx([plainly(forest, row) for row in rows], rel=1e-5)


def test_a_row_is_scored_the_same_alone_and_among_others(forest, normal):
    assert scores(forest, normal[:1]) == pytest.approx(scores(forest, normal[:3000])[:1], rel=1e-12)


def test_every_cut_parts_its_node_and_every_box_holds_its_children(forest):
    inner = np.flatnonzero(forest.axis >= 0)
    for child in (forest.left[inner], forest.right[inner]):
        assert (forest.low[child] >= forest.low[inner]).all() and (forest.high[child] <= forest.high[inner]).all()
    axis = forest.axis[inner]
    assert (forest.high[forest.left[inner], axis] <= forest.cut[inner]).all()
    assert (forest.low[forest.right[inner], axis] > forest.cut[inner]).all()
    assert (forest.mass[inner] == forest.mass[forest.left[inner]] + forest.mass[forest.right[inner]]).all()
    assert (forest.mass[: forest.trees] == forest.size).all()


def test_a_wide_column_is_cut_in_proportion_to_its_width(normal):
    forest = forest_of(normal * np.array([1, 3, 1], np.float32), trees=1000, size=16)
    roots = forest.axis[:1000]
    width = (forest.high - forest.low)[:1000]
    assert (roots == 1).mean() == pytest.approx((width[:, 1] / width.sum(axis=1)).mean(), abs=0.04)


def test_the_far_row_is_the_strangest_and_scores_do_not_depend_on_the_sample_size(normal):
    for size in (64, 256):
        forest = forest_of(normal, size=size)
        usual, far = scores(forest, normal[:500]), scores(forest, np.full((1, 3), 12, np.float32))
        assert 0.5 < usual.mean() < 1.5 and far[0] > usual.max() * 2


def test_equal_rows_share_a_leaf_and_more_of_them_are_less_strange():
    rows = np.array([[1, 2]] * 90 + [[1, 3]] * 10, np.float32)
    forest = forest_of(rows, size=100)
    assert len(forest.axis) == 50 * 3
    often, seldom, new = scores(forest, np.array([[1, 2], [1, 3], [9, 9]], np.float32))
    assert often < seldom < new


def test_one_row_a_tree_and_a_table_of_one_row_still_score():
    single = forest_of(np.ones((1, 2)), size=256)
    assert single.size == 1
    known, new = scores(single, np.array([[1, 1], [5, 5]], np.float32))
    assert known < new
    assert np.isfinite(scores(forest_of(np.eye(4), size=1), np.eye(4, dtype=np.float32))).all()


def test_samples_are_shared_out_while_there_are_enough_rows():
    rows = np.arange(1000, dtype=np.float32)[:, None]
    shared = sample_rows(rows, 10, 100, rng())
    assert len(np.unique(shared)) == 1000
    own = sample_rows(rows[:150], 10, 100, rng())
    assert all(len(np.unique(tree)) == 100 for tree in own) and len(np.unique(own)) == 150


def test_blocks_of_trees_make_one_forest(normal, monkeypatch):
    monkeypatch.setattr("algorithms.randomcutforest.forest._BLOCK_SIZE", 64 * 3 * 7)
    done = []
    draw = rng()
    forest = grow_forest(sample_rows(normal, 50, 64, draw), draw, done.append)
    assert done == [7, 14, 21, 28, 35, 42, 49, 50]
    assert scores(forest, normal[:5]) == pytest.approx([plainly(forest, row) for row in normal[:5]], rel=1e-5)


def test_a_forest_is_rebuilt_from_its_cuts_and_leaves(forest, normal):
    again = forest_from_arrays(forest.trees, forest.size, **forest.arrays())
    for name in ("low", "high", "mass", "width"):
        assert (getattr(again, name) == getattr(forest, name)).all()
    assert (scores(again, normal[:10]) == scores(forest, normal[:10])).all()


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("left", lambda a: np.zeros_like(a)),
        ("right", lambda a: np.where(a >= 0, a + 1, a)),
        ("axis", lambda a: np.where(a >= 0, 99, a)),
        ("axis", lambda a: np.full_like(a, -1)),
        ("mass", lambda a: a[:-1]),
        ("mass", lambda a: a * 0),
        ("cut", lambda a: a[:-1]),
        ("points", lambda a: a[:, :0]),
    ],
    ids=[
        "a loop",
        "shifted children",
        "no such column",
        "no cuts",
        "a mass short",
        "no mass",
        "a cut short",
        "no columns",
    ],
)
def test_a_damaged_forest_is_refused_before_anybody_walks_it(forest, name, damage):
    arrays = forest.arrays()
    with pytest.raises(ValueError, match="its "):
        forest_from_arrays(forest.trees, forest.size, **{**arrays, name: damage(arrays[name])})


def test_what_is_unlike_the_training_rows_is_found_about_as_well_as_by_an_isolation_forest():
    """Benign tumours are what is usual; half of them are held out and judged together with the malignant ones."""
    table = load_breast_cancer()
    usual, odd = table.data[table.target == 1], table.data[table.target == 0]
    train, held = usual[::2], np.concatenate([usual[1::2], odd])
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    train, held = (((part - mean) / deviation).astype(np.float32) for part in (train, held))
    is_odd = np.arange(len(held)) >= len(usual[1::2])
    ours = roc_auc_score(is_odd, scores(forest_of(train, trees=100, size=256), held))
    theirs = roc_auc_score(is_odd, -IsolationForest(random_state=0).fit(train).score_samples(held))
    print(ours, theirs)
    assert ours > theirs - 0.01 and ours > 0.93


def test_the_quantiles_of_the_training_scores_are_logged_and_kept(job, capsys):
    """One in a hundred of other rows of the same kind lies about above the highest, and rows far away all do."""
    draw = np.random.default_rng(3)
    rows = draw.normal(size=(20_000, 2)).astype(np.float32)
    job.put("train", as_csv_rows(rows), content_type="text/csv;label_size=0")
    predictor = trained(RCF, job, feature_dim=2, num_trees=50)
    metrics = figures(RCF, capsys.readouterr().out)
    quantiles = {f"{quantile:g}": metrics[name][0] for name, quantile in algorithms.get(RCF).score_quantiles.items()}
    assert predictor.score_quantiles == pytest.approx(quantiles) and list(quantiles) == ["0.9", "0.95", "0.99"]
    others = scores(predictor._forest, draw.normal(size=(4000, 2)).astype(np.float32))
    assert 0.002 < (others > quantiles["0.99"]).mean() < 0.03
    assert (scores(predictor._forest, np.array([[8, 8], [-9, 0]], np.float32)) > quantiles["0.99"]).all()


def test_an_endpoint_answers_with_labels_whether_a_row_is_an_anomaly(job):
    rows = np.random.default_rng(3).normal(size=(2000, 2)).astype(np.float32)
    job.put("train", as_csv_rows(rows), content_type="text/csv;label_size=0")
    predictor = trained(RCF, job, feature_dim=2, num_trees=50)
    columns = [
        {"name": name, "type": "float", "role": "feature", "kind": "number", "encoding": "number", "features": [name]}
        for name in "ab"
    ]
    schema = {"version": 2, "algorithm": RCF, "columns": columns, "features": ["a", "b"], "classes": []}
    with_labels = ModelSchema(schema, predictor, "application/json")
    body, _ = with_labels.label_response(
        predictor.write(predictor.predict(np.array([[0, 0], [9, 9]], np.float32)), "application/json"),
        "application/json",
    )
    usual, odd = json.loads(body)["predictions"]
    assert (usual["anomaly"], odd["anomaly"], odd["quantile"]) == (False, True, 0.99)
    assert usual["score"] < usual["threshold"] == odd["threshold"] < odd["score"]


def as_csv_rows(rows) -> str:
    return "".join(",".join(map(repr, row)) + "\n" for row in rows.tolist())
