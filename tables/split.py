"""Stratified random split of a stream of rows into training, validation and test rows."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from algorithms.contract import DataContract
from tables.recipe import Recipe

TRAIN, VALIDATION, TEST = 0, 1, 2  # the parts of a split
MAX_EXACT = 5_000_000  # rows of one class; above, each row is drawn independently


class Shares(NamedTuple):
    """The shares of a table's rows that are held out."""

    validation: float
    test: float


def held_out_shares(recipe: Recipe, contract: DataContract) -> Shares:
    """The shares of the table itself that `recipe` holds out for an algorithm with `contract`.

    Rows of a second location are no share. Only predictions of a label are measured on test rows.
    """
    held_out = recipe.prepare and bool(contract.validation) and recipe.validation in ("share", "time", "group")
    return Shares(
        recipe.validation_share if held_out else 0.0, recipe.test_share if recipe.prepare and contract.label else 0.0
    )


def is_random(recipe: Recipe) -> bool:
    """True if rows are held out at random, each by itself."""
    return recipe.validation not in ("time", "group")


def held_out_rows(counts: Mapping[int, int], validation: float, test: float = 0.0) -> dict[int, tuple[int, int]]:
    """{class: (validation rows, test rows)} for the shares `validation` and `test` of `counts`, {class: rows}.

    At least one row of each class is left for training. What rounding takes from the test rows of one class, the
    next class gets: many classes with few rows each still have their share together.
    """
    held_out, owed = {}, 0.0
    for label, rows in sorted(counts.items(), key=lambda item: (item[1], item[0])):
        validated = max(0, min(round(rows * validation), rows - 1))
        owed += rows * test
        tested = max(0, min(round(owed), rows - 1 - validated))
        owed = min(owed - tested, 1.0)
        held_out[label] = validated, tested
    return held_out


class StratifiedSplit:
    """Parts of the rows of consecutive batches; the same seed, counts and shares give the same parts."""

    def __init__(self, counts: Mapping[int, int], validation: float, seed: int, test: float = 0.0):
        """`counts` is {class: rows}; a regression has one class, 0. Each class keeps at least one training row."""
        self.validation, self.test = validation, test
        self._drawn: dict[int, np.ndarray] = {}
        self._at: defaultdict[int, int] = defaultdict(int)
        self._rng = np.random.default_rng(seed)
        sizes: Counter[int] = Counter()
        held_out = held_out_rows(counts, validation, test)
        for label, rows in sorted(counts.items()):
            if rows <= MAX_EXACT:
                sizes[rows] += 1
                # Seeded by the class's size, not its number: relabelling classes does not change the rows.
                rng = np.random.default_rng([seed, rows, sizes[rows]])
                order, (validated, tested) = rng.permutation(rows), held_out[label]
                parts = np.full(rows, TRAIN, np.uint8)
                parts[order[:validated]] = VALIDATION
                parts[order[validated : validated + tested]] = TEST
                self._drawn[label] = parts

    def parts(self, classes: np.ndarray) -> np.ndarray:
        """The part of each row of the next batch, uint8 (rows,); `classes` has shape (rows,)."""
        parts = np.full(len(classes), TRAIN, np.uint8)
        for label in np.unique(classes):
            positions = np.flatnonzero(classes == label)
            start = self._at[label]
            self._at[label] = start + len(positions)
            drawn = self._drawn.get(int(label))
            parts[positions] = (
                drawn[start : start + len(positions)] if drawn is not None else self._independent(len(positions))
            )
        return parts

    def _independent(self, rows: int) -> np.ndarray:
        drawn = self._rng.random(rows)
        held_out = np.where(drawn < self.validation, VALIDATION, TEST)
        return np.where(drawn < self.validation + self.test, held_out, TRAIN).astype(np.uint8)
