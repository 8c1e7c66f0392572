"""Encodes every row of a table and writes it to its channel."""

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
from tables.block_stream import stream_blocks
from tables.channel_writer import RECORDIO, ChannelWriter
from tables.inspection import Inspection
from tables.inspector import inspect_source
from tables.objects import LOCATION, Source
from tables.profile import Profile
from tables.recipe import Recipe
from tables.target import Target

MAX_DISTINCT_ROWS = 50_000_000  # row hashes held to leave out repeated rows


@dataclass
class EncodedChannels:
    """{channel: s3 uri} of the channels that have rows, and row counts by outcome."""

    channels: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


class ChannelEncoder:
    """Encodes one table by one schema into channels under one folder."""

    def __init__(
        self, source: Source, inspection: Inspection, profile: Profile, recipe: Recipe, schema: dict[str, Any],
        target: Target, algorithm: Algorithm, folder: str,
    ):  # fmt: skip
        self.source, self.inspection, self.profile, self.recipe = source, inspection, profile, recipe
        self.schema, self.target, self.contract, self.folder = schema, target, algorithm.data, folder
        self.recordio = self.contract.content_type.startswith(RECORDIO)
        self.counts = dict.fromkeys(
            ("read", "train", "validation", "ragged", "headers", "unlabelled", "bad", "duplicates"), 0
        )
        self.row_hashes = np.empty(0, np.uint64)
        self.label = _unused_name("label", schema["features"])
        self.row, self.intermediates = self._row(same_table=True), encode_table.intermediates(schema)
        self.checks = self._checks()
        self.used = [c["name"] for c in schema["columns"] if c["role"] != "excluded"]

    def run(self, second_source: Source | None, progress: Callable[[int], None]) -> EncodedChannels:
        """Write all rows; `progress(bytes read)` counts all passes. Raises Problem when no training row is left."""
        with ExitStack() as held_open:
            temporary = Path(held_open.enter_context(tempfile.TemporaryDirectory()))
            train = self._channel(self.contract.train, temporary)
            held_open.callback(train.abandon)
            validation = self._channel(self.contract.validation, temporary) if self.contract.validation else None
            if validation is None:
                self._write(self.source, self.inspection, holdout.NoHoldout(), train, train, progress, 0)
            else:
                held_open.callback(validation.abandon)
                chosen, bytes_before = self._holdout(progress)
                self._write(self.source, self.inspection, chosen, train, validation, progress, bytes_before)
                if second_source is not None:
                    self._write_second(second_source, validation, progress, bytes_before + self.source.size)
            written = EncodedChannels(counts=self.counts)
            for name, channel in (("train", train), ("validation", validation)):
                if channel is None:
                    continue
                channel.close(self.schema["categorical"])
                self.counts[name] = channel.rows
                if channel.rows:
                    written.channels[channel.name] = channel.uri
        if not self.counts["train"]:
            raise Problem(_("No row is left to learn from. Look at what is left out."), LOCATION)
        return written

    def _channel(self, name: str, temporary: Path) -> ChannelWriter:
        uri = f"{self.folder}/{name}/"
        return ChannelWriter(self.source.store, uri, name, self.recordio, self.schema["label"], temporary)

    def _row(self, same_table: bool) -> list[pl.Expr]:
        columns = {column.name: column for column in self.profile.columns}
        parts = encode_table.feature_columns(self.schema, columns, as_text=not self.recordio, same_table=same_table)
        if self.schema["label"]:
            parts = [
                encode_table.label_column(columns[self.profile.target], self.schema["classes"]).alias(self.label),
                *parts,
            ]
        return parts

    def _checks(self) -> dict[str, pl.Expr]:
        """{column: expression that is true for a cell whose row is left out}."""
        columns = {column.name: column for column in self.profile.columns}
        names = [name for name, action in self.recipe.bad_cells.items() if action == "drop" and name in columns]
        return {name: encode_table.is_faulty(columns[name]) for name in names if name not in self.recipe.excluded}

    def _holdout(self, progress: Callable[[int], None]) -> tuple[holdout.Holdout, int]:
        recipe = self.recipe
        if recipe.validation == "time":
            latest = holdout.latest_rows(
                self.source, self.inspection, self.profile, recipe, lambda block: progress(block.done)
            )
            return latest, self.source.size
        if recipe.validation == "share" and recipe.validation_share:
            return holdout.RandomHoldout(self.target.counts, recipe.validation_share, recipe.seed), 0
        return holdout.NoHoldout(), 0

    def _write(
        self, source: Source, inspection: Inspection, holdout_rows: holdout.Holdout, train: ChannelWriter,
        validation: ChannelWriter, progress: Callable[[int], None], bytes_before: int,
    ) -> None:  # fmt: skip
        for block in stream_blocks(source, inspection):
            self.counts["read"] += block.rows
            self.counts["ragged"] += len(block.ragged)
            self.counts["headers"] += len(block.headers)
            frame = self._filter(block)
            if len(frame):
                ready = frame.with_columns(self.intermediates).select(self.row)
                mask = pl.Series(holdout_rows.mask(frame, self._classes(ready)))
                if mask.any():
                    validation.write(ready.filter(mask))
                    ready = ready.filter(~mask)
                train.write(ready)
            progress(bytes_before + block.done)

    def _write_second(
        self, second_source: Source, validation: ChannelWriter, progress: Callable[[int], None], bytes_before: int
    ) -> None:
        recipe = Recipe(types=self.recipe.types, numbers=self.recipe.numbers, target=self.recipe.target)
        recipe.has_header = None if self.inspection.has_header else False
        inspection = inspect_source(second_source, recipe, supervised=False)
        names = {column.name for column in inspection.columns}
        missing = [name for name in self.used if name not in names]
        if missing:
            raise Problem(
                _(
                    "The validation data %(uri)s lacks column %(lacking)s%(more)s. It must have the same columns as "
                    "the training data.",
                    uri=second_source.uri,
                    lacking=missing[0],
                    more=_(" and %(n)s more", n=len(missing) - 1) if len(missing) > 1 else "",
                ),
                "recipe.validation_uri",
            )
        expressions = self._row(same_table=False)
        for block in stream_blocks(second_source, inspection, self.used):
            if block.ragged and self.recipe.ragged != "drop":
                row, line = block.position_at(block.ragged[0][0])
                raise Problem(
                    _(
                        "Row %(row)s of %(file)s, line %(line)s, has %(n)s cells. Give every row the same number of "
                        "cells.",
                        row=row,
                        file=block.file,
                        line=line,
                        n=block.ragged[0][1],
                    ),
                    "recipe.validation_uri",
                )
            frame = self._filter(block)
            if len(frame):
                self._refuse_faulty_cells(frame, block)
                validation.write(frame.with_columns(self.intermediates).select(expressions))
            progress(bytes_before + block.done)

    def _refuse_faulty_cells(self, frame: pl.DataFrame, block: blocks.Block) -> None:
        """Raise Problem for a faulty cell of the validation location, which no scan has checked."""
        for column in self.profile.columns:
            if (
                column.name in self.used
                and column.name != self.profile.target
                and column.name not in self.recipe.bad_cells
            ):
                faulty = frame.filter(encode_table.is_faulty(column))
                if len(faulty):
                    raise Problem(
                        _(
                            "Column %(name)s holds %(kind)ss, except %(n)s in %(file)s. Correct the cell, leave it "
                            "empty, or read such cells as missing.",
                            name=column.name,
                            kind=column.kind,
                            n=repr(faulty[column.name][0]),
                            file=block.file,
                        ),
                        "recipe.validation_uri",
                    )

    def _filter(self, block: blocks.Block) -> pl.DataFrame:
        """The block's rows without those the recipe leaves out, which are counted."""
        frame = block.frame
        if self.checks and len(frame):
            bad = frame.select(pl.any_horizontal(self.checks.values())).to_series()
            self.counts["bad"] += int(bad.sum())
            frame = frame.filter(~bad)
        if self.schema["label"] and len(frame):
            frame = self._drop_unlabelled(frame, block)
        if self.recipe.duplicates == "drop" and len(frame):
            frame = self._drop_duplicates(frame)
        return frame

    def _drop_unlabelled(self, frame: pl.DataFrame, block: blocks.Block) -> pl.DataFrame:
        label = frame.select(self.row[0]).to_series()
        unlabelled = label.is_null()
        if not unlabelled.any():
            return frame
        target = self.profile.target
        cells = frame.filter(unlabelled)[target].fill_null("")
        unknown = cells.to_frame("c").select(_cleaned("c")).to_series().drop_nulls()
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

    def _classes(self, ready: pl.DataFrame) -> np.ndarray:
        if not self.schema["classes"]:
            return np.zeros(len(ready), np.int64)
        return ready[self.label].cast(pl.Int64).to_numpy()


def _cleaned(name: str) -> pl.Expr:
    from tables import parse_polars

    return parse_polars.strip_missing(pl.col(name))


def _unused_name(name: str, taken: list[str]) -> str:
    while name in taken:
        name += "_"
    return name
