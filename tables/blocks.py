"""Blocks: consecutive rows of a table as text cells with their row and line numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as pacsv

from common.messages import _
from common.problems import Problem
from tables import text_chunks
from tables.dialect import LINES, PLAIN, Dialect
from tables.json_lines import read_objects
from tables.limits import MAX_CELLS
from tables.objects import LOCATION

UNDECODABLE = "\ufffd"  # stands for a character that does not decode
_LABEL = r"^[ \t]*([^ \t:#]+)"  # of a line of LibSVM, which may have a weight


@dataclass
class Block:
    """Consecutive rows of a table.

    `frame` has one String column a name; cells are as written, null is missing. `start` counts the data rows of the
    table before the block, `line` the lines of the file before it (None when the file has no lines). `ragged` holds
    rows of another width and `headers` rows that repeat the column names; neither is in `frame`, and both carry their
    position among the block's rows, from 0. `raw` is the text in UTF-8, empty for Parquet.
    """

    frame: pl.DataFrame
    file: str
    start: int = 0
    line: int | None = None
    ragged: list[tuple[int, int, str]] = field(default_factory=list)  # (position, cells, the row's text)
    headers: list[tuple[int, str]] = field(default_factory=list)
    blank: int = 0
    breaks: int = 0  # line breaks in `raw`, those in cells included
    undecodable: int = 0  # characters that do not decode
    encoding: str = ""  # of the object
    raw: bytes = b""
    dialect: Dialect = PLAIN  # of `raw`
    done: int = 0  # bytes of all objects read so far
    first: bool = False  # the block begins a file
    unnumbered: bool = False  # read from the middle of a file: row and line numbers are unknown
    _positions: np.ndarray | None = None
    _lines: list[int] | None = None

    @property
    def rows(self) -> int:
        """Number of data rows, ragged ones included."""
        return len(self.frame) + len(self.ragged)

    def position_of(self, index: int) -> tuple[int, int | None]:
        """(row in the table, line in the file), both from 1, of row `index` of `frame`; (0, None) when unnumbered."""
        return self.position_at(self._position_of(index))

    def position_at(self, position: int) -> tuple[int, int | None]:
        """`position_of` for a row by its position in the block, ragged and header rows included."""
        if self.unnumbered:
            return 0, None
        headers_above = sum(header < position for header, _ in self.headers)
        return self.start + position - headers_above + 1, self._line_of(position)

    def row_numbers(self) -> np.ndarray:
        """The row in the table, from 1, of each row of `frame`, int64 (rows,); zeros when unnumbered."""
        if self.unnumbered or not len(self.frame):
            return np.zeros(len(self.frame), np.int64)
        self._position_of(0)
        positions = np.arange(len(self.frame)) if self._positions is None else self._positions
        return self.start + 1 + positions - np.searchsorted([header for header, _ in self.headers], positions)

    def _position_of(self, index: int) -> int:
        set_aside = sorted([position for position, *_ in self.ragged] + [position for position, _ in self.headers])
        if not set_aside:
            return index
        if self._positions is None:
            in_frame = np.ones(len(self.frame) + len(set_aside), bool)
            in_frame[set_aside] = False
            self._positions = np.flatnonzero(in_frame)
        return int(self._positions[index])

    def _line_of(self, position: int) -> int | None:
        if self.line is None:
            return None
        if self._lines is None:
            ends = text_chunks.row_ends(self.raw, self.dialect)
            breaks = np.flatnonzero(np.frombuffer(self.raw, np.uint8) == 10)
            starts = np.concatenate([[0], ends + 1])
            stops = np.concatenate([ends, [len(self.raw)]])
            if self.blank:
                non_blank = [bool(self.raw[a:b].strip(b"\r\n")) for a, b in zip(starts, stops, strict=True)]
                starts = starts[non_blank]
            self._lines = np.searchsorted(breaks, starts).tolist()
        return self.line + self._lines[position] + 1 if position < len(self._lines) else None


def split_lines(text: bytes, columns: int) -> Iterator[bytes]:
    """Cut whole lines of JSON into pieces of at most MAX_CELLS cells: a short line fills every column."""
    most = max(1, MAX_CELLS // max(1, columns))
    if text.count(b"\n") <= most:
        yield text
        return
    lines = text.splitlines(keepends=True)
    for start in range(0, len(lines), most):
        yield b"".join(lines[start : start + most])


def parse_block(
    text: bytes, uri: str, form: str, dialect: Dialect, names: list[str], has_header: bool, only: Sequence[str] = ()
) -> Block:
    """Parse whole rows in UTF-8 of a plain `dialect`. Faulty rows go to `ragged` or `headers`, never an error."""
    if form == "jsonlines":
        return _json(text, uri, names, only)
    if form == "libsvm":
        block = _delimited(text, uri, LINES, ["line"], ())
        label = pl.col("line").str.extract(_LABEL).alias(names[0])
        labels = block.frame.select(label)
        block.frame = labels.filter(pl.col(names[0]).is_not_null())  # not the comments
        return block
    block = _delimited(text, uri, dialect, names, only)
    if has_header:
        _set_aside_headers(block, names)
    return block


def _delimited(text: bytes, uri: str, dialect: Dialect, names: list[str], only: Sequence[str]) -> Block:
    # Before Arrow reads it, which cannot hand over a row with another number of cells that is no UTF-8.
    text = text if text.isascii() or _is_utf8(text) else text.decode("utf-8", "replace").encode()
    block = Block(pl.DataFrame(), uri, raw=text, dialect=dialect)
    block.breaks = int(np.count_nonzero(np.frombuffer(text, np.uint8) == 10))  # faster than bytes.count
    columns = list(only) or names
    try:
        block.frame = _arrow(text, dialect, names, columns, block.ragged)
    except pa.ArrowInvalid as e:
        raise Problem(_("%(where)s cannot be read as a table: %(n)s", where=uri, n=_first_line(e)), LOCATION) from e
    if not block.raw.isascii():
        block.undecodable = block.raw.count(UNDECODABLE.encode())
    filled = len(block.frame) + len(block.ragged)
    unended = bool(text) and not text.endswith(b"\n")
    # As many breaks as rows are neither blank lines nor breaks in cells.
    if block.breaks + unended > filled and (b"\n\n" in text or b"\n\r\n" in text or text[:1] in (b"\n", b"\r")):
        ends = text_chunks.row_ends(text, dialect)
        block.blank = max(0, len(ends) + unended - filled)
    return block


def _is_utf8(text: bytes) -> bool:
    ends = pa.py_buffer(np.array([0, len(text)], np.int64))
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(text)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _arrow(text: bytes, dialect: Dialect, names: list[str], columns: list[str], ragged: list) -> pl.DataFrame:
    def set_aside(row) -> str:
        ragged.append((row.number - 1, row.actual_columns, row.text[:200]))
        return "skip"

    if not text or text.isspace():
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    table = pacsv.read_csv(
        pa.BufferReader(text),
        pacsv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
        pacsv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=dialect.quote or False,
            newlines_in_values=bool(dialect.quote) and b'"' in text,
            invalid_row_handler=set_aside,
        ),
        pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            strings_can_be_null=False,
            include_columns=columns,
            check_utf8=False,
        ),
    )
    return pl.DataFrame(pl.from_arrow(table))


def _set_aside_headers(block: Block, names: list[str]) -> None:
    """Move rows that repeat the column names from `frame` to `headers`."""
    frame = block.frame
    named = [name for name in frame.columns if not name.startswith("#")]
    if not named or not len(frame):
        return
    is_header = frame[named[0]].str.strip_chars() == named[0]
    if not is_header.any():
        return
    is_header = frame.select(pl.all_horizontal(pl.col(name).str.strip_chars() == name for name in named)).to_series()
    if len(named) > 1 and is_header.any():
        block.headers = [(block._position_of(int(i)), ",".join(named)[:200]) for i in is_header.arg_true()]
        block.frame, block._positions = frame.filter(~is_header), None


def _json(text: bytes, uri: str, names: list[str], only: Sequence[str]) -> Block:
    rows = text.split(b"\n")
    block = Block(pl.DataFrame(), uri, raw=text, dialect=LINES, breaks=len(rows) - 1)
    block.blank = sum(not row.strip() for row in rows) - (1 if text.endswith(b"\n") else 0)
    block.frame, others = read_objects(text, list(only) or names)
    block.ragged += [(position, 0, row) for position, row in others]
    return block


def _first_line(e: Exception) -> str:
    line = (str(e).splitlines() or [type(e).__name__])[0].strip()
    return line if line.endswith(".") else f"{line}."
