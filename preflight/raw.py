"""What is in the bytes that a container would be given as they are: the facts that the raw checks are about.

Nothing is mended and nothing is guessed in the person's favour: cells are cut at the delimiter the container would find
in the first line, quotes mean nothing, the first column is the label.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tables.profile import Cell

MOST_VALUES = 1000  # different labels remembered
CSV, LIBSVM, PARQUET, RECORDIO = "csv", "libsvm", "parquet", "recordio-protobuf"


@dataclass
class Fault:
    """A kind of cell or line that is not what it should be: how many, where the first is, in which columns (from 1)."""

    count: int = 0
    first: Cell | None = None
    columns: set[int] = field(default_factory=set)
    last_column: bool = False  # the first of its kind stood in the last column

    def add(self, cell: Cell, column: int = 0) -> None:
        self.count += 1
        self.first = self.first or cell
        if column:
            self.columns.add(column)


@dataclass
class Labels:
    """The first column: its numbers, and whether it only counts the rows. `values` is None after too many."""

    min: float | None = None
    max: float | None = None
    whole: bool = True
    values: dict[float, int] | None = field(default_factory=dict)
    missing: int = 0
    first_missing: Cell | None = None
    start: float | None = None  # of the first row
    counts_rows: bool = True
    seen: int = 0

    @property
    def distinct(self) -> int | None:
        return None if self.values is None else len(self.values)

    @property
    def is_index(self) -> bool:
        """Does the column count the rows, from 0 or 1?"""
        return self.counts_rows and self.seen >= 10 and self.start in (0.0, 1.0)


@dataclass
class RawFile:
    """One object as it would lie in the channel's folder; `depth` 1 is the folder itself."""

    uri: str
    size: int
    depth: int
    first_line: str = ""

    @property
    def name(self) -> str:
        return self.uri.rsplit("/", 1)[-1]

    @property
    def is_data(self) -> bool:
        """Would the container load it? Neither hidden, nor empty, nor too deep."""
        return bool(self.name) and not self.name.startswith((".", "_")) and self.size > 0 and self.depth <= 3


@dataclass
class RawTable:
    """One channel. `packed` is gzip or ''; `magic` names a format that is no text (zip, parquet, pdf, utf-16, ...)."""

    channel: str
    uri: str
    kind: str  # csv | libsvm | parquet | recordio-protobuf: what the container takes it for
    files: list[RawFile] = field(default_factory=list)
    rows: int = 0
    read: int = 0  # bytes
    complete: bool = True
    delimiter: str = ""  # "" when none is found
    width: int = 0  # cells of the first line
    magic: str = ""
    packed: str = ""
    bom: bool = False
    encoding: str = "utf-8"
    cr_only: bool = False
    looks: str = ""  # csv or libsvm, by its first lines
    header: list[str] = field(default_factory=list)  # the first file's first line, when it is names
    faults: dict[str, Fault] = field(default_factory=dict)
    label: Labels = field(default_factory=Labels)
    text_columns: list[str] = field(default_factory=list)  # Parquet columns that are no numbers

    @property
    def first(self) -> RawFile | None:
        return next((file for file in self.files if file.is_data), None)

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    def fault(self, kind: str) -> Fault | None:
        return self.faults.get(kind)

    def add(self, kind: str, cell: Cell, column: int = 0) -> None:
        self.faults.setdefault(kind, Fault()).add(cell, column)
