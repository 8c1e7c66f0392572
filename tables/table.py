"""What inspecting a table finds."""

from dataclasses import dataclass, field


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


@dataclass
class Inspection:
    """A table, as far as it was read. `complete` tells whether that was all of it."""

    uri: str
    etag: str
    format: str  # csv | tsv | parquet | libsvm
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
    compression: str = ""  # gzip or ''

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)
