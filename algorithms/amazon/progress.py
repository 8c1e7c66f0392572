"""Logs the progress of a run in AWS's format: at most one line for every tenth of it."""

from algorithms.amazon.log import progress_metric


class Progress:
    """A run of `steps` equal steps."""

    def __init__(self, steps: int):
        self._steps, self._done, self._logged_tenths = max(steps, 1), 0, 0

    def step(self) -> None:
        """Count one completed step."""
        self.reach(self._done + 1)

    def reach(self, done: int) -> None:
        """Set the number of completed steps to `done`."""
        self._done = done
        if 10 * done // self._steps > self._logged_tenths:
            self._logged_tenths = 10 * done // self._steps
            progress_metric(done, self._steps)
