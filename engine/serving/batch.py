"""Predicts small requests of the same turn of the event loop in one call.

It has no timer and adds no delay: a request alone in its turn is a batch of one.
"""

import asyncio

import numpy as np

from algorithms.spec import Predictor


class Batch:
    """The requests of the current turn for one predictor."""

    def __init__(self, predictor: Predictor):
        self.rows = 0  # that wait for the end of this turn, those of engine.serving.short among them
        self._predictor = predictor
        self._pending: list[tuple[np.ndarray, asyncio.Future[np.ndarray]]] = []

    def predict(self, rows: np.ndarray) -> asyncio.Future[np.ndarray]:
        """As Predictor.predict, on the event loop: what the future gets when this turn of the loop is over."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[np.ndarray] = loop.create_future()
        if not self._pending:
            loop.call_soon(self._predict)
        self._pending.append((rows, answer))
        self.rows += len(rows)
        return answer

    def _predict(self) -> None:
        pending, self._pending = self._pending, []
        self.rows -= sum(len(rows) for rows, _ in pending)
        try:
            if len(pending) == 1:
                predictions = [self._predictor.predict(pending[0][0])]
            else:
                together = self._predictor.predict(np.concatenate([rows for rows, _ in pending]))
                predictions = np.split(together, np.cumsum([len(rows) for rows, _ in pending])[:-1])
        except Exception:  # the rows of one of them are at fault, which is no reason to refuse the others
            for rows, answer in pending:
                self._predict_alone(rows, answer)
            return
        for (_, answer), prediction in zip(pending, predictions, strict=True):
            if not answer.done():  # else its client left
                answer.set_result(prediction)

    def _predict_alone(self, rows: np.ndarray, answer: asyncio.Future[np.ndarray]) -> None:
        if answer.done():
            return
        try:
            answer.set_result(self._predictor.predict(rows))
        except Exception as e:  # whatever it is, a request must not wait for ever
            answer.set_exception(e)
