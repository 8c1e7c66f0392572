"""What inspecting a table finds."""

from __future__ import annotations

from dataclasses import dataclass, field

from tables.profile import Profile


@dataclass
class Column:
    """One column as the rows read show it.

    `type` is what a person sees: int, float, category, text, datetime or binary (two values). `kind` is how it is
    written: number, boolean, datetime or text. `hist` is at most ten counts, of equal bins for numbers, of the most
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
    problem: str = ""  # why it cannot be learned from, in words
    numbers: str = ""  # how its numbers are read, one of recipe.NUMBERS; "" for plain digits
    leave_out: str = ""  # why it had better be left out, in words; "" when there is no reason


@dataclass
class Inspection:
    """A table, as far as it was read. `complete` tells whether that was all of it."""

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
    task: str  # binary | multiclass | regression | '' when the target cannot be told
    objects: int
    task_reason: str = ""
    encoding: str = "utf-8"
    compression: str = ""  # gzip, bz2, zstd or ''
    rows_total: int = 0  # rows of all objects: exact for Parquet and for what was read whole, else an estimate
    target_reason: str = ""
    whole_prefix: bool = True  # SageMaker, given `uri` as a prefix, would read exactly these objects
    profile: Profile | None = None  # of the rows seen, as a scan would have it; faults of the beginning are in it

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)
