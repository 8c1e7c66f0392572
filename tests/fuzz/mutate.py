"""Real files with a few bytes changed, and random bytes: whatever they have become, what is said of them is true."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from random import Random

import polars as pl
import pyarrow.parquet as pq

import algorithms
from common.problems import Problem
from tables.inspection import Inspection
from tables.parse_scalar import MISSING
from tests.corpus.cases import Table, table
from tests.fuzz.truth import claim, look

SIZE = 60_000  # bytes of a real file that are changed; more is slow
WIDE = 200  # columns; such a table takes long and is no other for that
NAMES = ("t.csv", "t.csv", "t.tsv", "t.txt", "t.jsonl", "t.json", "t.parquet", "t.libsvm", "t.pbr", "t.csv.gz", "data")


@cache
def real_files() -> list[tuple[str, bytes]]:
    """(key, bytes) of the corpus's clean tables, cut after a whole line, in all formats."""
    from tests.corpus import clean

    files: dict[bytes, str] = {}
    for one in clean.tables():
        body, key = one.body(), one.key
        if len(body) > SIZE and body[:4] != b"PAR1" and body[:2] != b"\x1f\x8b" and b"\0" not in body[:100]:
            body = body[: body.rfind(b"\n", 0, SIZE) + 1]
        files.setdefault(body, key)
    binary = clean._plain("binary")()
    files[clean._as_libsvm(binary)] = "t.libsvm"
    files[_recordio(binary)] = "t.pbr"
    return [(key, body) for body, key in files.items() if len(body) < 4 * SIZE]


def _recordio(body: bytes) -> bytes:
    import numpy as np

    from algorithms.formats.recordio import write_table

    rows = np.array([[float(cell) for cell in line.split(",")] for line in body.decode().split()])
    return write_table(rows[:, 1:].astype(np.float32), rows[:, 0])


def mutated(random: Random) -> tuple[str, bytes, int]:
    """(key, bytes, number of changes) of a real file."""
    key, body = random.choice(real_files())
    changes = random.choice((0, 1, 1, 2, 4))
    for _ in range(changes):
        body = random.choice(_CHANGES)(random, body) or body
    if random.random() < 0.1:
        key = random.choice(NAMES)
    return key, body, changes


_ALPHABETS = (
    bytes(range(256)), b"0123456789,\n", b'a,"\n\r', b"{}[]:,\"1a\n ", b"0 1:2.5\n-#", b"\xea\xb0\x80a,1\n",
    b",;\t|\n 1x",
)  # fmt: skip
_STARTS = (
    b"", b"", b"PAR1", b"\x1f\x8b\x08", b"BZh9", b"\x28\xb5\x2f\xfd", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff\xfe\0\0",
    b"\xce\x0a\x23\xd7", b"\0\0\xfe\xff", b'{"a":1}\n',
)  # fmt: skip


def random_bytes(random: Random) -> tuple[str, bytes]:
    """(key, bytes) of nothing in particular, from alphabets that lead deep into the readers."""
    alphabet = random.choice(_ALPHABETS)
    body = bytes(random.choice(alphabet) for _ in range(random.choice((1, 3, 20, 200, 3000))))
    start = random.choice(_STARTS)
    end = b"PAR1" if start == b"PAR1" and random.random() < 0.5 else b""
    return random.choice(NAMES), start + body + end


def _flip(random: Random, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(random.choice((1, 3, 20))):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _cut(random: Random, body: bytes) -> bytes:
    at = random.randrange(len(body))
    return body[:at] if random.random() < 0.7 else body[at:]


def _splice(random: Random, body: bytes) -> bytes:
    other = random.choice(real_files())[1]
    a, b = random.randrange(len(body)), random.randrange(len(other))
    return body[:a] + other[b : b + random.choice((10, 500, 5000))] + body[a:]


def _repeat(random: Random, body: bytes) -> bytes:
    a = random.randrange(len(body))
    part = body[a : a + random.choice((1, 20, 2000))]
    return body[:a] + part * random.choice((2, 5)) + body[a:]


_PIECES = (
    b'"', b"\0", b"\n\n", b"\r", b",,", b"\t", b"\xff", b"\xa0", b"NaN", b"1e999", b"Infinity", b'""', b"\xe2\x80\xa8",
    b"\x1a", b"\x1f\x8b", b"{", b"]", b"\\", b"-", b"9" * 400, b"x" * 140_000,
)  # fmt: skip


def _insert(random: Random, body: bytes) -> bytes:
    a = random.randrange(len(body))
    return body[:a] + random.choice(_PIECES) + body[a:]


def _drop_lines(random: Random, body: bytes) -> bytes:
    lines = body.splitlines(keepends=True)
    a = random.randrange(len(lines))
    return b"".join(lines[:a] + lines[a + random.choice((1, 5)) :])


def _shuffle_lines(random: Random, body: bytes) -> bytes:
    lines = body.splitlines(keepends=True)
    random.shuffle(lines)
    return b"".join(lines)


def _encode(random: Random, body: bytes) -> bytes | None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return text.encode(
        random.choice(("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "cp949", "shift_jis")), "replace"
    )


def _line_ends(random: Random, body: bytes) -> bytes:
    return body.replace(b"\r\n", b"\n").replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\n", b"\n\r", b" \n")))


def _delimiters(random: Random, body: bytes) -> bytes:
    return body.replace(b",", random.choice((b";", b"\t", b"|", b" ", b", ", b",,", b"\x01")))


def _pack(random: Random, body: bytes) -> bytes:
    packed = gzip.compress(body, mtime=0) if random.random() < 0.6 else bz2.compress(body)
    return packed + random.choice((b"", b"", b"junk", packed))


def _quote(random: Random, body: bytes) -> bytes:
    return body.replace(b",", b'","', random.choice((1, 10, -1)))


_CHANGES: list[Callable[[Random, bytes], bytes | None]] = [
    _flip, _flip, _cut, _splice, _repeat, _insert, _insert, _drop_lines, _shuffle_lines, _encode, _line_ends,
    _delimiters, _pack, _quote,
]  # fmt: skip


def check(key: str, body: bytes, random: Random) -> str:
    """All claims about a file of which nothing is known but its bytes; what became of it, in a word."""
    algorithm = random.choice([*algorithms.ALGORITHMS])
    share, prepare = random.choice((0.0, 0.2)), random.random() < 0.85
    tried = table(body, key, algorithm=algorithm, validation_share=share, prepare=prepare)
    if tried.preview.inspection and len(tried.preview.inspection.columns) > WIDE:
        return "wide"
    look(tried)
    if tried.data.raw_tables:
        return "raw"
    if tried.problems:
        return "refused"
    inspection, profile = tried.inspection, tried.profile
    claim(len(profile.columns) == len(inspection.columns), "columns", len(profile.columns), len(inspection.columns))
    if inspection.format in ("csv", "tsv"):
        _compare_delimited(tried, body, inspection)
    elif inspection.format == "parquet":
        _compare_parquet(tried, body)
    if tried.report.blocks:
        return "blocked"
    try:
        prepared = tried.prepared
    except Problem as e:
        claim(bool(e.message), "no words", e)
        return "refused late"
    rows = prepared.all_rows
    width = len(prepared.features) + bool(prepared.schema["label"]) if prepared.data.lineage["prepared"] else None
    if width:
        claim(all(len(row) == width for row in rows), "width", width, Counter(map(len, rows)))
        claim(
            len(rows) == prepared.data.counts["train"] + prepared.data.counts["validation"],
            "rows",
            len(rows),
            prepared.data.counts,
        )
        for row in rows:
            for cell in row:
                claim(not cell or abs(float(cell)) < float("inf"), "prepared cell", cell, row[:9])
    return "prepared"


def _compare_delimited(tried: Table, body: bytes, inspection: Inspection) -> None:
    """Rows, widths, missing cells and numbers, as Python's csv reads the same bytes in the same dialect."""
    text, dialect = _text(body, inspection), inspection.dialect
    if text is None or max(map(len, text.splitlines()), default=0) > csv.field_size_limit():
        return
    if not dialect.is_plain or "\0" in text or not _is_well_quoted(text, inspection.delimiter):
        return  # readers differ in quotes that begin or end inside a cell
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=inspection.delimiter)]
    rows = [row for row in rows if row][dialect.lead :]
    names = rows[0] if inspection.has_header else []
    rows = rows[dialect.header_rows :]
    width, profile = len(inspection.columns), tried.profile
    headers = [row for row in rows if inspection.has_header and [c.strip() for c in row] == [c.strip() for c in names]]
    claim(
        profile.rows + len(headers) == len(rows) or profile.rows == len(rows),
        "rows",
        profile.rows,
        len(rows),
        len(headers),
    )
    ragged = sum(len(row) != width for row in rows)
    claim(profile.ragged_count == ragged, "ragged", profile.ragged_count, ragged, profile.ragged[:2])
    remaining = [row for row in rows if len(row) == width]
    if profile.rows != len(rows):
        remaining = [row for row in remaining if [c.strip() for c in row] != [c.strip() for c in names]]
    for position, column in enumerate(profile.columns):
        cells = [row[position].strip(" \t\n\r\x0b\x0c\xa0") for row in remaining]
        missing = sum(cell.lower() in MISSING for cell in cells)
        markers = sum(getattr(column, "markers", {}).values())
        claim(column.missing == missing + markers, "missing", column.name, column.missing, missing, markers)
        if column.kind == "number" and not column.numbers_as and column.numbers:
            numbers = [value for value in map(_number, cells) if value is not None]
            claim(column.numbers == len(numbers), "numbers", column.name, column.numbers, len(numbers))
            claim(
                (column.min, column.max) == (min(numbers), max(numbers)), "range", column.name, column.min, column.max
            )


def _is_well_quoted(text: str, delimiter: str) -> bool:
    """True if every quote begins or ends a cell, or is doubled inside a quoted one."""
    cell = rf'(?:"(?:[^"]|"")*"|[^"{re.escape(delimiter)}\r\n]*)'
    return re.fullmatch(rf"(?:{cell}(?:{re.escape(delimiter)}|\r?\n|$))*", text) is not None


def _number(cell: str) -> float | None:
    if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", cell):
        return None
    value = float(cell)
    return value if abs(value) < float("inf") else None


def _text(body: bytes, inspection: Inspection) -> str | None:
    """The text in the dialect that the inspection names; None where it cannot be had otherwise."""
    try:
        if inspection.compression == "gzip":
            body = gzip.decompress(body)
        elif inspection.compression == "bz2":
            body = bz2.decompress(body)
        elif inspection.compression:
            return None
    except (OSError, EOFError):
        return None
    text = body.decode(inspection.encoding, "replace").removeprefix("\ufeff")
    return text.replace("\r", "\n") if "\n" not in text else None if "\r" in text.replace("\r\n", "") else text


def _compare_parquet(tried: Table, body: bytes) -> None:
    frame = pl.from_arrow(pq.read_table(io.BytesIO(body)))
    assert isinstance(frame, pl.DataFrame)
    claim(tried.profile.rows == len(frame), "rows", tried.profile.rows, len(frame))
    for column, series in zip(tried.profile.columns, frame.get_columns(), strict=True):
        if column.kind == "number" and series.dtype.is_numeric():
            finite = series.cast(pl.Float64).drop_nulls().drop_nans()
            claim(
                column.missing == len(series) - len(finite),
                "missing",
                column.name,
                column.missing,
                len(series) - len(finite),
            )
            claim(
                (column.min, column.max) == (finite.min(), finite.max()), "range", column.name, column.min, finite.min()
            )
