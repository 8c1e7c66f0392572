"""The figures of drawn rows are scikit-learn's, and so are those of a table without all classes, and of ties."""

import numpy as np
import pytest

from evaluation.classes import _binary_figures, _multiclass_figures
from evaluation.numbers import _figures
from evaluation.resampling import BinaryFigures, MulticlassFigures, NumberFigures

DRAWS = 20


@pytest.fixture(params=range(4))
def rng(request) -> np.random.Generator:
    return np.random.default_rng(request.param)


def drawn(rng: np.random.Generator, rows: int) -> list[np.ndarray]:
    """Drawn rows, of which the last ones are few enough to lack a class."""
    return [rng.integers(0, rows, size) for size in [rows] * DRAWS + [1, 2, 3, 5]]


@pytest.mark.parametrize("digits", [1, 12], ids=["ties", "no ties"])
@pytest.mark.parametrize("kind", ["probabilities", "margins", "labels"])
def test_two_classes(rng, digits, kind):
    actual = rng.random(150) < 0.2
    shares = np.clip(np.round(rng.random(150) * 0.7 + 0.3 * actual, digits), 0, 1)
    score = {"probabilities": shares, "margins": shares - 0.5, "labels": None}[kind]
    value = shares if kind == "probabilities" else None
    figures = BinaryFigures(actual, shares >= 0.5, score, value)
    for rows in drawn(rng, 150):
        expected = _binary_figures(
            actual[rows], (shares >= 0.5)[rows], None if score is None else score[rows],
            None if value is None else value[rows],
        )  # fmt: skip
        assert figures(rows) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("has_shares", [True, False])
def test_more_classes_of_which_some_have_no_row(rng, has_shares):
    actual, shares = rng.integers(0, 4, 150), np.round(rng.dirichlet(np.ones(6), 150), 12)
    shares /= shares.sum(axis=1, keepdims=True)
    predicted = shares.argmax(axis=1)
    figures = MulticlassFigures(actual, predicted, shares if has_shares else None, 6)
    for rows in drawn(rng, 150):
        expected = _multiclass_figures(actual[rows], predicted[rows], shares[rows] if has_shares else None, 6)
        assert figures(rows) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("is_constant", [False, True])
def test_numbers(rng, is_constant):
    actual = np.full(150, 3.0) if is_constant else rng.normal(size=150)
    predicted = actual + rng.normal(size=150)
    figures = NumberFigures(actual, predicted)
    for rows in drawn(rng, 150):
        assert figures(rows) == pytest.approx(_figures(actual[rows], predicted[rows]), rel=1e-9, abs=1e-12)
