"""The preview of a table on the Create model page: column heads, first rows, and the settings of each column."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from algorithms.contract import DataContract
from models_app.create.recipe_form import DELIMITERS, MONOTONES, SIGNS, TYPES, WRITTEN
from models_app.create.split_suggestion import SplitSuggestion, suggest_split
from preflight import Report
from tables import Column, Inspection, Recipe
from tables.encodings import TITLES
from tables.split import held_out_shares

CHOSEN = gettext_noop("It was chosen.")  # what an inspection says of a target that it was told
MAX_COLUMNS = 40  # more heads than this nobody reads and the page need not carry


@dataclass(frozen=True)
class Head:
    """A column of the preview; `fact` is the one thing worth knowing, `warns` when it is a worry.

    `position` counts from 1 in the file; `type` and `number` are what a person chose, "" for as found.
    """

    column: Column
    position: int
    is_target: bool
    is_out: bool
    fact: str
    warns: bool
    type: str = ""
    number: str = ""
    is_automatic: bool = False  # left out unless a person says otherwise
    is_weight: bool = False
    monotone: str = ""
    is_ordered: bool = False  # a feature that a prediction may rise or fall with


@dataclass(frozen=True)
class Preview:
    """An inspection as the page shows it, with `target` as the column to predict, "" when nothing is predicted."""

    table: Inspection
    target: str
    heads: list[Head]
    rows: list[list[tuple[str, Head, bool]]]  # the cell, its column, and whether it is none of what that holds
    edited: list[Head]  # the columns whose settings are shown
    matching: int  # columns that the filter lets through
    contract: DataContract = field(default_factory=DataContract)
    recipe: Recipe = field(default_factory=Recipe)
    report: Report = field(default_factory=Report)
    target_is_known: bool = True
    types = list(TYPES.items())
    written = list(WRITTEN.items())
    monotones = list(MONOTONES.items())

    @property
    def why_target(self) -> str:
        """Why this target is suggested; "" for one that a person chose."""
        return (
            ""
            if self.target != self.table.target_suggestion or self.table.target_reason == _(CHOSEN)
            else self.table.target_reason
        )

    @property
    def delimiter_word(self) -> str:
        """The delimiter in words."""
        words = {SIGNS.get(sign, sign): word for sign, word in DELIMITERS if sign}
        return str(words.get(self.table.delimiter, self.table.delimiter))

    @property
    def encoding_word(self) -> str:
        """The name of the encoding."""
        return TITLES.get(self.table.encoding, self.table.encoding.upper())

    @property
    def left_out(self) -> int:
        """How many columns the preview has no room for."""
        return len(self.table.columns) - len(self.heads)

    @property
    def not_edited(self) -> int:
        """How many columns that match the search cannot be edited here."""
        return self.matching - len(self.edited)

    @property
    def is_wide(self) -> bool:
        """There are so many columns that one has to be looked for."""
        return len(self.table.columns) > MAX_COLUMNS

    @property
    def rows_total(self) -> int:
        """Rows of the table, counted or estimated."""
        return self.report.rows if self.report.complete else self.table.rows_total

    @property
    def split(self) -> str:
        """How many rows are in each part, in words; "" when that is not known."""
        shares = held_out_shares(self.recipe, self.contract)
        if not any(shares) or not self.rows_total:
            return ""
        validation, test = round(self.rows_total * shares.validation), round(self.rows_total * shares.test)
        words = {
            "train": f"{self.rows_total - validation - test:,}", "held": f"{validation:,}", "test": f"{test:,}",
        }  # fmt: skip
        exact = self.report.complete and self.recipe.validation != "group"
        if not shares.test:
            sentence = _("About %(train)s rows train the model and %(held)s rows measure it.")
            return (_("%(train)s rows train the model and %(held)s rows measure it.") if exact else sentence) % words
        if not shares.validation:
            sentence = _("About %(train)s rows train the model and %(test)s rows test it.")
            return (_("%(train)s rows train the model and %(test)s rows test it.") if exact else sentence) % words
        sentence = _("About %(train)s rows train the model, %(held)s rows validate it and %(test)s rows test it.")
        if exact:
            sentence = _("%(train)s rows train the model, %(held)s rows validate it and %(test)s rows test it.")
        return sentence % words

    @property
    def split_suggestion(self) -> SplitSuggestion | None:
        """Another way to hold rows out that the table speaks for; None without one."""
        return suggest_split(self.table, self.recipe, self.target)

    @property
    def groups(self) -> list[Column]:
        """The columns whose values can group the rows: those of which some values repeat, the most different first."""
        rows = self.table.rows_seen
        usable = [c for c in self.table.columns if c.name != self.target and 1 < c.unique < rows]
        return sorted(usable, key=lambda column: -column.unique)

    @property
    def dates(self) -> list[Column]:
        """The columns that can say which rows are the latest: dates first, then numbers."""
        usable = [c for c in self.table.columns if c.type in ("datetime", "int", "float") and c.name != self.target]
        return sorted(usable, key=lambda column: column.type != "datetime")

    @property
    def blocks(self) -> bool:
        """Something in the data keeps it from being learned from."""
        return self.report.blocks

    @property
    def warnings(self) -> int:
        """How many findings warn."""
        return self.report.counts()["warn"]


def preview(table: Inspection, recipe: Recipe, report: Report, find: str, contract: DataContract) -> Preview:
    """`recipe.target` as asked for; when there is no such column, the suggested one. `find` filters what is edited.

    `contract` is that of the algorithm.
    """
    is_known = not recipe.target or table.column(recipe.target) is not None
    column = table.column(recipe.target) or table.column(table.target_suggestion)
    is_meant = recipe.target or table.is_target_sure
    target = column.name if column and contract.label and is_meant else ""
    heads = [_head(column, i, target, table, recipe) for i, column in enumerate(table.columns, 1)]
    # The target leads, as the design has it, so that it is in sight in a wide table too.
    visible = sorted(heads, key=lambda head: not head.is_target)[:MAX_COLUMNS]
    bad = _bad_cells(table, recipe)
    rows = [
        [(row[h.position - 1] if h.position <= len(row) else "", h, (h.column.name, i) in bad) for h in visible]
        for i, row in enumerate(table.rows, 1)
    ]
    matches = [h for h in heads if find.strip().lower() in h.column.name.lower()]
    return Preview(
        table, target, visible, rows, matches[:MAX_COLUMNS], len(matches), contract, recipe, report, is_known
    )


def _head(column: Column, position: int, target: str, table: Inspection, recipe: Recipe) -> Head:
    is_target, is_automatic = column.name == target, column.name in table.left_out
    fact, warns = _fact(column, table.rows_seen)
    is_weight = column.name == recipe.weight and not is_target
    is_out = not is_target and not is_weight and column.role == "excluded"
    is_ordered = not (is_target or is_weight or is_out) and column.kind in ("number", "boolean")
    chosen = recipe.types.get(column.name, ""), recipe.numbers.get(column.name, "")
    return Head(
        column,
        position,
        is_target,
        is_out,
        fact,
        warns,
        *chosen,
        is_automatic=is_automatic,
        is_weight=is_weight,
        monotone=recipe.monotone.get(column.name, ""),
        is_ordered=is_ordered,
    )


def _bad_cells(table: Inspection, recipe: Recipe) -> set[tuple[str, int]]:
    """(column, row) of cells that are none of what their column holds, as far as nobody said how to read them."""
    columns = table.profile.columns if table.profile else []
    wrong = [c for c in columns if c.kind in ("number", "datetime") and c.name not in recipe.numbers]
    return {(c.name, cell.row) for c in wrong for cells in c.odd.values() for cell in cells}


def _fact(column: Column, rows: int) -> tuple[str, bool]:
    if column.missing:
        share = f"{column.missing / max(rows, 1):.1%}"
        return _("%(share)s missing") % {"share": share}, True
    if column.min is not None and column.max is not None and column.type != "binary":
        return f"{column.min:.4g}–{column.max:.4g}", False
    if column.leave_out:
        return column.leave_out, False
    if column.unique == rows > 1:
        return _("100% unique"), False
    return ngettext("%(n)d value", "%(n)d values", column.unique) % {"n": column.unique}, False
