"""Predicts small requests of the same turn of the event loop in one call.

It has no timer and adds no delay: a request alone in its turn is a batch of one. A predictor is batched when its
`invoke` is made of `agree`, `read`, `predict` (rows of several requests together) and `write`.
"""

import asyncio
from typing import Any

import numpy as np

from algorithms.spec import InvocationError, Predictor


class Batch:
    """The requests of the current turn for one predictor."""

    def __init__(self, predictor: Any):
        self._predictor = predictor
        self._pending: list[tuple[np.ndarray, asyncio.Future]] = []

    @classmethod
    def of(cls, predictor: Predictor) -> "Batch | None":
        """A batch for `predictor`, or None when it answers only whole requests."""
        able = all(hasattr(predictor, part) for part in ("agree", "read", "predict", "write"))
        return cls(predictor) if able else None

    async def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> tuple[bytes, str]:
        """As Predictor.invoke, on the event loop."""
        rows = self._predictor.read(body, content_type)
        chosen = self._predictor.agree(accept)
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        if not self._pending:
            loop.call_soon(self._predict)
        self._pending.append((rows, answer))
        return self._predictor.write(await answer, chosen), chosen

    def _predict(self) -> None:
        waiting, self._pending = self._pending, []
        try:
            if len(waiting) == 1:
                predictions = [self._predictor.predict(waiting[0][0])]
            else:
                together = self._predictor.predict(np.concatenate([rows for rows, _ in waiting]))
                ends = np.cumsum([len(rows) for rows, _ in waiting])[:-1]
                predictions = np.split(together, ends)
        except InvocationError as e:
            predictions = [e] * len(waiting)
        for (_, answer), prediction in zip(waiting, predictions, strict=True):
            if answer.done():
                continue  # its client left
            if isinstance(prediction, InvocationError):
                answer.set_exception(prediction)
            else:
                answer.set_result(prediction)
