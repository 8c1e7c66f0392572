"""Counts the texts of one column: their values, and what keeps each from being a plain number."""

from __future__ import annotations

from collections import Counter

import polars as pl

from tables import parse_polars
from tables.blocks import Block
from tables.date_stats import DateStats
from tables.limits import LONG_TEXT
from tables.number_stats import NumberStats
from tables.parse_scalar import MARKER
from tables.profile import EXAMPLES, Cell
from tables.spellings import MAX_MARKERS, MAX_SPELLINGS
from tables.value_counts import MAX_VALUES

TEXT_SAMPLE = 50_000  # text cells of a column that are tested for booleans, dates and faults
# Words between blanks; pairs of characters where a script has no blanks.
_WORDS = r"[\x{3040}-\x{30ff}\x{3400}-\x{9fff}]{2}|[^\s\x{3040}-\x{30ff}\x{3400}-\x{9fff}]+"
WORDY = ("text", "unit", "alphanumeric")  # faults of words


class TextStats:
    """Statistics of the cells of one column that are no plain numbers and not missing.

    `is_boolean` is True where a person set the column to yes or no; `form` is the order of dates that a person set.
    """

    def __init__(self, is_boolean: bool, form: str):
        self.is_boolean = is_boolean
        self.dates, self.numbers = DateStats(form), NumberStats()
        self.values: Counter[str] | None = Counter()  # None for more than MAX_VALUES
        self.odd: dict[str, list[Cell]] = {}  # examples of each fault
        self.odd_count: Counter[str] = Counter()
        self.spellings: dict[str, Counter[str] | None] = {}  # of each fault, None for more than MAX_SPELLINGS
        self.booleans = self.count = self.longest = 0
        self.is_words = False  # a column of many different words, of which no cell is a fault
        self.words = self.worded = 0  # in how many cells they were counted

    def update(self, raw: pl.Series, texts: pl.DataFrame, block: Block) -> list[pl.Series]:
        """Add distinct cells: columns raw, c (stripped) and count. They are in the column `raw` of `block`.

        Returns those of which another cell would change counts only: no example is wanted of them any more.
        """
        count = pl.col("count")
        self.longest = max(self.longest, int(texts["c"].str.len_chars().to_numpy().max()))
        if self.longest > LONG_TEXT:
            self.values = None
        if self.values is not None:
            self.values.update(dict(texts.group_by("c").agg(count.sum()).iter_rows()))
            if len(self.values) > MAX_VALUES:
                self.values = None
        total = int(texts["count"].sum())
        self.count += total
        if self.is_words:
            self.odd_count["text"] += total
            return [texts["raw"]]
        c = pl.col("c")
        self.words += texts.select((c.str.count_matches(_WORDS).cast(pl.Int64) * count).sum()).item()
        self.worded += total
        is_date = texts.select(parse_polars.is_date(c) & ~parse_polars.is_marker(c)).to_series()
        dates, words = texts.filter(is_date).with_columns(fault=pl.lit("date")), texts.filter(~is_date)
        if len(dates):
            self.dates.update(dates, lambda wanted, limit: locate_cells(raw, wanted, block, limit))
        words = words.with_columns(fault=parse_polars.classify_fault(c))
        self.booleans += int(words.filter(parse_polars.is_boolean(c))["count"].sum())
        if self.is_boolean:
            is_read = parse_polars.parse_boolean(c).is_not_null()
            words = words.with_columns(fault=pl.when(is_read).then(pl.lit("boolean")).otherwise("fault"))
        self.numbers.update(words)
        settled = []
        for fault, group in pl.concat([dates, words]).group_by("fault", maintain_order=True):
            self._add_fault(str(fault[0]), group, raw, block)
            if len(self.odd[str(fault[0])]) == EXAMPLES:
                settled.append((self.dates.settled(group) if fault[0] == "date" else group)["raw"])
        return settled

    @property
    def may_be_words(self) -> bool:
        """True if the cells so far may show that the column holds many different words and nothing else."""
        many = any(self.spellings.get(fault, Counter()) is None for fault in WORDY)
        return many and not self.is_words and not self.booleans and not self.dates.count

    def test_words(self) -> None:
        """Set `is_words`. All cells of the blocks before must be counted."""
        words = sum(self.odd_count[fault] for fault in WORDY)
        self.is_words = self.count > TEXT_SAMPLE and self.may_be_words and words > self.count / 2

    def _add_fault(self, fault: str, cells: pl.DataFrame, raw: pl.Series, block: Block) -> None:
        self.odd_count[fault] += int(cells["count"].sum())
        spellings = self.spellings.setdefault(fault, Counter())
        if spellings is not None:
            spellings.update(dict(cells.group_by("c").agg(pl.col("count").sum()).iter_rows()))
            most = MAX_MARKERS if fault == MARKER else MAX_SPELLINGS
            self.spellings[fault] = spellings if len(spellings) <= most else None
        examples = self.odd.setdefault(fault, [])
        if len(examples) < EXAMPLES:
            examples += locate_cells(raw, cells["raw"], block, EXAMPLES - len(examples))

    @property
    def markers(self) -> dict[str, int] | None:
        """{text: cells} of the cells that mean "no value" in a column of numbers or dates; None for too many."""
        return self.spellings.get(MARKER, Counter())

    def odd_spellings(self, expected: tuple[str, ...]) -> dict[str, int] | None:
        """{text: cells} of the texts whose fault is none of `expected`; None when there are more than MAX_SPELLINGS."""
        texts: dict[str, int] = {}
        for fault, spellings in self.spellings.items():
            if fault not in expected:
                if spellings is None:
                    return None
                texts |= spellings
        return texts if len(texts) <= MAX_SPELLINGS else None


def locate_cells(raw: pl.Series, wanted: pl.Series, block: Block, limit: int) -> list[Cell]:
    """The first `limit` cells of the column `raw` of `block` that are one of `wanted`."""
    if wanted.null_count():
        matches = raw.is_null()
        if wanted.len() > 1:
            matches = matches | raw.is_in(wanted.drop_nulls().implode()).fill_null(False)
    else:
        matches = raw.is_in(wanted.implode()).fill_null(False)
    cells = []
    for index in matches.arg_true().head(limit):
        row, line = block.position_of(int(index))
        cells.append(Cell(row, (raw[int(index)] or "").strip()[:80], block.file, line))
    return cells
