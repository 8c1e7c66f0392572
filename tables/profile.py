"""The statistics of a table and its columns, as JSON too."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

EXAMPLES = 5  # example cells of each fault
MIN_ROWS_FOR_UNIQUE = 20  # rows; below, different texts in every row say little


@dataclass
class Cell:
    """The place and value of one cell.

    `row` counts data rows of the whole table from 1, `line` lines of its file from 1. `row` is 0 in a sample from the
    middle of a large object, where rows are not counted.
    """

    row: int
    value: str
    file: str = ""
    line: int | None = None


@dataclass
class ColumnProfile:
    """One column over all rows read. `kind` is number, boolean, datetime, category or text.

    `odd` are examples of cells of another kind than the column's, by fault: currency ($3), percent (45%),
    thousands ("1,234"), comma (3,14), alphanumeric (12ab), date, infinite, text. `values` counts each distinct value,
    None above `value_counts.MAX_VALUES`, and of numbers that are not predicted above `column_stats.MAX_NUMBERS`.
    `distinct` is exact up to MAX_VALUES, an estimate above. Of dates, min, max, mean and std are seconds since 1970,
    from up to 20,000 rows.
    """

    name: str
    kind: str
    rows: int = 0
    missing: int = 0
    numbers: int = 0
    distinct: int = 0
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    std: float | None = None
    whole: bool = False  # all numbers are whole
    untidy: int = 0  # cells not written as they would be sent
    odd: dict[str, list[Cell]] = field(default_factory=dict)
    odd_count: dict[str, int] = field(default_factory=dict)
    first_missing: Cell | None = None
    values: dict[str, int] | None = field(default_factory=dict)
    hist: list[int] = field(default_factory=list)
    longest: int = 0  # characters
    words: float = 0.0  # of a text cell, on average
    identifies: str = ""  # of a text that is another in nearly every row, one of `identifiers.identifier_form`
    dates: str = ""  # of a datetime column, one of DATE_FORMS: the order of day, month and year where it is open
    ambiguous: int = 0  # dates that are other days in another order, where no date shows which it is
    first_ambiguous: Cell | None = None
    timed: bool = False  # of a datetime column: some have a time of day
    style: str = ""  # one of recipe.NUMBERS that would read its odd numbers
    units: dict[str, int] = field(default_factory=dict)  # what stands behind its numbers
    dotted: int = 0  # numbers such as 12.345 that may be 12345, as whole numbers up to 999 only are beside them
    first_dotted: Cell | None = None
    zero_padded: int = 0  # whole numbers with a zero in front, such as 02139
    first_zero_padded: Cell | None = None
    numbers_as: str = ""  # how its numbers are read, one of recipe.NUMBERS
    markers: dict[str, int] = field(default_factory=dict)  # cells that mean "no value" here; `missing` counts them too
    first_marker: Cell | None = None
    spellings: dict[str, int] = field(default_factory=dict)  # the odd cells, where they are few different ones
    missing_words: dict[str, int] = field(default_factory=dict)  # cells such as NA that mean "no value" anywhere
    labels: dict[str, str] = field(
        default_factory=dict
    )  # of a target: {cell: label} where they differ or mean no value

    @property
    def present(self) -> int:
        """Number of cells with a value."""
        return self.rows - self.missing

    @property
    def tells_rows_apart(self) -> bool:
        """True if nearly every row has another value, in rows enough for that to say something."""
        few = self.present < MIN_ROWS_FOR_UNIQUE or self.present <= 0.5 * self.rows
        return not few and self.distinct >= 0.99 * self.present


@dataclass
class Profile:
    """A whole table. `complete` is False when only a part was read; `rows` counts data rows, without header lines."""

    uri: str
    etag: str
    format: str
    rows: int
    size: int  # bytes read
    complete: bool
    columns: list[ColumnProfile]
    target: str = ""
    ragged: list[Cell] = field(default_factory=list)  # value: "4 cells instead of 5: <start of the line>"
    ragged_count: int = 0
    blank_lines: int = 0
    totals: list[Cell] = field(default_factory=list)  # rows that add up others, at the end of a file; row 0: elsewhere
    headers_within: list[Cell] = field(default_factory=list)  # rows that repeat the column names
    duplicates: int = 0  # rows equal to an earlier one; an estimate above a few million rows
    repeated_example: Cell | None = None
    leaks: dict[str, float] = field(default_factory=dict)  # feature -> how well it alone predicts the target, 0 to 1
    target_parts: dict[str, int] = field(default_factory=dict)  # {column: 1 or -1} of numbers that add up to the target
    target_factors: dict[str, int] = field(default_factory=dict)  # {column: 1 or -1} of two whose product is the target
    shared_with_validation: int = 0  # rows that are in the second location too
    seconds: float = 0.0
    plain: bool = False  # nothing but digits, signs and commas: no blank, quote or word anywhere
    undecodable: int = 0  # characters that do not decode
    undecodable_cell: Cell | None = None  # the first cell with one, in `undecodable_column`
    undecodable_column: str = ""
    files: list[dict[str, Any]] = field(default_factory=list)  # {"uri", "etag", "size", "rows", "encoding"}

    def column(self, name: str) -> ColumnProfile | None:
        """The column called `name`, or None."""
        return next((column for column in self.columns if column.name == name), None)

    def as_json(self) -> dict[str, Any]:
        """All fields as plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Profile:
        """The profile that `as_json` was called on."""
        profile = cls(**data)
        profile.columns = [_column(c) if isinstance(c, dict) else c for c in profile.columns]
        profile.ragged = [Cell(**c) for c in data["ragged"]]
        profile.headers_within = [Cell(**c) for c in data["headers_within"]]
        profile.totals = [Cell(**c) for c in data.get("totals", ())]
        profile.repeated_example = Cell(**data["repeated_example"]) if data["repeated_example"] else None
        profile.undecodable_cell = Cell(**c) if (c := data.get("undecodable_cell")) else None
        return profile


def _column(data: dict[str, Any]) -> ColumnProfile:
    column = ColumnProfile(**data)
    column.odd = {fault: [Cell(**c) for c in cells] for fault, cells in data["odd"].items()}
    for name in ("first_missing", "first_marker", "first_ambiguous", "first_dotted", "first_zero_padded"):
        setattr(column, name, Cell(**data[name]) if data.get(name) else None)
    return column
