"""LibSVM lines as XGBoost's reader meets them: `label[:weight] [qid:n] index:value ...`."""

from __future__ import annotations

import io
import re
from typing import BinaryIO

import numpy as np

from preflight.raw import RawFile, RawTable
from preflight.raw_cells import NUMBER
from preflight.raw_labels import take_labels
from tables.profile import Cell
from tables.scanner import Progress

_PAIR = re.compile(r"\d+:[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_LOOKS = re.compile(r"[^\s:,;]+(:[\d.]+)?(\s+\S+:\S+)+\s*(#.*)?")


def is_libsvm(lines: list[str]) -> bool:
    """Are most lines a label and pairs?"""
    filled = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return sum(bool(_LOOKS.fullmatch(line)) for line in filled) * 2 > len(filled)


def read_libsvm(table: RawTable, file: RawFile, stream: BinaryIO, slow: int, most: int, step: Progress) -> int:
    """Take in one file, line by line; gives `slow` with the bytes that were read added."""
    labels: list[float] = []
    start = 0
    lines = io.TextIOWrapper(stream, "utf-8", "replace")
    for number, text in enumerate(lines, 1):
        slow += len(text)
        table.read += len(text)
        words = text.partition("#")[0].split()
        if not words:
            continue
        labels.append(_line(table, Cell(table.rows + len(labels) + 1, text.strip()[:80], file.uri, number), words))
        if len(labels) >= 50_000:
            take_labels(table, file, np.array(labels), start)
            table.rows += len(labels)
            labels, start = [], number
            step(table.read, table.size)
        if slow > most:
            table.complete = False
            break
    lines.detach()  # closing the bytes is for whoever opened them
    take_labels(table, file, np.array(labels, dtype=float), start)
    table.rows += len(labels)
    step(table.read, table.size)
    return slow


def _line(table: RawTable, where: Cell, words: list[str]) -> float:
    label = words[0].partition(":")[0]
    for word in words[1:]:
        if word.startswith("qid:") or _PAIR.fullmatch(word):
            index = word.partition(":")[0]
            table.width = max(table.width, int(index) + 1 if index.isdigit() else 0)
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
