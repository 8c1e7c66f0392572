"""What a person sees of a job that runs: a bar on a terminal, lines in a notebook, nothing elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sagewright.runtime.model import METRIC_LINE

STEPS = ("Starting", "Pending", "Downloading", "Training", "Uploading", "Completed")  # SageMaker's secondary statuses
WIDTH = 20
_CLEAR = "\r\033[K"


def in_notebook() -> bool:
    """True inside Jupyter."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return type(shell).__name__ == "ZMQInteractiveShell"


class Display:
    """Shows log lines above a bar with the step, the seconds and the last metrics. `quiet` None decides by itself."""

    def __init__(self, quiet: bool | None = None):
        self._terminal = sys.stdout.isatty()
        self.quiet = not (self._terminal or in_notebook()) if quiet is None else quiet
        self._bar = self._terminal and not self.quiet
        self._began = time.monotonic()
        self._metrics = ""

    def line(self, text: str) -> None:
        """A line of the log."""
        if METRIC_LINE in text:
            self._metrics = text.partition(METRIC_LINE)[2].replace(";", "")
        if not self.quiet:
            print(f"{_CLEAR if self._bar else ''}{text}", flush=True)

    def step(self, step: str, share: float | None = None) -> None:
        """Where the work is. `share` is how much of all is done; by default by the order of SageMaker's steps."""
        if not self._bar:
            return
        if share is None:
            share = (STEPS.index(step) + 0.5) / len(STEPS) if step in STEPS else 0.5
        filled = round(WIDTH * min(1.0, share))
        seconds = time.monotonic() - self._began
        text = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {step} {seconds:.0f} s  {self._metrics}"
        sys.stdout.write(_CLEAR + text[:110])
        sys.stdout.flush()

    @contextmanager
    def interrupted(self, text: str) -> Iterator[None]:
        """Says `text` on stderr when Ctrl-C ends what is inside."""
        try:
            yield
        except KeyboardInterrupt:
            print(f"{_CLEAR if self._bar else ''}{text}", file=sys.stderr, flush=True)
            raise

    def end(self, text: str) -> None:
        """The last line, in place of the bar."""
        if not self.quiet:
            print(f"{_CLEAR if self._bar else ''}{text}", flush=True)
