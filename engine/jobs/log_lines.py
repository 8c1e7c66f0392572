"""Turns a process's raw output into CloudWatch's log lines, and limits how many of them are kept."""

import re
import time

MAX_LINE = 256 * 1024  # bytes of one log event, as in CloudWatch
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Lines:
    """Bytes in, whole lines out. Lines longer than MAX_LINE are cut; bytes that are no text become U+FFFD."""

    def __init__(self) -> None:
        self._incomplete = b""

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that `data` completes."""
        *lines, self._incomplete = (self._incomplete + data).split(b"\n")
        while len(self._incomplete) > MAX_LINE:
            lines.append(self._incomplete[:MAX_LINE])
            self._incomplete = self._incomplete[MAX_LINE:]
        return [line for raw in lines for line in _texts(raw)]

    def end(self) -> list[str]:
        """Return the last line if it has no end."""
        last, self._incomplete = self._incomplete, b""
        return _texts(last)


def _texts(raw: bytes) -> list[str]:
    raw = raw.removesuffix(b"\r")
    parts = [raw[i : i + MAX_LINE] for i in range(0, len(raw), MAX_LINE)]
    # Control characters as AWS's log agent writes them: a tab is #011.
    return [
        _CONTROL.sub(lambda m: f"#{ord(m[0]):03o}", part.decode(errors="replace")) for part in parts if part.strip()
    ]


class Allowance:
    """How many lines a job may still log: a generous start, then a steady trickle. Both lines and bytes count."""

    LINES, BYTES = 20_000, 16 * 2**20
    LINES_A_SECOND, BYTES_A_SECOND = 100, 64 * 2**10

    def __init__(self) -> None:
        self._lines, self._bytes = float(self.LINES), float(self.BYTES)
        self._at = time.monotonic()
        self.dropped = 0

    def admits(self, line: str) -> bool:
        """Return whether this line may be kept; a dropped one is counted."""
        at = time.monotonic()
        self._lines = min(self.LINES, self._lines + (at - self._at) * self.LINES_A_SECOND)
        self._bytes = min(self.BYTES, self._bytes + (at - self._at) * self.BYTES_A_SECOND)
        self._at = at
        if self._lines < 1 or self._bytes < len(line):
            self.dropped += 1
            return False
        self._lines -= 1
        self._bytes -= len(line)
        return True

    def take_dropped(self) -> int:
        """Return how many lines were dropped since the last call."""
        dropped, self.dropped = self.dropped, 0
        return dropped
