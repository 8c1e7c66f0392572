"""The result of inspecting a table."""

from __future__ import annotations

from dataclasses import dataclass, field

from tables.dialect import PLAIN, Dialect
from tables.encodings import Guess
from tables.profile import Profile


@dataclass
class Column:
    """One column of the rows that were read.

    `type` is int, float, category, text, datetime or binary (two values), for display. `kind` is how cells are
    written: number, boolean, datetime or text. `hist` has at most ten counts: of equal bins for numbers, of the most
    frequent values otherwise.
    """

    name: str
    type: str
    role: str = "feature"  # feature | target | excluded
    kind: str = "text"
    missing: int = 0
    unique: int = 0
    min: float | None = None
    max: float | None = None
    top: list[str] = field(default_factory=list)  # the most frequent values, most frequent first, at most ten
    hist: list[int] = field(default_factory=list)
    problem: str = ""  # why it cannot be used, as a sentence
    numbers: str = ""  # how its numbers are read, one of recipe.NUMBERS; "" for plain digits
    leave_out: str = ""  # why it should be left out, as a sentence; "" without a reason


@dataclass
class Inspection:
    """A table as far as it was read; `complete` is True if that was all of it."""

    uri: str
    etag: str
    format: str  # csv | tsv | parquet | jsonlines | libsvm
    delimiter: str
    has_header: bool
    columns: list[Column]
    rows: list[list[str]]  # the first five
    size: int  # bytes, of all objects
    rows_seen: int
    complete: bool
    target_suggestion: str
    task: str  # binary | multiclass | regression | '' when it cannot be inferred
    objects: int
    task_reason: str = ""
    encoding: str = "utf-8"
    compression: str = ""  # gzip, bz2, zstd or ''
    is_encoding_given: bool = False  # a person chose it, for all objects
    guesses: tuple[Guess, ...] = ()  # the likeliest encodings first, where neither a mark nor a person says which
    dialect: Dialect = PLAIN  # how a CSV file is written; LINES for other formats of text
    names_written: int = 0  # column names in the file, 0 where each column has one or none has
    offered: tuple[Dialect, ...] = ()  # other ways to cut the rows, with which the names would fit
    rows_total: int = 0  # rows of all objects: exact for Parquet and for what was read whole, else an estimate
    target_reason: str = ""
    is_target_sure: bool = True  # False: a person has to say whether the suggestion is meant
    target_others: tuple[str, ...] = ()  # columns that may be meant instead
    skipped: tuple[str, ...] = ()  # keys below the prefix that are no tables
    partitions: tuple[str, ...] = ()  # the last columns, whose values are folders name=value of the objects
    index_columns: tuple[str, ...] = ()  # of a pandas table, by what its file says
    left_out: dict[str, str] = field(default_factory=dict)  # {column: why}: no features unless a person says so
    whole_prefix: bool = True  # SageMaker, given `uri` as a prefix, would read exactly these objects
    profile: Profile | None = None  # of the rows that were read

    def column(self, name: str) -> Column | None:
        """The column called `name`, or None."""
        return next((column for column in self.columns if column.name == name), None)
