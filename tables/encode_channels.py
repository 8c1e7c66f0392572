"""Encodes every row of a table and writes it to its channel."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from algorithms.spec import Algorithm
from common.locked_folders import temporary_folder
from common.messages import _
from common.problems import Problem
from tables import blocks, encode_table, group_holdout, holdout
from tables.block_stream import stream_blocks
from tables.channel_writer import ChannelWriter, DividedWriter
from tables.class_weights import are_weights_written, class_weight
from tables.inspection import Inspection
from tables.inspector import inspect_source
from tables.objects import LOCATION, Source
from tables.outline import check_width
from tables.profile import Profile
from tables.raw_rows import RawRowsWriter, numbered
from tables.recipe import Recipe
from tables.row_filter import RowFilter
from tables.schema import fit_schema
from tables.sparse_layout import RECORDIO, prepared_content_type, sparse_layout
from tables.split import TEST, TRAIN, VALIDATION, held_out_shares, is_random
from tables.target import Target
from tables.target_statistics import ALL, TargetStatistics, assign_folds
from tables.training_statistics import TrainingStatistics
from tables.weights import refuse_bad_weights, weight_cell

TEST_ROWS = "test-rows"  # the folder; "test" is the channel in which some algorithms take their validation rows


@dataclass
class EncodedChannels:
    """{channel: s3 uri} of the channels that have rows, and row counts by outcome."""

    channels: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def uri_of_test_rows(folder: str) -> str:
    """Where the test rows of the job in `folder` are; no channel of it names them."""
    return f"{folder}/{TEST_ROWS}/"


class ChannelEncoder:
    """Encodes one table by one schema into channels under one folder."""

    def __init__(
        self, source: Source, inspection: Inspection, profile: Profile, recipe: Recipe, schema: dict[str, Any],
        target: Target, algorithm: Algorithm, folder: str, fits: bool = True, shards: int = 1,
    ):  # fmt: skip
        self.shards = shards  # of the training rows
        self.source, self.inspection, self.profile, self.recipe = source, inspection, profile, recipe
        self.schema, self.target, self.contract, self.folder = schema, target, algorithm.data, folder
        self.recordio = prepared_content_type(schema, self.contract).startswith(RECORDIO)
        self.statistics: dict[str, np.ndarray] = {}
        self.algorithm, self.fits = algorithm, fits
        self.filter = RowFilter(profile, recipe, schema)
        weight = profile.column(recipe.weight) if recipe.weight else None
        self.weight = weight_cell(weight) if weight else None
        self.row_weight = self.weight
        if are_weights_written(target, recipe, algorithm) and self.filter.label is not None:
            of_class = class_weight(self.filter.label, target)
            self.row_weight = of_class if self.weight is None else of_class * self.weight.cast(pl.Float64)

    def run(self, second_source: Source | None, progress: Callable[[int], None]) -> EncodedChannels:
        """Write all rows; `progress(bytes read)` counts all passes. Raises Problem when no training row is left.

        The test rows lie under `uri_of_test_rows`, in the training channel's format, without weights, and as the table
        has them at `raw_rows.uri_of_raw_rows`. Where the schema `fits` the training rows, a pass over these comes first
        and completes the schema.
        """
        chosen, bytes_before = self._holdout(progress)
        if self.fits:
            self._fit(chosen(), progress, bytes_before)
            bytes_before += self.source.size
        self.layout = sparse_layout(self.schema)
        self.label = _unused_name("label", self.schema["features"])
        self.weight_name = _unused_name("weight", [*self.schema["features"], self.label])
        with ExitStack() as held_open:
            temporary = held_open.enter_context(temporary_folder())
            train = self._train_channel(temporary)
            validation = self._channel(self.contract.validation or "validation", temporary)
            test = ChannelWriter(
                self.source.store, uri_of_test_rows(self.folder), TEST_ROWS, self.recordio, self.schema["label"],
                temporary, self.layout,
            )  # fmt: skip
            names = [column["name"] for column in self.schema["columns"]]
            raw = RawRowsWriter(self.source.store, self.folder, names, temporary)
            for channel in (train, validation, test, raw):
                held_open.callback(channel.abandon)
            self._write(chosen(), {TRAIN: train, VALIDATION: validation, TEST: test}, raw, progress, bytes_before)
            raw.close()
            if second_source is not None and self.contract.validation:
                self._write_second(second_source, validation, progress, bytes_before + self.source.size)
            written = EncodedChannels(counts=dict(self.filter.counts))
            for name, channel in (("train", train), ("validation", validation), ("test", test)):
                channel.close(self.schema["categorical"])
                written.counts[name] = channel.rows
                if channel.rows and channel is not test:
                    written.channels[channel.name] = channel.uri
        _require_rows(written.counts["train"])
        return written

    def _train_channel(self, temporary: Path) -> ChannelWriter | DividedWriter:
        name = self.contract.train
        if self.shards == 1:
            return self._channel(name, temporary)
        parts = [self._channel(name, temporary, f"-{number + 1:02d}") for number in range(self.shards)]
        return DividedWriter(parts, name, parts[0].uri)

    def _channel(self, name: str, temporary: Path, shard: str = "") -> ChannelWriter:
        uri, label = f"{self.folder}/{name}/", self.schema["label"]
        return ChannelWriter(self.source.store, uri, name, self.recordio, label, temporary, self.layout, shard)

    def _row(self, same_table: bool, plus: bool = True) -> list[pl.Expr]:
        columns = {column.name: column for column in self.profile.columns}
        parts = encode_table.feature_columns(
            self.schema, columns, as_text=not self.recordio, same_table=same_table, statistics=self.statistics,
            plus=plus,
        )  # fmt: skip
        if self.row_weight is not None:
            parts = [self.row_weight.alias(self.weight_name), *parts]
        return parts if self.filter.label is None else [pl.col(encode_table.LABEL).alias(self.label), *parts]

    def _holdout(self, progress: Callable[[int], None]) -> tuple[Callable[[], holdout.Holdout], int]:
        """What makes the holdout of each pass, and the bytes that choosing it has read."""
        recipe, shares = self.recipe, held_out_shares(self.recipe, self.contract)
        if not any(shares):
            return holdout.NoHoldout, 0
        if is_random(recipe):
            return lambda: holdout.RandomHoldout(self.target.counts, shares, recipe.seed), 0
        choose = holdout.latest_rows if recipe.validation == "time" else group_holdout.grouped_rows
        chosen: holdout.Holdout = choose(
            self.source, self.inspection, self.profile, recipe, shares, lambda block: progress(block.done)
        )
        return lambda: chosen, self.source.size

    def _fit(self, holdout_rows: holdout.Holdout, progress: Callable[[int], None], bytes_before: int) -> None:
        """Fit the schema's encodings to the training rows, and to their labels where it encodes texts by these."""
        classes = len(self.schema["classes"])
        profiles = {column.name: column for column in self.profile.columns}
        training = TrainingStatistics(self.schema, profiles, self.contract.scale)
        labels_by_text = TargetStatistics(self.schema, classes if classes > 2 else 1)
        rows = RowFilter(self.profile, self.recipe, self.schema)
        first = train_rows = 0
        needed = training.columns | labels_by_text.names | rows.columns | holdout_rows.columns
        for block in stream_blocks(self.source, self.inspection, self._only(needed)):
            frame = rows.keep(block)
            if len(frame):
                labels, folds = self._labels(frame), assign_folds(first, len(frame))
                first += len(frame)
                train = holdout_rows.parts(frame, self._classes(labels)) == TRAIN
                train_rows += int(train.sum())
                wanted = labels[:, None] == np.arange(classes) if classes > 2 else labels[:, None]
                frame = frame.filter(pl.Series(train))
                training.add(frame)
                labels_by_text.add(frame, wanted[train].astype(float), folds[train])
            progress(bytes_before + block.done)
        _require_rows(train_rows)
        training.fit_words()
        fit_schema(self.schema, training.profiles(), self.contract)
        check_width(self.schema, self.algorithm)
        self.statistics = labels_by_text.finish()

    def _only(self, needed: set[str]) -> list[str]:
        """The columns to read where `needed` are used; [] for all, where the others tell which rows there are."""
        if self.profile.headers_within or self.inspection.format not in ("csv", "tsv", "parquet"):
            return []
        return [column.name for column in self.inspection.columns if column.name in needed]

    def _write(
        self, holdout_rows: holdout.Holdout, writers: dict[int, ChannelWriter | DividedWriter], raw: RawRowsWriter,
        progress: Callable[[int], None], bytes_before: int,
    ) -> None:  # fmt: skip
        rows_by_plus = {plus: self._row(same_table=True, plus=plus) for plus in (False, True)}
        intermediates, first = encode_table.intermediates(self.schema), 0
        for block in stream_blocks(self.source, self.inspection):
            block.frame = numbered(block.frame, block.row_numbers())
            frame = self.filter.keep(block)
            if len(frame):
                self._refuse_bad_weights(frame, block)
                parts = holdout_rows.parts(frame, self._classes(self._labels(frame)))
                folds = np.where(parts == TRAIN, assign_folds(first, len(frame)), ALL)
                first += len(frame)
                row = rows_by_plus[not block.raw or b"+" in block.raw]
                ready = frame.with_columns(*intermediates, pl.Series(encode_table.FOLD, folds)).select(row)
                for part in np.unique(parts):
                    writer, rows = writers[part], ready.filter(pl.Series(parts == part))
                    writer.write(rows.drop(self.weight_name, strict=False) if part == TEST else rows)
                raw.write(frame.filter(pl.Series(parts == TEST)))
            progress(bytes_before + block.done)

    def _write_second(
        self, second_source: Source, validation: ChannelWriter, progress: Callable[[int], None], bytes_before: int
    ) -> None:
        recipe = Recipe(types=self.recipe.types, numbers=self.recipe.numbers, dates=self.recipe.dates)
        recipe.target = self.recipe.target
        recipe.has_header = None if self.inspection.has_header else False
        inspection = inspect_source(second_source, recipe, supervised=False)
        names = {column.name for column in inspection.columns}
        used = self.filter.used
        missing = [name for name in used if name not in names]
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
        expressions, intermediates = self._row(same_table=False), encode_table.intermediates(self.schema)
        for block in stream_blocks(second_source, inspection, used):
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
            frame = self.filter.keep(block, counted=False)
            if len(frame):
                self._refuse_faulty_cells(frame, block)
                self._refuse_bad_weights(frame, block)
                folded = pl.lit(ALL, pl.Int64).alias(encode_table.FOLD)
                validation.write(frame.with_columns(*intermediates, folded).select(expressions))
            progress(bytes_before + block.done)

    def _refuse_faulty_cells(self, frame: pl.DataFrame, block: blocks.Block) -> None:
        """Raise Problem for a faulty cell of the validation location, which no scan has checked."""
        for column in self.profile.columns:
            if (
                column.name in self.filter.used
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

    def _refuse_bad_weights(self, frame: pl.DataFrame, block: blocks.Block) -> None:
        if self.weight is not None:
            refuse_bad_weights(frame, self.weight, self.recipe.weight, block.file)

    def _labels(self, frame: pl.DataFrame) -> np.ndarray:
        """The class's position or the number of each row, float64 (rows,); 0 without a label."""
        if self.filter.label is None:
            return np.zeros(len(frame))
        return frame[encode_table.LABEL].cast(pl.Float64).to_numpy()

    def _classes(self, labels: np.ndarray) -> np.ndarray:
        return labels.astype(np.int64) if self.schema["classes"] else np.zeros(len(labels), np.int64)


def _require_rows(train_rows: int) -> None:
    if not train_rows:
        raise Problem(_("No row is left to learn from. Look at what is left out."), LOCATION)


def _unused_name(name: str, taken: list[str]) -> str:
    while name in taken:
        name += "_"
    return name
