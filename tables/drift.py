"""Drift of a column from its training values: PSI and the Kolmogorov-Smirnov distance of binned counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tables.column_encoders import cell_text
from tables.parse_scalar import is_missing, parse_boolean, parse_number

MOVED, CHANGED = 0.10, 0.25  # the usual limits of PSI
MIN_ROWS = 200  # below, a difference says nothing
FLOOR = 1e-4  # the share that an empty bin counts as, so that PSI stays finite


@dataclass(frozen=True)
class ColumnDrift:
    """One column; the counts are of the same bins in training and now, the last bin is of missing values."""

    name: str
    psi: float
    ks: float
    training: list[float]
    now: list[float]
    labels: list[str]

    @property
    def verdict(self) -> str:
        """Changed, moved or same."""
        return "changed" if self.psi >= CHANGED else "moved" if self.psi >= MOVED else "same"


def psi(training: Sequence[float], now: Sequence[float]) -> float:
    """The population stability index of two counts by bin, each share at least FLOOR: sum((a - e) * ln(a / e))."""
    expected, actual = (_shares(counts) for counts in (training, now))
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def ks(training: Sequence[float], now: Sequence[float]) -> float:
    """The largest distance between the cumulative shares of two counts by bins that are in order."""
    shares = [np.cumsum(np.asarray(counts, float)) / max(1.0, float(np.sum(counts))) for counts in (training, now)]
    return float(np.max(np.abs(shares[0] - shares[1])))


def column_drift(
    name: str, summary: Mapping[str, Any], cells: Iterable[str | float], numbers: str = ""
) -> ColumnDrift | None:
    """The drift of `cells` from a column's `summary` (tables.column_summary); None without a distribution.

    A cell is text as in the table, or a number. Numbers have the bins of the summary and one on each side of its range,
    and what is none is missing, as it is to the model; categories have one each, and one for others.
    """
    cells = list(cells)
    present = [cell for cell in cells if not is_missing(cell_text(cell))]
    if summary.get("hist"):
        low, high = float(summary["min"]), float(summary["max"])
        values = [value for cell in present if (value := _number(cell, numbers)) is not None]
        missing = float(len(cells) - len(values))
        count = len(summary["hist"])
        edges = 2 * np.linspace(low / 2, high / 2, count + 1)  # whose differences do not overflow
        inside, _ = np.histogram(values, edges if high > low else [low, np.nextafter(low, np.inf)])
        below, above = (float(np.sum(where)) for where in (np.asarray(values) < low, np.asarray(values) > high))
        training = [0.0, *map(float, summary["hist"]), 0.0]
        now = [below, *map(float, inside), above]
        labels = [f"< {low:.4g}", *(f"{left:.4g}" for left in edges[:-1]), f"> {high:.4g}"]
    elif summary.get("values"):
        labels = list(summary["values"])
        missing = float(len(cells) - len(present))
        known: dict[Any, int] = {label: index for index, label in enumerate(labels)}
        if all(parse_boolean(label) is not None for label in labels):  # yes is true however it is written
            known = {parse_boolean(label): index for index, label in reversed([*enumerate(labels)])} | known
        now = [0.0] * (len(labels) + 1)
        for cell in present:
            text = cell_text(cell).strip()
            now[known.get(text, known.get(parse_boolean(text), len(labels)))] += 1
        training = [float(count) for count in summary["values"].values()]
        training.append(max(0.0, float(summary["rows"] - summary["missing"]) - sum(training)))
        labels = [*labels, "..."]
    else:
        return None
    distance = ks(training, now)
    training, now = [*training, float(summary["missing"])], [*now, missing]
    return ColumnDrift(name, psi(training, now), distance, training, now, [*labels, ""])


def _number(cell: str | float, style: str) -> float | None:
    """A cell as a number; a JSON number is one as it is, whatever decimal mark the texts of the column have."""
    return parse_number(cell.strip(), style) if isinstance(cell, str) else float(cell)


def _shares(counts: Sequence[float]) -> np.ndarray:
    shares = np.asarray(counts, float) / max(1.0, float(np.sum(counts)))
    shares = np.maximum(shares, FLOOR)
    return shares / shares.sum()
