"""A model that is slow answers in a thread, so that it keeps nobody else waiting."""

import asyncio
import threading

import numpy as np
import pytest

import algorithms
from algorithms.spec import InvocationError, Predictor
from engine.serving import answering as module
from engine.serving.answering import Answering
from engine.serving.in_process import InProcessModel
from engine.serving.schema_document import SchemaDocument
from tests.unit.algorithms import every
from tests.waiting import STEP


class Recorder(Predictor):
    """A predictor of `width` features that remembers which threads it predicted and wrote in."""

    def __init__(self, width: int = 1):
        self.n_features = width

    @classmethod
    def load(cls, model_dir, environment=None): ...

    def probe(self): ...

    def read(self, body, content_type):
        return np.zeros((1, self.n_features), np.float32)

    def check(self, rows):
        return rows

    def response_type(self, accept):
        return "text/csv"

    def predict(self, rows):
        self.thread = threading.current_thread()
        return rows[:, 0]

    def write(self, predictions, accept):
        self.writer = threading.current_thread()
        return b"0"


def answer(predictor: Predictor, body: bytes, row_seconds: float = 0.0) -> None:
    async def ask() -> None:
        model = InProcessModel(Answering(predictor, "", row_seconds), 1, SchemaDocument({}))
        await asyncio.wait_for(model.answer({}, body), STEP)

    asyncio.run(ask())


@pytest.mark.parametrize(
    ("inline_limit", "size", "alone"), [(None, 1000, False), (None, 20_000, True), (100, 1000, True)]
)
def test_a_body_is_predicted_in_a_thread_once_it_is_longer_than_the_model_says(inline_limit, size, alone):
    predictor = Recorder()
    if inline_limit:
        predictor.inline_limit = inline_limit
    answer(predictor, b"1" * size)
    assert (predictor.thread is not threading.main_thread()) == alone


def test_a_short_body_that_becomes_many_numbers_is_predicted_in_a_thread():
    predictor = Recorder(width=16 * 1024)
    answer(predictor, b"1")
    assert predictor.thread is not threading.main_thread()


def test_a_model_that_breaks_breaks_the_request_and_leaves_nobody_waiting():
    class ModelLoadError(Recorder):
        def predict(self, rows):
            raise ZeroDivisionError("by 0")

    with pytest.raises(ZeroDivisionError):
        answer(ModelLoadError(), b"1")


def test_a_row_that_takes_long_is_predicted_and_written_in_a_thread():
    predictor = Recorder()
    answer(predictor, b"1", row_seconds=0.5)
    assert threading.main_thread() not in (predictor.thread, predictor.writer)


def test_a_large_forest_says_that_it_is_slow(tmp_path):
    algorithm, limits = algorithms.get("randomcutforest"), []
    for trees, samples in ((50, 8), (400, 128)):
        ctx = every.job(
            algorithm, tmp_path / str(trees), "", rows=300, num_trees=str(trees), num_samples_per_tree=str(samples)
        )
        algorithm.load_trainer()(ctx)
        limits.append(algorithm.load_predictor().load(ctx.model_dir).inline_limit)
    assert np.all(np.diff(limits) < 0) and 8 < limits[1] < 400 < limits[0] <= 16 * 1024


def answering(predictor: Predictor, row_seconds: float = 0.0) -> Answering:
    predictor.predict = lambda rows: np.zeros((len(rows), 7))
    predictor.read = lambda body, content_type: np.zeros((len(body), predictor.n_features), np.float32)
    return Answering(predictor, "", row_seconds)


def test_an_answer_has_a_limit_of_numbers(monkeypatch):
    monkeypatch.setattr(module, "MAX_NUMBERS", 70)
    model = answering(Recorder())
    assert model.answer(b"1" * 10, None, None)
    with pytest.raises(InvocationError, match="The answer to 11 rows is more than 70 numbers") as refused:
        model.answer(b"1" * 11, None, None)
    assert refused.value.status == 400


def test_many_rows_of_a_slow_model_end_in_time(monkeypatch):
    monkeypatch.setattr(module, "INVOCATION_SECONDS", -1.0)
    with pytest.raises(module.TimedOut):
        answering(Recorder(), row_seconds=0.1).answer(b"1" * 100, None, None)
