"""Sample tables, and jobs in folders of their own."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

from algorithms.spec import Algorithm

from . import every
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


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A trained model of an algorithm: its folder. Trained once, however many tests ask it."""
    folders = {}

    def model(algorithm: Algorithm):
        if algorithm.name not in folders:
            ctx = every.job(algorithm, tmp_path_factory.mktemp(algorithm.name), every.tasks(algorithm)[0])
            algorithm.load_trainer()(ctx)
            folders[algorithm.name] = ctx.model_dir
        return folders[algorithm.name]

    return model


@pytest.fixture
def predictor(trained):
    return lambda algorithm: algorithm.load_predictor().load(trained(algorithm))
