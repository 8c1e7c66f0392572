"""Handles SIGTERM in a training job."""

from __future__ import annotations

import signal
from types import FrameType


class StopSignal:
    """Sets `requested` on SIGTERM. Exits with status 0 at once unless `training` is set.

    The trainer reads `requested` after every round. A context manager; it restores the previous handler.
    """

    def __init__(self) -> None:
        self.requested = False
        self.training = False

    def __enter__(self) -> StopSignal:
        try:
            self._previous_handler = signal.signal(signal.SIGTERM, self._on_signal)
        except ValueError:  # not the main thread: the owner of the process handles its signals
            self._previous_handler = None
        return self

    def __exit__(self, *_: object) -> None:
        if self._previous_handler is not None:
            signal.signal(signal.SIGTERM, self._previous_handler)

    def _on_signal(self, _signal: int, _frame: FrameType | None) -> None:
        self.requested = True
        if not self.training:
            raise SystemExit(0)
