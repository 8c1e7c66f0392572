"""PCA: the components themselves, beside scikit-learn's on the same rows."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.decomposition import PCA

from algorithms.pca.components import few_rows, randomized, regular

TABLES = pytest.mark.parametrize("load", [load_iris, load_digits, load_breast_cancer], ids=lambda load: load.__name__)


def batches(rows, size=37):
    return lambda: (rows[at : at + size] for at in range(0, len(rows), size))


def rng():
    return np.random.default_rng(0)


@TABLES
def test_regular_is_scikit_learns_exact_answer_with_the_strongest_last(load):
    rows = load().data
    ours, theirs = regular(batches(rows), 3, True), PCA(3, svd_solver="full").fit(rows)
    assert ours.s[::-1] == pytest.approx(theirs.singular_values_, rel=1e-9)
    assert ours.mean == pytest.approx(theirs.mean_)
    assert ours.explained == pytest.approx(theirs.explained_variance_ratio_.sum())
    assert np.abs((ours.v[:, ::-1] * theirs.components_.T).sum(axis=0)) == pytest.approx(1)
    assert np.abs(ours.project(rows)[:, ::-1]) == pytest.approx(np.abs(theirs.transform(rows)), abs=1e-8)


@pytest.mark.parametrize("subtract_mean", [True, False])
@pytest.mark.parametrize("components", [1, 5, 12])
def test_few_rows_have_the_components_of_all_their_columns(subtract_mean, components):
    rows = rng().normal(size=(12, 80)) * np.linspace(5, 0.1, 80) + 1e4
    few, all_columns = (f(batches(rows, 5), components, subtract_mean) for f in (few_rows, regular))
    assert few.mean == pytest.approx(all_columns.mean)
    assert few.explained == pytest.approx(all_columns.explained)
    assert few.s == pytest.approx(all_columns.s, rel=1e-6, abs=1e-3)
    differ = few.s > 1e-3  # the mean takes one direction away
    assert np.abs((few.v * all_columns.v).sum(axis=0))[differ] == pytest.approx(1, abs=1e-6)
    assert few.v.T @ few.v == pytest.approx(np.eye(components), abs=1e-9)


def test_few_rows_that_are_all_equal_still_have_components():
    flat = few_rows(batches(np.ones((3, 10))), 2, True)
    assert flat.s == pytest.approx([0, 0]) and flat.v.T @ flat.v == pytest.approx(np.eye(2), abs=1e-9)


@TABLES
def test_randomized_finds_nearly_as_much(load):
    rows = load().data
    exact, near = regular(batches(rows), 3, True), randomized(batches(rows), 3, 10, True, rng())
    assert near.explained == pytest.approx(exact.explained, rel=2e-3)
    assert near.s == pytest.approx(exact.s, rel=2e-3)
    assert near.v.T @ near.v == pytest.approx(np.eye(3), abs=1e-9)


@pytest.mark.parametrize("subtract_mean", [True, False])
def test_randomized_is_exact_once_the_sketch_spans_everything(subtract_mean):
    rows = load_iris().data
    exact, near = regular(batches(rows), 2, subtract_mean), randomized(batches(rows), 2, 10, subtract_mean, rng())
    assert near.s == pytest.approx(exact.s) and near.v == pytest.approx(exact.v, abs=1e-6)
    assert near.explained == pytest.approx(exact.explained)


def test_without_the_mean_it_is_the_singular_value_decomposition_of_the_rows():
    rows = load_iris().data
    ours = regular(batches(rows), 4, False)
    assert ours.s[::-1] == pytest.approx(np.linalg.svd(rows, compute_uv=False))
    assert not ours.mean.any() and ours.explained == pytest.approx(1)


def test_a_large_offset_costs_no_digits():
    rows = load_iris().data
    far = regular(batches(rows + 1e7), 4, True)
    assert far.s == pytest.approx(regular(batches(rows), 4, True).s, rel=1e-6)


def test_a_table_without_any_spread_has_components_of_no_size():
    flat = regular(batches(np.ones((10, 3))), 2, True)
    assert flat.s == pytest.approx([0, 0]) and flat.explained == 1


def test_the_size_of_a_batch_does_not_matter():
    rows = load_iris().data
    assert regular(batches(rows, 7), 2, True).v == pytest.approx(regular(batches(rows, 1000), 2, True).v)
