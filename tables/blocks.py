"""Streams a table out of object storage as blocks of text cells that know the rows and lines they came from."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv

from common.messages import _
from common.problems import Problem
from tables import parquet, text_chunks
from tables.column_names import unique_names
from tables.inspection import Inspection
from tables.objects import LOCATION, Source
from tables.parse_scalar import is_missing, is_number
from tables.ranged_file import RangedFile

NO_DELIMITER = "\x01"  # makes a line of LibSVM one cell


@dataclass
class Block:
    """Some rows in a table's order: `frame` has a String column for each name, cells as written, null is missing.

    `start` data rows of the table came before, `line` lines of the file (None when the file has no lines). Rows of
    another width, and rows that repeat the column names, are not in `frame` but in `ragged` and `headers`, with their
    place among the block's rows; `raw` is the text.
    """

    frame: pl.DataFrame
    file: str
    start: int = 0
    line: int | None = None
    ragged: list[tuple[int, int, str]] = field(default_factory=list)  # (place, cells, the row's text)
    headers: list[tuple[int, str]] = field(default_factory=list)
    blank: int = 0
    undecodable: int = 0  # cells that are no text in the encoding
    raw: bytes = b""
    delimiter: str = ","
    done: int = 0  # bytes of all objects read so far
    first: bool = False  # the file begins here
    adrift: bool = False  # from the middle of a file: its rows have no numbers
    _places: np.ndarray | None = None
    _lines: list[int] | None = None

    @property
    def rows(self) -> int:
        """Data rows, those of another width too."""
        return len(self.frame) + len(self.ragged)

    def place(self, index: int) -> tuple[int, int | None]:
        """(row in the table, line in the file), from 1, of a row of `frame`."""
        return self.place_of(self._among_all(index))

    def place_of(self, place: int) -> tuple[int, int | None]:
        """The same for a row by its place in the block, such as a ragged one's."""
        if self.adrift:
            return 0, None
        names = sum(at < place for at, _ in self.headers)
        return self.start + place - names + 1, self._line_of(place)

    def _among_all(self, index: int) -> int:
        left_out = sorted([at for at, *_ in self.ragged] + [at for at, _ in self.headers])
        if not left_out:
            return index
        if self._places is None:
            kept = np.ones(len(self.frame) + len(left_out), bool)
            kept[left_out] = False
            self._places = np.flatnonzero(kept)
        return int(self._places[index])

    def _line_of(self, place: int) -> int | None:
        if self.line is None:
            return None
        if self._lines is None:
            ends = text_chunks.row_ends(self.raw, self.delimiter)
            every = np.flatnonzero(np.frombuffer(self.raw, np.uint8) == 10)
            starts = np.concatenate([[0], ends + 1])
            stops = np.concatenate([ends, [len(self.raw)]])
            if self.blank:
                filled = [bool(self.raw[a:b].strip(b"\r\n")) for a, b in zip(starts, stops, strict=True)]
                starts = starts[filled]
            self._lines = np.searchsorted(every, starts).tolist()
        return self.line + self._lines[place] + 1 if place < len(self._lines) else None


def stream(source: Source, found: Inspection, only: Sequence[str] = ()) -> Iterator[Block]:
    """All of `source`, read as `found` says. With `only`, the frames hold just these columns.

    Raises Problem naming the object that cannot be read, or has other columns than the first.
    """
    names = [column.name for column in found.columns]
    start = before = 0
    for number, o in enumerate(source.objects):
        where = source.name(o)
        blocks = _parquet(source, o, where, names, only) if found.format == "parquet" else None
        if blocks is None:
            body = text_chunks.Counted(source.open(o))
            try:
                delimiter = NO_DELIMITER if found.format in ("libsvm", "jsonlines") else found.delimiter
                texts = text_chunks.pieces(body, where, found.encoding, found.compression, delimiter)
                for block in _texts(texts, where, found, names, only, number):
                    block.start, block.done = start, before + min(body.done, o.size)
                    start += block.rows
                    yield block
            finally:
                body.close()
        else:
            for block in blocks:
                block.start, block.done = start, before + block.done
                start += block.rows
                yield block
        before += o.size


def _parquet(source: Source, o, where: str, names: list[str], only: Sequence[str]) -> Iterator[Block]:
    total = 0
    file = RangedFile(source, o)
    rows = max(1, parquet.open_file(file, where).metadata.num_rows)
    file.seek(0)
    first = True
    for frame in parquet.frames(file, where, names, only):
        total += len(frame)
        yield Block(frame, where, done=int(o.size * total / rows), first=first)
        first = False


def _texts(
    texts: Iterator[bytes], where: str, found: Inspection, names: list[str], only: Sequence[str], number: int
) -> Iterator[Block]:
    line, first = 0, True
    for text in texts:
        skipped = 0
        if first and found.format in ("csv", "tsv"):
            text, skipped = without_header(text, found, names, where, number)
            if not text and not skipped:
                continue
        block = parse(text, where, found.format, found.delimiter, names, found.has_header, only)
        block.line, block.first = line + skipped, first
        line += skipped + text.count(b"\n")
        first = False
        yield block


def without_header(text: bytes, found: Inspection, names: list[str], where: str, number: int) -> tuple[bytes, int]:
    """The text below the row of column names, and the lines that were taken off.

    A later object without that row keeps its first; one with other names is refused.
    """
    head = text.lstrip(b"\r\n")
    ends = text_chunks.row_ends(head[: 4 * text_chunks.PIECE], found.delimiter)
    end = int(ends[0]) + 1 if len(ends) else len(head)
    row = cells(head[:end].decode("utf-8", "replace"), found.delimiter)
    own = unique_names(row) if row else []
    taken = text[: len(text) - len(head) + end].count(b"\n")
    if found.has_header:
        if number == 0 or own == names[: len(own)]:
            return head[end:], taken
        if not any(is_number(cell) for cell in row) and 2 * len(set(own) & set(names)) >= max(1, len(names)):
            raise Problem(
                _(
                    "%(where)s has other columns (%(names)s, ...) than the first object (%(names2)s, ...). Give every "
                    "object the same columns in the same order.",
                    where=where,
                    names=", ".join(own[:5]),
                    names2=", ".join(names[:5]),
                ),
                LOCATION,
            )
        return text, 0
    if (
        number
        and len(row) == len(names)
        and len(names) > 1
        and not any(map(is_number, row))
        and not any(map(is_missing, row))
    ):
        below = cells(head[end : end + 65536].decode("utf-8", "replace").partition("\n")[0], found.delimiter)
        if any(map(is_number, below)):  # names in a later object although the first has none
            return head[end:], taken
    return text, 0


def cells(row: str, delimiter: str) -> list[str]:
    return next(csv.reader(io.StringIO(row.strip("\r\n"), newline=""), delimiter=delimiter), [])


def parse(
    text: bytes, where: str, form: str, delimiter: str, names: list[str], has_header: bool, only: Sequence[str] = ()
) -> Block:
    """A block of whole rows in UTF-8. Faulty rows are set aside, never an error."""
    if form == "jsonlines":
        return _json(text, where, names, only)
    if form == "libsvm":
        block = _delimited(text, where, NO_DELIMITER, ["line"], ())
        label = pl.col("line").str.split(" ").list.first().alias(names[0])
        block.frame = block.frame.select(label)
        return block
    block = _delimited(text, where, delimiter, names, only)
    if has_header:
        _take_out_headers(block, names)
    return block


def _delimited(text: bytes, where: str, delimiter: str, names: list[str], only: Sequence[str]) -> Block:
    block = Block(pl.DataFrame(), where, raw=text, delimiter=delimiter)
    kept = list(only) or names
    try:
        block.frame = _arrow(text, delimiter, names, kept, block.ragged)
    except pa.ArrowInvalid as e:
        block.ragged.clear()
        if "UTF8" not in str(e):
            raise Problem(
                _("%(where)s cannot be read as a table: %(n)s", where=where, n=_first_line(e)), LOCATION
            ) from e
        repaired = text.decode("utf-8", "replace")
        block.undecodable = repaired.count("\ufffd")
        block.frame = _arrow(repaired.encode(), delimiter, names, kept, block.ragged)
    if b"\n\n" in text or b"\n\r\n" in text or text[:1] in (b"\n", b"\r"):
        ends = text_chunks.row_ends(text, delimiter)
        filled = len(block.frame) + len(block.ragged)
        unended = bool(text) and not text.endswith(b"\n")
        block.blank = max(0, len(ends) + unended - filled)
    return block


def _arrow(text: bytes, delimiter: str, names: list[str], kept: list[str], ragged: list) -> pl.DataFrame:
    def aside(row) -> str:
        ragged.append((row.number - 1, row.actual_columns, row.text[:200]))
        return "skip"

    if not text.strip():
        return pl.DataFrame(schema=dict.fromkeys(kept, pl.String))
    table = pacsv.read_csv(
        pa.BufferReader(text),
        pacsv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
        pacsv.ParseOptions(
            delimiter=delimiter,
            quote_char=False if delimiter == NO_DELIMITER else '"',
            newlines_in_values=b'"' in text,
            invalid_row_handler=aside,
        ),
        pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False, include_columns=kept
        ),
    )
    return pl.DataFrame(pl.from_arrow(table))


def _take_out_headers(block: Block, names: list[str]) -> None:
    """Set aside rows that repeat the column names."""
    frame = block.frame
    own = [name for name in frame.columns if not name.startswith("#")]
    if not own or not len(frame):
        return
    same = frame[own[0]].str.strip_chars() == own[0]
    if not same.any():
        return
    same = frame.select(pl.all_horizontal(pl.col(name).str.strip_chars() == name for name in own)).to_series()
    if len(own) > 1 and same.any():
        block.headers = [(block._among_all(int(i)), ",".join(own)[:200]) for i in same.arg_true()]
        block.frame, block._places = frame.filter(~same), None


def _json(text: bytes, where: str, names: list[str], only: Sequence[str]) -> Block:
    block = Block(pl.DataFrame(), where, raw=text, delimiter=NO_DELIMITER)
    kept = list(only) or names
    shape = dict.fromkeys(kept, pl.String)
    rows = text.split(b"\n")
    filled = [row for row in rows if row.strip()]
    block.blank = len(rows) - len(filled) - (1 if text.endswith(b"\n") else 0)
    try:
        block.frame = pl.read_ndjson(io.BytesIO(text), schema=shape) if filled else pl.DataFrame(schema=shape)
        if len(block.frame) == len(filled):
            return block
    except pl.exceptions.PolarsError:
        pass
    good: list[bytes] = []
    for place, row in enumerate(filled):
        try:
            if not isinstance(json.loads(row), dict):
                raise ValueError
            good.append(row)
        except ValueError:
            block.ragged.append((place, 0, row[:200].decode("utf-8", "replace")))
    block.frame = pl.read_ndjson(io.BytesIO(b"\n".join(good)), schema=shape) if good else pl.DataFrame(schema=shape)
    return block


def _first_line(e: Exception) -> str:
    line = (str(e).splitlines() or [type(e).__name__])[0].strip()
    return line if line.endswith(".") else f"{line}."
