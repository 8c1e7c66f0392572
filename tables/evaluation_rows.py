"""Reads the test rows that preparing a table wrote, as prediction requests and the labels of their rows."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

import numpy as np

from algorithms.formats.recordio import read_frames, read_record, write_record
from tables.encode_channels import uri_of_test_rows
from tables.objects import Source, locate
from tables.sparse_layout import RECORDIO
from tables.store import Store

MAX_ROWS = 100_000  # rows that are measured; of more, every 2nd, 3rd, ... one
BODY_BYTES = 1024 * 1024  # of one request, unless a single row is longer
BODY_ROWS = 2_000  # of one request, so that no answer is large


@dataclass(frozen=True)
class EvaluationBatch:
    """Rows of one request: the body without labels, and the label of each row, float64 (rows,)."""

    body: bytes
    labels: np.ndarray


def read_evaluation_rows(store: Store, folder: str, content_type: str, rows: int) -> Iterator[EvaluationBatch]:
    """The batches of the `rows` test rows of the job in `folder`, at most about MAX_ROWS of them, evenly chosen.

    `content_type` is that of the training channel. Raises Problem when they cannot be read.
    """
    stride = -(-rows // MAX_ROWS)
    split = _records if content_type.startswith(RECORDIO) else _lines
    source, size = locate(store, uri_of_test_rows(folder)), 0
    pieces: list[bytes] = []
    labels: list[float] = []
    for number, (label, piece) in enumerate(_rows(source, split)):
        if number % stride:
            continue
        if pieces and (size + len(piece) > BODY_BYTES or len(pieces) == BODY_ROWS):
            yield EvaluationBatch(b"".join(pieces), np.array(labels))
            pieces, labels, size = [], [], 0
        pieces.append(piece)
        labels.append(label)
        size += len(piece)
    if pieces:
        yield EvaluationBatch(b"".join(pieces), np.array(labels))


def _lines(body: BinaryIO) -> Iterator[tuple[float, bytes]]:
    for line in body:
        label, _comma, features = line.partition(b",")
        yield float(label), features


def _records(body: BinaryIO) -> Iterator[tuple[float, bytes]]:
    while header := body.read(8):
        length = int.from_bytes(header[4:], "little")
        frame = header + body.read((length + 3) // 4 * 4)
        record = read_record(next(read_frames(frame)))
        yield float(record.label["values"].values[0]), write_record(record.features)


def _rows(source: Source, split: Callable[[BinaryIO], Iterator[tuple[float, bytes]]]) -> Iterator[tuple[float, bytes]]:
    for part in source.objects:
        with io.BufferedReader(cast(io.RawIOBase, source.open(part)), BODY_BYTES) as body:
            yield from split(body)
