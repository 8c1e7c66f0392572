"""Turns a process's raw output into CloudWatch's log lines."""

import re

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
