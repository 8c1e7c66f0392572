"""Handles SIGTERM in a training job."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType


class StopSignal:
    """Sets `requested` on SIGTERM. Exits with status 0 at once unless `training` is set.

    The trainer reads `requested` after every round. Members that train together set `agree`, which tells each what any
    of them was asked, and `requested` then changes with `check` alone: so all stop after the same round.
    A context manager; it restores the previous handler.
    """

    def __init__(self) -> None:
        self.requested = False
        self.training = False
        self.agree: Callable[[bool], bool] | None = None
        self._received = False

    def check(self) -> bool:
        """Whether a stop is requested. Members that train together call this at the same time."""
        if self.agree:
            self.requested = self.agree(self._received)
        return self.requested

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
        self._received = True
        if not self.agree:
            self.requested = True
        if not self.training:
            raise SystemExit(0)
