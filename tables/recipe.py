"""A person's decisions about a table: reading, columns, faults and holdout."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from tables.date_spellings import DATE_FORMS as DATE_FORMS
from tables.number_spellings import STYLES

KINDS = ("number", "category", "text", "datetime", "boolean")  # what a column may be retyped to
NUMBERS = tuple(STYLES)  # how cells of a number column may be written


@dataclass
class Recipe:
    """All decisions about a table; the defaults mean "as inferred". `as_json` is plain JSON."""

    # How it is read
    has_header: bool | None = None
    delimiter: str = ""
    quoting: str = ""  # one of dialect.QUOTING
    align_names: str = ""  # of names that are fewer or more than the cells: left | right, where they begin or end
    encoding: str = ""
    types: dict[str, str] = field(default_factory=dict)  # column -> one of KINDS
    numbers: dict[str, str] = field(default_factory=dict)  # column -> one of NUMBERS
    dates: dict[str, str] = field(default_factory=dict)  # column -> one of DATE_FORMS

    # Target and features
    target: str = ""  # a column's name, "#1" by position without a header; "" for the suggested one
    excluded: list[str] = field(default_factory=list)
    included: list[str] = field(default_factory=list)  # taken back of those that are left out by themselves
    weight: str = ""  # the column that says how much each row counts; it is no feature
    class_weights: str = ""  # "balanced": each class counts the same, however few rows it has
    # column -> up | down: how a prediction may change with it
    monotone: dict[str, str] = field(default_factory=dict)

    # Faults; "refuse" makes one an error that names the row
    ragged: str = "refuse"  # rows of another width: refuse | drop
    bad_cells: dict[str, str] = field(default_factory=dict)  # column -> missing | drop, for cells that are no number
    label_words: str = ""  # words of the target such as None: keep them as labels | drop; "" by how common they are
    label_case: str = ""  # merge: labels that differ in capitals and blanks only are one
    unlabelled: str = "drop"  # rows without a label: drop | refuse
    duplicates: str = "keep"  # keep | drop

    # At an endpoint
    unseen: str = "other"  # categories that the training data did not have: other | refuse

    # Holdout: validation rows stop training early and choose the model, test rows only measure it
    validation: str = "share"  # none | share | location | time | group
    validation_share: float = 0.2
    validation_uri: str = ""  # for location
    time_column: str = ""  # for time: the latest rows are held out
    group_column: str = ""  # for group: rows with one value in it are in one part
    test_share: float = 0.0  # held out besides, in the same way; at random for none and location
    seed: int = 0
    refit: bool = False  # the final model learns from the validation rows too, after they have chosen it
    folds: bool = False  # and few rows are dealt into folds, which choose its rounds instead

    prepare: bool = True  # False: the objects go to the algorithm exactly as they are

    def as_json(self) -> dict[str, Any]:
        """Only what differs from the defaults."""
        defaults = asdict(Recipe())
        return {name: value for name, value in asdict(self).items() if value != defaults[name]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Recipe":
        """The recipe that `as_json` was called on; unknown names are ignored."""
        known = {f.name for f in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})


# Of a form that nobody filled in; a stored recipe that names no test rows has none.
FRESH = Recipe(test_share=0.1, refit=True)
