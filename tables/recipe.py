"""What a person decided about a table: how to read it, what to leave out, what to mend, what to hold out."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

KINDS = ("number", "category", "text", "datetime", "boolean")  # what a column may be retyped to
NUMBERS = ("currency", "percent", "thousands", "comma", "unit")  # how cells of a number column may be written


@dataclass
class Recipe:
    """Everything a person may say of a table; the defaults mean "as found". Plain JSON by `as_json`."""

    # How it is read
    has_header: bool | None = None
    delimiter: str = ""
    encoding: str = ""
    types: dict[str, str] = field(default_factory=dict)  # column -> one of KINDS
    numbers: dict[str, str] = field(default_factory=dict)  # column -> one of NUMBERS

    # What is learned
    target: str = ""  # a column's name, "#1" by position without a header; "" for the suggested one
    excluded: list[str] = field(default_factory=list)

    # What is mended; "refuse" makes the fault an error that names the row
    ragged: str = "refuse"  # rows of another width: refuse | drop
    bad_cells: dict[str, str] = field(default_factory=dict)  # column -> missing | drop, for cells that are no number
    unlabelled: str = "drop"  # rows without a label: drop | refuse
    duplicates: str = "keep"  # keep | drop

    # What is held out
    validation: str = "share"  # none | share | location | time
    validation_share: float = 0.2
    validation_uri: str = ""  # for location
    time_column: str = ""  # for time: the latest rows are held out
    seed: int = 0

    prepare: bool = True  # False: the objects go to the algorithm exactly as they are

    def as_json(self) -> dict[str, Any]:
        """Only what differs from the defaults."""
        plain, made = asdict(Recipe()), asdict(self)
        return {name: value for name, value in made.items() if value != plain[name]}

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "Recipe":
        """The recipe of `as_json`; names that are none of ours are left out."""
        known = {f.name for f in fields(cls)}
        return cls(**{name: value for name, value in given.items() if name in known})
