"""Builds the profile of a table from a stream of blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import polars as pl

from common.messages import _
from tables import leaks, parse_polars, product_leaks, sum_leaks
from tables.blocks import UNDECODABLE, Block
from tables.column_types import ColumnTypes, resolve_types
from tables.distinct import DuplicateCounter
from tables.histograms import BINS, histograms
from tables.identifiers import identifier_form
from tables.inspection import Inspection
from tables.labels import set_labels
from tables.limits import LONG_TEXT
from tables.profile import EXAMPLES, Cell, Profile
from tables.recipe import Recipe
from tables.table_stats import TableStats, read_numbers
from tables.totals import LABEL_COLUMNS, is_summary, is_total, total_rows

TAIL_ROWS = 3  # at the end of a table, where a total stands
SAMPLE_ROWS, SAMPLE_CELLS = 20_000, 1_000_000
_DIGITS = b"0123456789.,-+eE\r\n"


def build_profile(
    stream: Iterable[Block],
    inspection: Inspection,
    recipe: Recipe,
    size: int,
    complete: bool,
    choose_target: Callable[[Profile], str] | None = None,
) -> tuple[Profile, DuplicateCounter]:
    """(profile, hashes of the rows) of the blocks of a table of `size` bytes.

    `choose_target(profile of the columns)` is the target; without it that of `inspection` is.
    `complete` is True if the blocks are the whole table; histograms, leaks and date statistics come from a sample.
    """
    names = [column.name for column in inspection.columns]
    column_types = resolve_types(inspection, recipe)
    target = inspection.target_suggestion or recipe.target
    stats, duplicates = TableStats(names, column_types, target), DuplicateCounter()
    profile = Profile(
        inspection.uri, inspection.etag, inspection.format, 0, size, complete, [], inspection.target_suggestion
    )
    sample, quota, done = [], min(SAMPLE_ROWS, max(100, SAMPLE_CELLS // max(1, len(names)))), 0
    block_starts: list[tuple[int, int]] = []  # (index without ragged rows, row of the table) of each block
    rows: dict[str, int] = {}
    encodings: dict[str, str] = {}
    last: Block | None = None
    profile.plain = inspection.format in ("csv", "tsv")
    for block in stream:
        rows[block.file] = rows.get(block.file, 0) + block.rows
        encodings[block.file] = block.encoding or inspection.encoding
        profile.rows = block.start + block.rows
        stats.update(block)
        _add_faults(profile, block)
        profile.plain = profile.plain and not block.raw.translate(None, _DIGITS)
        last = block if len(block.frame) else last
        if inspection.format != "libsvm":  # of which only the label is read here
            duplicates.add(block.frame.hash_rows().to_numpy(), stats.rows - len(block.frame))
        block_starts.append((stats.rows - len(block.frame), block.start))
        share = max(1, min(len(block.frame), round(quota * (block.done - done) / max(1, size))))
        done = block.done
        if len(block.frame):
            if complete and len(block.frame) > share:
                sample.append(_shortened(block.frame.gather_every(max(1, len(block.frame) // share))))
            else:
                sample.append(_shortened(block.frame))
    profile.columns = stats.profiles()
    for column in profile.columns:
        column.numbers_as = column_types.numbers.get(column.name, "")
    _add_totals(profile, last)
    if choose_target:
        profile.target = choose_target(profile)
    if label := profile.column(profile.target):
        set_labels(label, recipe)
    profile.duplicates, first = duplicates.finish()
    if first is not None:
        profile.repeated_example = Cell(_row_of(first, block_starts), "")
    sample_frame = pl.concat(sample) if sample else pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    _add_sample_statistics(profile, sample_frame, column_types)
    if profile.target:
        profile.leaks = leaks.find_leaks(sample_frame, profile.columns, profile.target)
        numbers = sum_leaks.read_numbers_of(sample_frame, profile.columns, profile.target)
        profile.target_parts = sum_leaks.find_sum(numbers)
        profile.target_factors = product_leaks.find_product(numbers)
    profile.files = [
        {"uri": uri, "etag": "", "size": 0, "rows": count, "encoding": encodings[uri]} for uri, count in rows.items()
    ]
    return profile, duplicates


def _shortened(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with texts of at most LONG_TEXT characters in the columns that are large for their rows."""
    long = [column for column in frame.get_columns() if column.estimated_size() > LONG_TEXT * len(frame)]
    # Copied by way of Python: a slice of Polars' texts would hold the whole text.
    return frame.with_columns(
        pl.Series(column.name, [cell and cell[:LONG_TEXT] for cell in column], pl.String) for column in long
    )


def _add_faults(profile: Profile, block: Block) -> None:
    profile.blank_lines += block.blank
    profile.undecodable += block.undecodable
    if block.undecodable and profile.undecodable_cell is None:
        _add_undecodable(profile, block)
    profile.ragged_count += len(block.ragged)
    width = len(block.frame.columns)
    for position, count, text in block.ragged:
        if len(profile.ragged) < EXAMPLES:
            row, line = block.position_at(position)
            what = (
                _("%(count)s cells instead of %(width)s: %(text)s", count=count, width=width, text=text[:80])
                if count
                else _("no JSON object: %(text)s", text=text[:80])
            )
            profile.ragged.append(Cell(row, what, block.file, line))
    for position, text in block.headers:
        if len(profile.headers_within) < EXAMPLES:
            row, line = block.position_at(position)
            profile.headers_within.append(Cell(row, text, block.file, line))


def _add_undecodable(profile: Profile, block: Block) -> None:
    """Note the first cell of `block` with a character that does not decode; it may be in a row left out."""
    for column in block.frame.get_columns():
        faulty = column.str.contains(UNDECODABLE, literal=True).fill_null(False).arg_true()
        if not len(faulty):
            continue
        row, line = block.position_of(int(faulty[0]))
        if profile.undecodable_cell is None or row < profile.undecodable_cell.row:
            profile.undecodable_cell = Cell(row, (column[int(faulty[0])] or "")[:80], block.file, line)
            profile.undecodable_column = column.name


def _add_totals(profile: Profile, last: Block | None) -> None:
    """Note rows that add up others: in the last rows, and those in first columns of few values, as texts say."""
    if last is not None and profile.format != "libsvm":
        for index, word in total_rows(last.frame, TAIL_ROWS):
            row, line = last.position_of(index)
            profile.totals.append(Cell(row, word, last.file, line))
        _add_summary(profile, last)
    at_end = {cell.value for cell in profile.totals}
    for column in profile.columns[:LABEL_COLUMNS]:
        if column.kind in ("category", "text") and column.name != profile.target:
            words = [value for value in column.values or () if value not in at_end and is_total(value)]
            profile.totals += [Cell(0, word) for word in words[:EXAMPLES]]


def _add_summary(profile: Profile, last: Block) -> None:
    """Note the last row if it says to be the mean of the others, in a word that no other row has."""
    index = len(last.frame) - 1
    for column in profile.columns[:LABEL_COLUMNS]:
        cell = last.frame[column.name][index] if column.name in last.frame.columns else None
        if cell and is_summary(cell) and (column.values or {}).get(cell.strip(), 1) == 1:
            row, line = last.position_of(index)
            profile.totals.append(Cell(row, cell, last.file, line))
            return


def _row_of(index: int, block_starts: list[tuple[int, int]]) -> int:
    """The table's row number of a row counted without ragged rows; exact unless its own block has ragged rows."""
    at = max((s for s in block_starts if s[0] <= index), key=lambda s: s[0])
    return at[1] + index - at[0] + 1


def _add_sample_statistics(profile: Profile, sample: pl.DataFrame, column_types: ColumnTypes) -> None:
    for column in profile.columns:
        # A kind that a person set stays, and numbers with zeros in front are a person's to say what they are.
        is_open = column.name not in column_types.types and not column.zero_padded
        if is_open and column.kind in ("text", "category") and column.tells_rows_apart:
            column.identifies = identifier_form(sample[column.name])
    numbers = [column for column in profile.columns if column.numbers and column.kind == "number"]
    read = read_numbers(sample.select(column.name for column in numbers), column_types) if numbers else pl.DataFrame()
    for column in profile.columns:
        if column.kind != "number":
            top = sorted((column.values or {}).items(), key=lambda pair: (-pair[1], pair[0]))[:BINS]
            column.hist = [count for _, count in top]
    for column in profile.columns:
        if column.kind == "datetime" and column.dates:
            cell = parse_polars.parse_timestamp(parse_polars.strip_missing(pl.col(column.name)), column.dates)
            moments = sample.select(cell).to_series().drop_nulls()
            if len(moments):
                column.min, column.max = float(moments.min()), float(moments.max())  # type: ignore[arg-type]
                column.mean, column.std = float(moments.mean()), float(moments.std(ddof=0) or 0.0)  # type: ignore[arg-type]
    for column, counted in zip(numbers, histograms(read, numbers), strict=True):
        scale = column.numbers / max(1, counted.sum())
        column.hist = [round(int(count) * scale) for count in counted]
