"""Turns a process's raw output into log lines as CloudWatch shows them, and keeps a flood of them in bounds."""

import re
import time

LONGEST = 256 * 1024  # bytes of one log event, as in CloudWatch
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Lines:
    """Bytes in, whole lines out. Lines longer than LONGEST are cut; bytes that are no text become U+FFFD."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """The lines that are complete with `data`."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        while len(self._rest) > LONGEST:
            whole.append(self._rest[:LONGEST])
            self._rest = self._rest[LONGEST:]
        return [line for raw in whole for line in _texts(raw)]

    def end(self) -> list[str]:
        """What was printed last without a line's end."""
        rest, self._rest = self._rest, b""
        return _texts(rest)


def _texts(raw: bytes) -> list[str]:
    raw = raw.removesuffix(b"\r")
    parts = [raw[i : i + LONGEST] for i in range(0, len(raw), LONGEST)]
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
        self.refused = 0

    def admits(self, line: str) -> bool:
        """Whether this line may be kept; a refused one is counted."""
        at = time.monotonic()
        self._lines = min(self.LINES, self._lines + (at - self._at) * self.LINES_A_SECOND)
        self._bytes = min(self.BYTES, self._bytes + (at - self._at) * self.BYTES_A_SECOND)
        self._at = at
        if self._lines < 1 or self._bytes < len(line):
            self.refused += 1
            return False
        self._lines -= 1
        self._bytes -= len(line)
        return True

    def settle(self) -> int:
        """How many were refused since the last time this was asked."""
        refused, self.refused = self.refused, 0
        return refused
