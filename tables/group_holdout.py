"""Holds out whole groups of rows, so that no customer, patient or device is in two parts of a split."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from common.messages import _
from common.problems import Problem
from tables import blocks, parse_polars
from tables.block_stream import stream_blocks
from tables.inspection import Inspection
from tables.objects import Source
from tables.profile import ColumnProfile, Profile
from tables.recipe import Recipe
from tables.split import TEST, TRAIN, VALIDATION, Shares
from tables.text_hash import hash32

GROUP_COLUMN = "recipe.group_column"
MAX_GROUPS = 5_000_000  # groups whose rows are counted; of more, shares of the groups are as good as shares of the rows
HASHES = 2**32


class GroupHoldout:
    """Holds out rows by the hash of their group; rows without a group are training rows."""

    def __init__(self, group: pl.Expr, seed: int, of_hash: Callable[[np.ndarray], np.ndarray]):
        """`of_hash` gives the part of each of an array of hashes."""
        self.group, self.seed, self.of_hash = group, seed, of_hash
        self.columns = frozenset(group.meta.root_names())

    def parts(self, frame: pl.DataFrame, classes: np.ndarray) -> np.ndarray:
        """The part of each row, uint8 (rows,); see `holdout.Holdout`."""
        groups = frame.select(self.group.alias("group")).to_series()
        texts = groups.unique().drop_nulls()
        hashes = _hashes(texts, self.seed)
        of_text = pl.DataFrame({"group": texts, "part": self.of_hash(hashes)})
        joined = groups.to_frame().join(of_text, on="group", how="left", maintain_order="left")
        return joined["part"].fill_null(TRAIN).to_numpy().astype(np.uint8)


def grouped_rows(
    source: Source, inspection: Inspection, profile: Profile, recipe: Recipe, shares: Shares,
    progress: Callable[[blocks.Block], None],
) -> GroupHoldout:  # fmt: skip
    """A holdout of about `shares` of the rows, in whole groups of `recipe.group_column` in the order of a seeded hash.

    Reads that column of the whole table, and calls `progress` with each block. Raises Problem when the column is not
    there, is the target or has one group only.
    """
    column = profile.column(recipe.group_column)
    if column is None:
        raise Problem(
            _(
                "There is no column %(group_column)s to hold out whole groups by. Choose a column such as a customer's "
                "ID.",
                group_column=repr(recipe.group_column),
            ),
            GROUP_COLUMN,
        )
    if column.name == profile.target:
        raise Problem(
            _("Column %(name)s is predicted, so it cannot group the rows. Choose another one.", name=column.name),
            GROUP_COLUMN,
        )
    group, known, counts = _group(column), np.empty(0, np.int64), np.empty(0, np.int64)
    for block in stream_blocks(source, inspection, [column.name]):
        sizes = block.frame.select(group.alias("group")).drop_nulls().group_by("group").len()
        hashes = np.concatenate([known, _hashes(sizes["group"], recipe.seed)])
        if len(known) <= MAX_GROUPS:
            added = np.concatenate([counts, sizes["len"].to_numpy().astype(np.int64)])
            known, at = np.unique(hashes, return_inverse=True)
            counts = np.bincount(at, added, len(known)).astype(np.int64)
        progress(block)
    if len(known) < 2:
        raise Problem(
            _("Column %(name)s has one group only, so no group can be held out.", name=column.name), GROUP_COLUMN
        )
    if len(known) > MAX_GROUPS:
        return GroupHoldout(group, recipe.seed, lambda hashes: _parts_by_threshold(hashes, shares))
    tested, validated = held_out_groups(known, counts, shares)
    return GroupHoldout(
        group, recipe.seed,
        lambda hashes: np.select([np.isin(hashes, tested), np.isin(hashes, validated)], [TEST, VALIDATION], TRAIN),
    )  # fmt: skip


def held_out_groups(groups: np.ndarray, counts: np.ndarray, shares: Shares) -> tuple[np.ndarray, np.ndarray]:
    """(groups of the test, groups of validation), given the rows of each of two `groups` or more, in random order.

    Each part takes the groups, in their order, that its share of the rows has room for, but at least the smallest one
    where a group is left for training. A group larger than a part's share is left for training.
    """
    rows, free = int(counts.sum()), np.ones(len(groups), bool)
    chosen = []
    rest = sum(shares)
    for share in (shares.test, shares.validation):  # of the few groups there may be, the test has its own first ...
        part = np.zeros(len(groups), bool)
        fits = np.flatnonzero(free & (counts <= share * rows))
        # Of groups that are small enough, but too few for all parts, each part has its portion.
        room = min(share * rows, int(counts[fits].sum()) * share / rest) if rest else 0.0
        rest = shares.validation
        part[_within(fits, counts, room)] = True
        if share and not part.any() and free.sum() > 1:
            candidates = np.flatnonzero(free)
            part[candidates[np.argmin(counts[candidates])]] = True
        free &= ~part
        chosen.append(part)
    tested, validated = chosen
    if shares.validation and not validated.any():  # ... but of two groups, one is for validation
        tested, validated = validated, tested
    return groups[tested], groups[validated]


def _within(groups: np.ndarray, counts: np.ndarray, room: float) -> list[int]:
    """Those of `groups`, in their order, that fit into `room` rows beside the ones before them."""
    taken: list[int] = []
    smallest = counts[groups].min(initial=0)
    for group in groups.tolist():
        if counts[group] <= room:
            taken.append(group)
            room -= counts[group]
        if room < smallest:
            break
    return taken


def _parts_by_threshold(hashes: np.ndarray, shares: Shares) -> np.ndarray:
    fractions = hashes / HASHES
    return np.select([fractions < shares.test, fractions < shares.test + shares.validation], [TEST, VALIDATION], TRAIN)


def _group(column: ColumnProfile) -> pl.Expr:
    """The group of each row as text, null where there is none; numbers are equal however they are written."""
    cell = parse_polars.strip_missing(pl.col(column.name))
    if column.kind != "number":
        return cell
    number = parse_polars.parse_number(parse_polars.normalize_number(cell, column.numbers_as))
    return pl.coalesce(number.cast(pl.String), cell)


def _hashes(texts: pl.Series, seed: int) -> np.ndarray:
    """Stable hashes from 0 to HASHES - 1, another order of the groups for each seed."""
    return np.fromiter((hash32(f"{seed}:{text}") for text in texts), np.int64, len(texts))
