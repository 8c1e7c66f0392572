"""The second pass of preparing: every row becomes numbers and goes to the channel it belongs to."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from algorithms.spec import Algorithm
from common.messages import _
from common.problems import Problem
from tables import blocks, encode_table, holdout
from tables.channel_writer import RECORDIO, Channel
from tables.inspection import Inspection
from tables.inspector import look
from tables.objects import LOCATION, Source
from tables.profile import Profile
from tables.recipe import Recipe
from tables.target import Settled

MOST_REMEMBERED = 50_000_000  # different rows, when repeated ones are left out


@dataclass
class Written:
    """Channels with rows in them, and rows by what became of them."""

    channels: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


class Rewrite:
    """One table, one schema, one folder."""

    def __init__(
        self, source: Source, found: Inspection, profile: Profile, recipe: Recipe, made: dict[str, Any],
        settled: Settled, algorithm: Algorithm, folder: str,
    ):  # fmt: skip
        self.source, self.found, self.profile, self.recipe = source, found, profile, recipe
        self.made, self.settled, self.contract, self.folder = made, settled, algorithm.data, folder
        self.recordio = self.contract.content_type.startswith(RECORDIO)
        self.counts = dict.fromkeys(
            ("read", "train", "validation", "ragged", "headers", "unlabelled", "bad", "duplicates"), 0
        )
        self.seen_rows = np.empty(0, np.uint64)
        self.label = _free("label", made["features"])
        self.row, self.helpers = self._row(known=True), encode_table.helpers(made)
        self.checks = self._checks()
        self.used = [c["name"] for c in made["columns"] if c["role"] != "excluded"]

    def run(self, second: Source | None, step: Callable[[int], None]) -> Written:
        """Write all rows; `step` is told how many bytes were read, of all passes together."""
        with ExitStack() as held_open:
            temporary = Path(held_open.enter_context(tempfile.TemporaryDirectory()))
            train = self._channel(self.contract.train, temporary)
            held_open.callback(train.abandon)
            held = self._channel(self.contract.validation, temporary) if self.contract.validation else None
            if held is None:
                self._write(self.source, self.found, holdout.Nobody(), train, train, step, 0)
            else:
                held_open.callback(held.abandon)
                chosen, before = self._holdout(step)
                self._write(self.source, self.found, chosen, train, held, step, before)
                if second is not None:
                    self._write_second(second, held, step, before + self.source.size)
            written = Written(counts=self.counts)
            for name, channel in (("train", train), ("validation", held)):
                if channel is None:
                    continue
                channel.close(self.made["categorical"])
                self.counts[name] = channel.rows
                if channel.rows:
                    written.channels[channel.name] = channel.uri
        if not self.counts["train"]:
            raise Problem(_("No row is left to learn from. Look at what is left out."), LOCATION)
        return written

    def _channel(self, name: str, temporary: Path) -> Channel:
        uri = f"{self.folder}/{name}/"
        return Channel(self.source.store, uri, name, self.recordio, self.made["label"], temporary)

    def _row(self, known: bool) -> list[pl.Expr]:
        seen = {column.name: column for column in self.profile.columns}
        parts = encode_table.features(self.made, seen, as_text=not self.recordio, known=known)
        if self.made["label"]:
            parts = [encode_table.label(seen[self.profile.target], self.made["classes"]).alias(self.label), *parts]
        return parts

    def _checks(self) -> dict[str, pl.Expr]:
        """Cells that make their row be left out, by column."""
        seen = {column.name: column for column in self.profile.columns}
        asked = [name for name, what in self.recipe.bad_cells.items() if what == "drop" and name in seen]
        return {name: encode_table.is_odd(seen[name]) for name in asked if name not in self.recipe.excluded}

    def _holdout(self, step: Callable[[int], None]) -> tuple[holdout.Holdout, int]:
        recipe = self.recipe
        if recipe.validation == "time":
            chosen = holdout.latest(self.source, self.found, self.profile, recipe, lambda block: step(block.done))
            return chosen, self.source.size
        if recipe.validation == "share" and recipe.validation_share:
            return holdout.Share(self.settled.counts, recipe.validation_share, recipe.seed), 0
        return holdout.Nobody(), 0

    def _write(
        self, source: Source, found: Inspection, chosen: holdout.Holdout, train: Channel, held: Channel,
        step: Callable[[int], None], before: int,
    ) -> None:  # fmt: skip
        for block in blocks.stream(source, found):
            self.counts["read"] += block.rows
            self.counts["ragged"] += len(block.ragged)
            self.counts["headers"] += len(block.headers)
            frame = self._kept(block)
            if len(frame):
                ready = frame.with_columns(self.helpers).select(self.row)
                mask = pl.Series(chosen.mask(frame, self._classes(ready)))
                if mask.any():
                    held.write(ready.filter(mask))
                    ready = ready.filter(~mask)
                train.write(ready)
            step(before + block.done)

    def _write_second(self, second: Source, held: Channel, step: Callable[[int], None], before: int) -> None:
        recipe = Recipe(types=self.recipe.types, numbers=self.recipe.numbers, target=self.recipe.target)
        recipe.has_header = None if self.found.has_header else False
        found = look(second, recipe, supervised=False)
        names = {column.name for column in found.columns}
        lacking = [name for name in self.used if name not in names]
        if lacking:
            raise Problem(
                _(
                    "The validation data %(uri)s lacks column %(lacking)s%(more)s. It must have the same columns as "
                    "the training data.",
                    uri=second.uri,
                    lacking=lacking[0],
                    more=_(" and %(n)s more", n=len(lacking) - 1) if len(lacking) > 1 else "",
                ),
                "recipe.validation_uri",
            )
        numbers = self._row(known=False)
        for block in blocks.stream(second, found, self.used):
            if block.ragged and self.recipe.ragged != "drop":
                at, line = block.place_of(block.ragged[0][0])
                raise Problem(
                    _(
                        "Row %(row)s of %(file)s, line %(line)s, has %(n)s cells. Give every row the same number of "
                        "cells.",
                        row=at,
                        file=block.file,
                        line=line,
                        n=block.ragged[0][1],
                    ),
                    "recipe.validation_uri",
                )
            frame = self._kept(block)
            if len(frame):
                self._refuse_odd(frame, block)
                held.write(frame.with_columns(self.helpers).select(numbers))
            step(before + block.done)

    def _refuse_odd(self, frame: pl.DataFrame, block: blocks.Block) -> None:
        """The second location was not scanned: its odd cells are met here."""
        for seen in self.profile.columns:
            if seen.name in self.used and seen.name != self.profile.target and seen.name not in self.recipe.bad_cells:
                odd = frame.filter(encode_table.is_odd(seen))
                if len(odd):
                    raise Problem(
                        _(
                            "Column %(name)s holds %(kind)ss, except %(n)s in %(file)s. Correct the cell, leave it "
                            "empty, or read such cells as missing.",
                            name=seen.name,
                            kind=seen.kind,
                            n=repr(odd[seen.name][0]),
                            file=block.file,
                        ),
                        "recipe.validation_uri",
                    )

    def _kept(self, block: blocks.Block) -> pl.DataFrame:
        """The block's rows without those that are to be left out; counts them."""
        frame = block.frame
        if self.checks and len(frame):
            bad = frame.select(pl.any_horizontal(self.checks.values())).to_series()
            self.counts["bad"] += int(bad.sum())
            frame = frame.filter(~bad)
        if self.made["label"] and len(frame):
            frame = self._labelled(frame, block)
        if self.recipe.duplicates == "drop" and len(frame):
            frame = self._first_ones(frame)
        return frame

    def _labelled(self, frame: pl.DataFrame, block: blocks.Block) -> pl.DataFrame:
        label = frame.select(self.row[0]).to_series()
        gone = label.is_null()
        if not gone.any():
            return frame
        target = self.profile.target
        words = frame.filter(gone)[target].fill_null("")
        unknown = words.to_frame("c").select(_unread("c")).to_series().drop_nulls()
        if len(unknown) and self.recipe.bad_cells.get(target) is None:
            raise Problem(
                _(
                    "%(file)s has the label %(unknown)s in column %(target)s, which the training data does not have. "
                    "It has %(n)s.",
                    file=block.file,
                    unknown=repr(unknown[0]),
                    target=target,
                    n=", ".join(self.made["classes"][:8]) or _("numbers"),
                ),
                "recipe.validation_uri",
            )
        self.counts["unlabelled"] += int(gone.sum())
        return frame.filter(~gone)

    def _first_ones(self, frame: pl.DataFrame) -> pl.DataFrame:
        hashes = frame.select(self.used).hash_rows().to_numpy()
        _values, first = np.unique(hashes, return_index=True)
        new = np.zeros(len(hashes), bool)
        new[first] = True
        new &= ~np.isin(hashes, self.seen_rows)
        self.counts["duplicates"] += int((~new).sum())
        self.seen_rows = np.union1d(self.seen_rows, hashes[new])
        if len(self.seen_rows) > MOST_REMEMBERED:
            raise Problem(
                _(
                    "The table has more than %(most_remembered)s different rows, too many to find repeated ones. Keep "
                    "repeated rows.",
                    most_remembered=f"{MOST_REMEMBERED:,}",
                ),
                LOCATION,
            )
        return frame.filter(pl.Series(new))

    def _classes(self, ready: pl.DataFrame) -> np.ndarray:
        if not self.made["classes"]:
            return np.zeros(len(ready), np.int64)
        return ready[self.label].cast(pl.Int64).to_numpy()


def _unread(name: str) -> pl.Expr:
    from tables import parse_polars

    return parse_polars.cleaned(pl.col(name))


def _free(name: str, taken: list[str]) -> str:
    while name in taken:
        name += "_"
    return name
