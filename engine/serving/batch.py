"""Small requests that arrive in the same turn of the event loop are predicted in one call.

It needs no timer and delays nobody: a request alone in its turn is a batch of one.
"""

import asyncio

import numpy as np

from algorithms.spec import Predictor


class Batch:
    """The requests of the current turn for one predictor."""

    def __init__(self, predictor: Predictor):
        self._predictor = predictor
        self._waiting: list[tuple[np.ndarray, asyncio.Future[np.ndarray]]] = []

    def predict(self, rows: np.ndarray) -> asyncio.Future[np.ndarray]:
        """As Predictor.predict, on the event loop: what the future gets when this turn of the loop is over."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[np.ndarray] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._predict)
        self._waiting.append((rows, answer))
        return answer

    def _predict(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            if len(waiting) == 1:
                predictions = [self._predictor.predict(waiting[0][0])]
            else:
                together = self._predictor.predict(np.concatenate([rows for rows, _ in waiting]))
                predictions = np.split(together, np.cumsum([len(rows) for rows, _ in waiting])[:-1])
        except Exception as e:  # whatever it is, a request must not wait for ever
            for _, answer in waiting:
                if not answer.done():
                    answer.set_exception(e)
            return
        for (_, answer), prediction in zip(waiting, predictions, strict=True):
            if not answer.done():  # else its client left
                answer.set_result(prediction)
