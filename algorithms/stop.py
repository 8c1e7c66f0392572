"""A job that is told to stop: at once while nothing is being trained, at the next good moment otherwise."""

from __future__ import annotations

import signal
from types import FrameType


class Stop:
    """Turns SIGTERM into a wish to stop: at once while nothing is training, after the current round otherwise."""

    def __init__(self) -> None:
        self.wanted = False
        self.training = False

    def __enter__(self) -> Stop:
        try:
            self._before = signal.signal(signal.SIGTERM, self._ask)
        except ValueError:  # not the main thread: then whoever owns the process handles its signals
            self._before = None
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self.wanted = True
        if not self.training:
            raise SystemExit(0)
