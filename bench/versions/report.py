"""Prints the figures of two versions and their ratio."""

import os
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

HEAD = f"{'':32} {'other':>9} {'this':>9} {'ratio':>6}   of each round"


def line(what: str, rounds: Mapping[str, Sequence[float]], form: str = ".1f") -> str:
    """`what` with the medians of "other" and "this", the median of the ratios and the ratio of each round."""
    ratios = [this / other for other, this in zip(rounds["other"], rounds["this"], strict=True)]
    other, this = (format(statistics.median(rounds[version]), form) for version in ("other", "this"))
    each = " ".join(f"{ratio:.2f}" for ratio in ratios)
    return f"{what:32} {other:>9} {this:>9} {statistics.median(ratios):>6.2f}   {each}"


def own_processor_seconds(pid: int) -> float:
    """Processor time that a process has used, to the nanosecond. Its spare, a child, does not count."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def processor_seconds(pid: int) -> float:
    """Processor time that a process and its descendants have used, those that ended included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(processor_seconds(int(child)) for child in children)
