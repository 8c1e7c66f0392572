"""Real tables with categories, for tests of quality: penguins by species, from the package palmerpenguins."""

import csv
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .tables import Table

PENGUIN_NUMBERS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "year")
PENGUIN_CATEGORIES = ("island", "sex")


def penguins(target: str = "species") -> tuple[Table, list[int]]:
    """(table, the categories' places among the features) of 344 penguins; empty cells are NaN.

    The target is species (0 to 2), or body_mass_g as a number.
    """
    folder = Path(find_spec("palmerpenguins").origin).parent
    with next(folder.rglob("penguins.csv")).open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row[target] not in ("", "NA")]
    features = [name for name in (*PENGUIN_CATEGORIES, *PENGUIN_NUMBERS) if name != target]
    columns = [_codes(rows, name) if name in PENGUIN_CATEGORIES else _numbers(rows, name) for name in features]
    label = _codes(rows, target) if target == "species" else _numbers(rows, target)
    order = np.random.default_rng(0).permutation(len(rows))
    indices = [i for i, name in enumerate(features) if name in PENGUIN_CATEGORIES]
    return Table(np.column_stack(columns).astype(np.float32)[order], label.astype(np.float32)[order]), indices


def _numbers(rows: list[dict], name: str) -> np.ndarray:
    return np.array([float(row[name]) if row[name] not in ("", "NA") else np.nan for row in rows])


def _codes(rows: list[dict], name: str) -> np.ndarray:
    known = sorted({row[name] for row in rows} - {"", "NA"})
    return np.array([known.index(row[name]) if row[name] in known else np.nan for row in rows])
