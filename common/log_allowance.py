"""How many lines of a log are kept of a program that prints as it likes. No Django."""

import time


class Allowance:
    """How many lines a program may still log: a generous start, then a steady trickle. Both lines and bytes count."""

    LINES, BYTES = 20_000, 16 * 2**20
    LINES_A_SECOND, BYTES_A_SECOND = 100, 64 * 2**10

    def __init__(self, lines: int = 0, size: int = 0) -> None:
        """`lines` and `size`, in bytes, are the start, 0 for the usual."""
        self._most_lines, self._most_bytes = lines or self.LINES, size or self.BYTES
        self._lines, self._bytes = float(self._most_lines), float(self._most_bytes)
        self._at = time.monotonic()
        self.dropped = 0

    def admits(self, line: str) -> bool:
        """Return whether this line may be kept; a dropped one is counted."""
        at = time.monotonic()
        self._lines = min(self._most_lines, self._lines + (at - self._at) * self.LINES_A_SECOND)
        self._bytes = min(self._most_bytes, self._bytes + (at - self._at) * self.BYTES_A_SECOND)
        self._at = at
        if self._lines < 1 or self._bytes < len(line):
            self.dropped += 1
            return False
        self._lines -= 1
        self._bytes -= len(line)
        return True

    def drop(self, count: int) -> None:
        """Count lines that somebody else has dropped."""
        self.dropped += count

    def take_dropped(self) -> int:
        """Return how many lines were dropped since the last call."""
        dropped, self.dropped = self.dropped, 0
        return dropped
