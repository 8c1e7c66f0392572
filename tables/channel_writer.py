"""Writes prepared rows as the objects of one channel, in parts of bounded size."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from algorithms.formats.recordio import write_sparse_rows, write_sparse_table, write_table
from tables.objects import parse_location
from tables.sparse_layout import RECORDIO, SparseLayout
from tables.store import Store

PART_BYTES = 256 * 1024 * 1024  # bytes of one object


class ChannelWriter:
    """Writes one channel under `uri`, which ends with a slash; `close` uploads the last part.

    With a `layout`, records are sparse; see `tables.sparse_layout`.
    """

    def __init__(
        self, store: Store, uri: str, name: str, recordio: bool, label: bool, folder: Path,
        layout: SparseLayout | None = None, shard: str = "",
    ):  # fmt: skip
        self.store, self.uri, self.name, self.folder, self.shard = store, uri, name, folder, shard
        self.recordio, self.label, self.layout = recordio, label, layout
        self.rows = self.bytes = self.parts = 0
        self.file: BinaryIO | None = None
        self.path = folder / f"{name}{shard}.part"

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows, the label in the first column if there is one."""
        if not len(frame):
            return
        if self.file is None:
            self.file = self.path.open("wb")
        if self.recordio:
            texts = self.layout.texts if self.layout else {}
            numbers = frame.select(
                pl.exclude(*texts).cast(pl.Float64) if texts else pl.all().cast(pl.Float64)
            ).to_numpy()
            numbers, labels = (numbers[:, 1:], numbers[:, 0]) if self.label else (numbers, None)
            if self.layout and texts:
                rows = with_words(*self.layout.entries(numbers), frame, texts)
                self.file.write(write_sparse_rows(*rows, self.layout.width, labels))
            elif self.layout:
                self.file.write(write_sparse_table(*self.layout.entries(numbers), self.layout.width, labels))
            else:
                self.file.write(write_table(numbers.astype(np.float32), labels))
        else:
            frame.write_csv(self.file, include_header=False, quote_style="never")
        self.rows += len(frame)
        if self.file.tell() >= PART_BYTES:
            self.end_part()

    def abandon(self) -> None:
        """Discard a part that is not uploaded; repeatable, and harmless after `close`."""
        if self.file is not None:
            self.file.close()
            self.file = None

    def close(self, categorical: list[int]) -> None:
        """Upload the last part, and categorical_index.json if features are categorical.

        AWS's list (JumpStart's algorithms for tables) counts columns from 0 with the label as column 0.
        """
        self.end_part()
        if categorical and self.rows:
            document = {"cat_index_list": [position + 1 for position in categorical]}
            put_json(self.store, f"{self.uri}categorical_index.json", document)

    def end_part(self) -> None:
        """Upload what was written since the last part, if anything."""
        if self.file is None:
            return
        self.bytes += self.file.tell()
        self.file.close()
        self.file = None
        number = f"-{self.parts + 1:05d}" if self.parts else ""
        kind, ending = (RECORDIO, "pbr") if self.recordio else ("text/csv", "csv")
        with self.path.open("rb") as body:
            self.store.put(*parse_location(f"{self.uri}{self.name}{number}{self.shard}.{ending}"), body, kind)
        self.path.unlink()
        self.parts += 1


class DividedWriter:
    """Deals the rows of one channel to objects of their own for each of `shards` instances.

    With ShardedByS3Key every instance then gets as many rows as any other, or one more. That deals keys in their order,
    so a part ends for all of them at once, and the keys of one part are next to each other.
    """

    def __init__(self, writers: Sequence[ChannelWriter], name: str, uri: str):
        self.writers, self.name, self.uri = writers, name, uri

    @property
    def rows(self) -> int:
        """The rows written."""
        return sum(writer.rows for writer in self.writers)

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows, each to the object whose turn it is."""
        count, first = len(self.writers), self.rows
        for position, writer in enumerate(self.writers):
            writer.write(frame.gather_every(count, (position - first) % count))
        parts = max(writer.parts for writer in self.writers)
        for writer in self.writers:
            if writer.parts < parts:
                writer.end_part()

    def abandon(self) -> None:
        """As `ChannelWriter.abandon`."""
        for writer in self.writers:
            writer.abandon()

    def close(self, categorical: list[int]) -> None:
        """As `ChannelWriter.close`. Raises ValueError for categorical features: one instance alone would know them."""
        if categorical:
            raise ValueError("categorical_index.json cannot be divided among instances")
        for writer in self.writers:
            writer.close([])


def with_words(
    values: np.ndarray, columns: np.ndarray, frame: pl.DataFrame, texts: Mapping[str, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(values, columns, starts) of sparse rows: `values` and `columns` (rows, entries), then the words of `frame`.

    The rows of the result follow one another; `starts` has where each begins, and the end of the last. `texts` are
    {column of the frame: the first of its features}.
    """
    counts = np.full(len(frame), values.shape[1])
    parts = [(np.repeat(np.arange(len(frame)), values.shape[1]), values.ravel(), columns.ravel())]
    for name, start in texts.items():
        lists = frame[name].struct.unnest()
        sizes = lists["places"].list.len().to_numpy().astype(np.int64)
        full = lists.filter(pl.Series(sizes > 0))
        features = full["places"].explode().to_numpy() + start
        parts.append((np.repeat(np.arange(len(frame)), sizes), full["values"].explode().to_numpy(), features))
        counts += sizes
    rows, data, at = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(rows, kind="stable")
    return data[order], at[order], np.concatenate([[0], np.cumsum(counts)])


def put_json(store: Store, uri: str, document: Any) -> None:
    """Write `document` as JSON at `uri`."""
    store.put(*parse_location(uri), io.BytesIO(json.dumps(document, indent=1).encode()), "application/json")
