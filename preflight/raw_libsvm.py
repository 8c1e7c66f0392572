"""Reads LibSVM lines as a container does: `label[:weight] [qid:n] index:value ...`.

The grammar is the text input format of the library inside (docs/containers.md names its documentation).
"""

from __future__ import annotations

import io
import re
from typing import BinaryIO

import numpy as np

from algorithms.formats.sparse_width import MAX_COLUMNS
from preflight.raw_cells import NUMBER
from preflight.raw_labels import update_label_stats
from preflight.raw_table import RawFile, RawTable
from tables.profile import Cell
from tables.scanner import Progress

BATCH = 50_000  # lines
_PAIR = re.compile(r"\d+:([+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|nan)", re.IGNORECASE)
_LOOKS = re.compile(r"[^\s:,;]+(:[\d.]+)?(\s+\S+:\S+)*\s*(#.*)?")  # a label alone has no values other than 0


def is_libsvm(lines: list[str]) -> bool:
    """Return True if most of `lines`, comments and blank ones aside, are a label and index:value pairs."""
    filled = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    pairs = any(re.search(r"\s\S+:\S+", line) for line in filled)
    return pairs and sum(bool(_LOOKS.fullmatch(line)) for line in filled) * 2 > len(filled)


def read_libsvm(table: RawTable, file: RawFile, stream: BinaryIO, budget: int, step: Progress) -> int:
    """Add the lines of one file to `table`, and return how many of the `budget` bytes are left.

    A file that is larger than `budget` is read in part, and `table.complete` becomes False.
    """
    labels: list[float] = []
    start = 0
    lines = io.TextIOWrapper(stream, "utf-8", "replace")
    for number, text in enumerate(lines, 1):
        budget -= len(text)
        table.bytes_read += len(text)
        words = text.partition("#")[0].split()
        if not words:
            continue
        labels.append(_add_line(table, Cell(table.rows + len(labels) + 1, text.strip()[:80], file.uri, number), words))
        if len(labels) >= BATCH:
            update_label_stats(table, file, np.array(labels), start)
            table.rows += len(labels)
            labels, start = [], number
            step(table.bytes_read, table.size)
        if budget < 0:
            table.complete = False
            break
    lines.detach()  # the caller closes the stream
    update_label_stats(table, file, np.array(labels, dtype=float), start)
    table.rows += len(labels)
    step(table.bytes_read, table.size)
    return budget


def _add_line(table: RawTable, where: Cell, words: list[str]) -> float:
    label = words[0].partition(":")[0]
    for word in words[1:]:
        if word.startswith("qid:") or _PAIR.fullmatch(word):
            _add_index(table, where, word)
        elif word.startswith("-") and ":" in word:
            table.add("negative", Cell(where.row, word, where.file, where.line))
        elif ":" not in word:
            table.add("pairs", Cell(where.row, word, where.file, where.line))
        else:
            table.add("libsvm_value", Cell(where.row, word, where.file, where.line))
    if NUMBER.fullmatch(label):
        return float(label)
    table.add("label", Cell(where.row, label, where.file, where.line), 1)
    return float("nan")


def _add_index(table: RawTable, where: Cell, word: str) -> None:
    digits = word.partition(":")[0].lstrip("0")
    if not digits.isdigit():  # qid, or the index 0
        return
    index = int(digits[:20])
    if index >= MAX_COLUMNS:
        table.add("wide", Cell(where.row, word[:80], where.file, where.line))
    else:
        table.width = max(table.width, index + 1)
