"""k-means: the centers themselves, beside scikit-learn's on the same rows."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

import algorithms
from algorithms.amazon import model_file
from algorithms.contract import Channel, Facts, TrainingContext
from algorithms.kmeans import train
from algorithms.kmeans.clusters import WebScaleKMeans, closest_centers, init_centers, lloyd
from algorithms.kmeans.settle import num_centers

from .tables import as_csv


def rng():
    return np.random.default_rng(0)


def started(rows, weight, k, draw, tolerance=1e-4):
    """Lloyd's algorithm from a start of k-means++."""
    return lloyd(rows, weight, init_centers(rows, weight, k, "kmeans++", draw), 300, tolerance)


def test_closest_is_the_plain_distance_even_far_from_the_origin():
    rows = rng().normal(size=(50, 3)) + 1e6
    middle = rows[:4] + 0.01
    number, squared = closest_centers(rows - 1e6, middle - 1e6)
    plain = ((rows[:, None] - middle[None]) ** 2).sum(axis=2)
    assert (number == plain.argmin(axis=1)).all()
    assert squared == pytest.approx(plain.min(axis=1), rel=1e-6)


@pytest.mark.parametrize("method", ["random", "kmeans++"])
def test_a_start_holds_different_rows_and_no_more_than_there_are(method):
    rows = np.array([[1, 1], [1, 1], [2, 2], [2, 2], [3, 3]], float)
    centers = init_centers(rows, np.ones(5), 4, method, rng())
    assert len(centers) == 3 and len(np.unique(centers, axis=0)) == 3


def test_a_center_is_the_mean_of_what_it_was_given():
    scale = WebScaleKMeans(np.array([[0.0], [10.0]]), 2, "kmeans++", 0, rng())
    scale.update(np.array([[0.0], [1.0], [10.0], [11.0]]))
    scale.update(np.array([[2.0], [12.0]]))
    assert sorted(scale.centers[:, 0]) == pytest.approx([1.0, 11.0])
    assert scale.weight == pytest.approx([3, 3])


def test_an_old_row_counts_half_after_its_half_life():
    scale = WebScaleKMeans(np.array([[0.0]]), 1, "random", 4, rng())
    scale.update(np.full((4, 1), 0.0))
    scale.update(np.full((4, 1), 3.0))  # the first four weigh two by now
    assert scale.centers[0, 0] == pytest.approx(3 * 4 / (4 + 2))


def test_lloyd_agrees_with_scikit_learn_from_the_best_of_some_starts():
    rows = load_iris().data
    ours = min(started(rows, np.ones(len(rows)), 3, np.random.default_rng(i), 1e-6)[1] for i in range(10))
    assert ours == pytest.approx(KMeans(3, n_init=10, random_state=0).fit(rows).inertia_, rel=1e-3)


def test_lloyd_minds_the_weights_and_moves_a_center_that_lost_its_rows():
    rows = np.array([[0.0], [1.0], [100.0]])
    result, loss = started(rows, np.array([3.0, 1.0, 1.0]), 2, rng(), 0)
    assert sorted(result[:, 0]) == pytest.approx([0.25, 100.0]) and loss == pytest.approx(3 * 0.0625 + 0.5625)


@pytest.mark.parametrize(
    ("load", "k", "within"), [(load_iris, 3, 1.03), (load_digits, 10, 1.06)], ids=["iris", "digits"]
)
def test_web_scale_is_within_a_few_percent_of_scikit_learn(load, k, within):
    rows, draw = load().data, rng()
    scale = WebScaleKMeans(rows, num_centers({"k": k}, len(rows)), "kmeans++", 0, draw)
    for _ in range(10):
        for batch in np.array_split(rows[draw.permutation(len(rows))], 4):
            scale.update(batch)
    remaining = scale.weight > 0
    best = min(
        (started(scale.centers[remaining], scale.weight[remaining], k, draw) for _ in range(10)),
        key=lambda result: result[1],
    )
    theirs = KMeans(k, n_init=10, random_state=0).fit(rows).inertia_
    assert closest_centers(rows, best[0])[1].sum() <= within * theirs


@pytest.mark.parametrize(
    "load", [load_iris, load_digits, load_wine, load_breast_cancer], ids=lambda load: load.__name__
)
def test_a_job_reaches_lloyds_optimum_and_more_accurate_is_never_worse(load, tmp_path):
    """Also where a sample of the rows chooses the start; compared with scikit-learn's best of ten."""
    rows = load().data
    rows = ((rows - rows.mean(axis=0)) / np.maximum(rows.std(axis=0), 1e-9)).astype(np.float32)
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "part").write_text(as_csv(rows))
    channels = {"train": Channel("train", tmp_path / "train", "text/csv;label_size=0")}
    algorithm, losses = algorithms.get("kmeans"), {}
    for name, preset in algorithm.presets.items():
        settings = algorithm.settle({**preset, "k": "8"}, Facts("", 0, len(rows), rows.shape[1], True))
        algorithm.load_trainer()(TrainingContext(settings, channels, tmp_path / name, tmp_path / "out"))
        centers = model_file.load(tmp_path / name, "kmeans").arrays["centers"]
        losses[name] = closest_centers(rows, centers.astype(np.float64))[1].sum()
    assert losses["Accurate"] <= losses["Balanced"] * 1.001
    assert losses["Accurate"] <= KMeans(8, n_init=10, random_state=0).fit(rows).inertia_ * 1.005


def test_a_sample_chooses_the_start_of_the_run_over_all_rows(monkeypatch):
    rows = load_digits().data.astype(np.float32)
    merged = rows[:10]
    whole = closest_centers(rows, train._refine(rows, merged, {}, 4).astype(float))[1].sum()
    monkeypatch.setattr(train, "STARTS_ROWS", 300)
    sampled = closest_centers(rows, train._refine(rows, merged, {}, 4).astype(float))[1].sum()
    assert sampled == pytest.approx(whole, rel=0.05)


def test_automatic_centers_leave_each_some_rows():
    assert num_centers({"k": 3}, 1_000_000) == 12
    assert num_centers({"k": 10}, 100) == 20
    assert num_centers({"k": 10}, 15) == 10
    assert num_centers({"k": 3, "extra_center_factor": 4}, 1000) == 12
    assert num_centers({"k": 3, "extra_center_factor": 4}, 5) == 5
