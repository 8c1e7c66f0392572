"""The contents of a channel that a container reads as it is: the facts that the raw checks judge.

The facts follow the container, not the person's intention: cells end at the delimiter that the container finds in the
first line, quotes have no meaning, and the first column is the label (docs/containers.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from preflight.raw_weights import WeightStats
from tables.profile import Cell

MAX_DISTINCT_LABELS = 1000  # further labels are not counted one by one
MAX_DEPTH = 3  # folders below the channel's own that AWS's containers read
MIN_INDEX_ROWS = 10  # fewer consecutive numbers may be chance
CSV, LIBSVM, PARQUET, RECORDIO = "csv", "libsvm", "parquet", "recordio-protobuf"


@dataclass
class Fault:
    """One kind of bad cell or line: how often it occurs, where first, and in which columns (from 1)."""

    count: int = 0
    first: Cell | None = None
    columns: set[int] = field(default_factory=set)

    def add(self, cell: Cell, column: int = 0) -> None:
        """Count one more, in `column` (from 1; 0 for a fault of the whole line)."""
        self.count += 1
        self.first = self.first or cell
        if column:
            self.columns.add(column)


@dataclass
class LabelStats:
    """Statistics of the first column. `values` is {label: rows}, or None after MAX_DISTINCT_LABELS."""

    min: float | None = None
    max: float | None = None
    whole: bool = True
    values: dict[float, int] | None = field(default_factory=dict)
    missing: int = 0
    first_missing: Cell | None = None
    first_value: float | None = None
    is_consecutive: bool = True  # each row's label is that of the row before plus 1
    rows: int = 0

    @property
    def distinct(self) -> int | None:
        """The number of different labels; None when there are too many to count."""
        return None if self.values is None else len(self.values)

    @property
    def is_index(self) -> bool:
        """True if the column counts the rows, from 0 or 1."""
        return self.is_consecutive and self.rows >= MIN_INDEX_ROWS and self.first_value in (0.0, 1.0)


@dataclass
class RawFile:
    """One object of a channel. `size` is in bytes; `depth` 1 is the channel's own folder."""

    uri: str
    size: int
    depth: int
    first_line: str = ""

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.uri.rsplit("/", 1)[-1]

    @property
    def is_data(self) -> bool:
        """True if the container loads the file: it is neither hidden, nor empty, nor too deep."""
        hidden = self.name.startswith((".", "_"))
        return bool(self.name) and not hidden and self.size > 0 and self.depth <= MAX_DEPTH


@dataclass
class RawTable:
    """The contents of one channel, with the faults that were found in them."""

    channel: str
    uri: str
    kind: str  # csv | libsvm | parquet | recordio-protobuf: what the container takes it for
    files: list[RawFile] = field(default_factory=list)
    rows: int = 0
    bytes_read: int = 0
    complete: bool = True
    delimiter: str = ""  # "" when there is none
    width: int = 0  # cells of the first line
    signature: str = ""  # a format that is no text, by its first bytes: zip, parquet, pdf, utf-16, ...
    compression: str = ""  # gzip or ""
    has_bom: bool = False
    encoding: str = "utf-8"
    cr_only: bool = False  # lines end with a carriage return alone
    apparent_kind: str = ""  # csv or libsvm, by the first lines
    header: list[str] = field(default_factory=list)  # cells of the first file's first line, when they are names
    faults: dict[str, Fault] = field(default_factory=dict)
    label: LabelStats = field(default_factory=LabelStats)
    second: WeightStats = field(default_factory=WeightStats)  # of the second column of CSV
    text_columns: list[str] = field(default_factory=list)  # Parquet columns that hold no numbers

    @property
    def first(self) -> RawFile | None:
        """The first file that the container loads."""
        return next((file for file in self.files if file.is_data), None)

    @property
    def first_uri(self) -> str:
        """The address of the first file that the container loads; "" when there is none."""
        return self.first.uri if self.first else ""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def fault(self, kind: str) -> Fault | None:
        """Return the faults of `kind`; None when there are none."""
        return self.faults.get(kind)

    def add(self, kind: str, cell: Cell, column: int = 0) -> None:
        """Count one more fault of `kind`, in `column` (from 1; 0 for a fault of the whole line)."""
        self.faults.setdefault(kind, Fault()).add(cell, column)
