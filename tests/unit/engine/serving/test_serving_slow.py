"""A model that is slow answers in a thread, so that it keeps nobody else waiting."""

import asyncio
import threading

import numpy as np
import pytest

import algorithms
from engine.serving.model_cache import LoadedModel
from engine.serving.predict import answer
from engine.serving.routes import Variant
from tests.unit.algorithms import every


class Told:
    """A predictor that remembers which thread it was asked in."""

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> tuple[bytes, str]:
        self.thread = threading.current_thread()
        return body, "text/csv"


@pytest.mark.parametrize(("on_loop", "size", "alone"), [(None, 1000, False), (None, 20_000, True), (100, 1000, True)])
def test_a_body_is_predicted_in_a_thread_once_it_is_longer_than_the_model_says(on_loop, size, alone):
    predictor = Told()
    if on_loop:
        predictor.on_loop = on_loop
    variant = Variant(1, "config", "AllTraffic", "s3://b/m.tar.gz", "xgboost", ())
    asyncio.run(answer(LoadedModel(predictor, None, 1), variant, {}, b"1" * size))
    assert (predictor.thread is not threading.main_thread()) == alone


def test_a_large_forest_says_that_it_is_slow(tmp_path):
    algorithm, limits = algorithms.get("randomcutforest"), []
    for trees, samples in ((50, 8), (400, 128)):
        ctx = every.job(
            algorithm, tmp_path / str(trees), "", rows=300, num_trees=str(trees), num_samples_per_tree=str(samples)
        )
        algorithm.load_trainer()(ctx)
        limits.append(algorithm.load_predictor().load(ctx.model_dir).on_loop)
    assert np.all(np.diff(limits) < 0) and 8 < limits[1] < 400 < limits[0] <= 16 * 1024
