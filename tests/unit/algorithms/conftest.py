"""Sample tables, and jobs in folders of their own."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

from .tables import Job, Table


def _shuffled(load) -> Table:
    x, y = load(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    return Table(x[order].astype(np.float32), y[order].astype(np.float32))


@pytest.fixture(scope="session")
def breast_cancer() -> Table:
    return _shuffled(load_breast_cancer)


@pytest.fixture(scope="session")
def iris() -> Table:
    return _shuffled(load_iris)


@pytest.fixture(scope="session")
def diabetes() -> Table:
    return _shuffled(load_diabetes)


@pytest.fixture
def job(tmp_path) -> Job:
    return Job(tmp_path)


@pytest.fixture(scope="session")
def make_job(tmp_path_factory):
    """Jobs that outlive one test, for models that several tests ask."""
    return lambda name: Job(tmp_path_factory.mktemp(name))
