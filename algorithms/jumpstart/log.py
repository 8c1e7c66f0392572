"""Writes log lines in the format of JumpStart's training scripts. Flushes each line."""

import math


def info(message: str, level: str = "INFO") -> None:
    """Log `INFO:root:message`."""
    print(f"{level}:root:{message}", flush=True)


def warning(message: str) -> None:
    """Log a message at level WARNING."""
    info(message, "WARNING")


def format_figure(value: float) -> str:
    r"""Format with six significant digits and no exponent: AWS's metric patterns, `([0-9\.]+)`, stop at an `e`."""
    if not math.isfinite(value) or not value:
        return f"{value:g}"
    digits = max(0, 5 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}"
