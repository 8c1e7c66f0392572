"""Tells how far a run is, in AWS's words, without filling the log: at most one line for every tenth of it."""

from algorithms.amazon.log import progress


class Progress:
    """A run of `steps` equal steps."""

    def __init__(self, steps: int):
        self._steps, self._done, self._told = max(steps, 1), 0, 0

    def step(self) -> None:
        """One more step is done."""
        self.reach(self._done + 1)

    def reach(self, done: int) -> None:
        """`done` steps in all are done."""
        self._done = done
        if 10 * done // self._steps > self._told:
            self._told = 10 * done // self._steps
            progress(done, self._steps)
