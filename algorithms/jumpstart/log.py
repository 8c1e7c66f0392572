"""Log lines as JumpStart's training scripts write them, flushed, so that they are seen as they happen."""

import math


def say(message: str, level: str = "INFO") -> None:
    """`INFO:root:message`"""
    print(f"{level}:root:{message}", flush=True)


def warn(message: str) -> None:
    say(message, "WARNING")


def figure(value: float) -> str:
    """Six significant digits and never an exponent: AWS's metric patterns, `([0-9\\.]+)`, stop at an `e`."""
    if not math.isfinite(value) or not value:
        return f"{value:g}"
    digits = max(0, 5 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}"
