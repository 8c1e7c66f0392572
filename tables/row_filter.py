"""Leaves out the rows that a recipe leaves out, and counts them by reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from common.messages import _
from common.problems import Problem
from tables import blocks, encode_table, parse_polars
from tables.objects import LOCATION
from tables.profile import Profile
from tables.recipe import Recipe

MAX_DISTINCT_ROWS = 50_000_000  # row hashes held to leave out repeated rows
REASONS = ("read", "ragged", "headers", "unlabelled", "bad", "duplicates")


class RowFilter:
    """Filters the blocks of one pass over a table, which come in the table's order.

    `counts` has the rows read, and those left out by reason.
    """

    def __init__(self, profile: Profile, recipe: Recipe, schema: dict[str, Any]):
        self.profile, self.recipe, self.schema = profile, recipe, schema
        self.counts = dict.fromkeys(REASONS, 0)
        self.row_hashes = np.empty(0, np.uint64)
        columns = {column.name: column for column in profile.columns}
        names = [name for name, action in recipe.bad_cells.items() if action == "drop" and name in columns]
        # {column: expression that is true for a cell whose row is left out}
        self.checks = {name: encode_table.is_faulty(columns[name]) for name in names if name not in recipe.excluded}
        self.used = [c["name"] for c in schema["columns"] if c["role"] != "excluded"]
        self.label = encode_table.label_column(columns[profile.target], schema["classes"]) if schema["label"] else None

    @property
    def columns(self) -> set[str]:
        """The columns that `keep` reads."""
        target = {self.profile.target} if self.label is not None else set()
        return {*self.checks, *target, *(self.used if self.recipe.duplicates == "drop" else ())}

    def keep(self, block: blocks.Block, counted: bool = True) -> pl.DataFrame:
        """The block's rows without those the recipe leaves out, with their labels in the column LABEL.

        Without `counted` the rows read are not counted, those left out are. Raises Problem for a label that the
        training data does not have, and for too many different rows.
        """
        if counted:
            self.counts["read"] += block.rows
            self.counts["ragged"] += len(block.ragged)
            self.counts["headers"] += len(block.headers)
        frame = block.frame
        if self.checks and len(frame):
            bad = frame.select(pl.any_horizontal(self.checks.values())).to_series()
            self.counts["bad"] += int(bad.sum())
            frame = frame.filter(~bad)
        if self.label is not None and len(frame):
            frame = self._drop_unlabelled(frame.with_columns(self.label.alias(encode_table.LABEL)), block)
        if self.recipe.duplicates == "drop" and len(frame):
            frame = self._drop_duplicates(frame)
        return frame

    def _drop_unlabelled(self, frame: pl.DataFrame, block: blocks.Block) -> pl.DataFrame:
        unlabelled = frame[encode_table.LABEL].is_null()
        if not unlabelled.any():
            return frame
        target = self.profile.target
        column, cell = self.profile.column(target), parse_polars.strip_missing(pl.col(target))
        if column and column.kind == "number":
            cell = pl.when(~parse_polars.is_marker(cell)).then(cell)
        unknown = frame.filter(unlabelled).select(cell).to_series().drop_nulls()
        if len(unknown) and self.recipe.bad_cells.get(target) is None:
            raise Problem(
                _(
                    "%(file)s has the label %(unknown)s in column %(target)s, which the training data does not have. "
                    "It has %(n)s.",
                    file=block.file,
                    unknown=repr(unknown[0]),
                    target=target,
                    n=", ".join(self.schema["classes"][:8]) or _("numbers"),
                ),
                "recipe.validation_uri",
            )
        self.counts["unlabelled"] += int(unlabelled.sum())
        return frame.filter(~unlabelled)

    def _drop_duplicates(self, frame: pl.DataFrame) -> pl.DataFrame:
        hashes = frame.select(self.used).hash_rows().to_numpy()
        _values, first_rows = np.unique(hashes, return_index=True)
        is_new = np.zeros(len(hashes), bool)
        is_new[first_rows] = True
        is_new &= ~np.isin(hashes, self.row_hashes)
        self.counts["duplicates"] += int((~is_new).sum())
        self.row_hashes = np.union1d(self.row_hashes, hashes[is_new])
        if len(self.row_hashes) > MAX_DISTINCT_ROWS:
            raise Problem(
                _(
                    "The table has more than %(most_remembered)s different rows, too many to find repeated ones. Keep "
                    "repeated rows.",
                    most_remembered=f"{MAX_DISTINCT_ROWS:,}",
                ),
                LOCATION,
            )
        return frame.filter(pl.Series(is_new))
