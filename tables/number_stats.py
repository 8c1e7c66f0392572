"""Counts how the numbers of a column are written, and chooses the style that reads most of them."""

from __future__ import annotations

import re
from collections import Counter

import polars as pl

from tables import parse_scalar
from tables.blocks import Block
from tables.number_spellings import (
    COMMA_EVIDENCE,
    DEBIT,
    DOTS,
    DOTTED,
    MIN_DOTTED,
    MIN_SHORT,
    POINT_EVIDENCE,
    SHORT,
    STYLES,
    UNIT,
)  # fmt: skip
from tables.profile import Cell
from tables.spellings import MAX_SPELLINGS

SAMPLE = 50  # different cells of each fault that styles are tried on
TESTED = 2000  # cells of a block that are tested for points between thousands
FIRST = 20  # of them that mostly show that there are none
MAX_UNITS = 3  # of a column of numbers; more are words
PLURALS = ("s", "es", "e", "en", "n", "er", ".", "s.")  # behind a unit of WORDS letters or more
ORDINALS = ("st", "nd", "rd", "th")
WORDS = 2  # letters from which the letters behind a number are a unit and not a mark, as in seat 12A


class NumberStats:
    """Statistics of the cells of one column that are numbers in another format than plain digits."""

    def __init__(self) -> None:
        self.samples: dict[str, Counter[str]] = {}  # {fault: {text: cells}}
        self.units: Counter[str] | None = Counter()  # None for more than MAX_SPELLINGS
        self.commas = self.points = self.dots = 0
        self.dotted = self.short = 0  # cells such as 12.345 and 345, in a column of nothing else
        self.may_be_dotted = True
        self.first_dotted: Cell | None = None

    def update(self, texts: pl.DataFrame) -> None:
        """Add distinct cells: columns c (stripped), count and fault."""
        texts = texts.filter(pl.col("fault").is_in(list(STYLES)))
        if not len(texts):
            return
        c, count = pl.col("c"), pl.col("count")
        comma, point = c.str.contains(COMMA_EVIDENCE), c.str.contains(POINT_EVIDENCE)
        sums = texts.select(
            commas=count.filter(comma).sum(),
            points=count.filter(point & ~comma).sum(),
            dots=count.filter(c.str.contains(DOTS)).sum(),
        )
        commas, points, dots = sums.row(0)
        self.commas, self.points, self.dots = self.commas + commas, self.points + points, self.dots + dots
        for (fault,), group in texts.group_by("fault", maintain_order=True):
            sample = self.samples.setdefault(str(fault), Counter())
            if len(sample) < SAMPLE:
                others = group.filter(~c.is_in(list(sample))).group_by("c", maintain_order=True).agg(count.sum())
                sample.update(dict(others.head(SAMPLE - len(sample)).iter_rows()))
        unit = c.str.extract(UNIT).str.strip_chars().str.to_lowercase().alias("unit")
        units = texts.filter(fault="unit").select(unit, count).group_by("unit").agg(count.sum())
        if self.units is not None and len(units):
            for name, cells in units.drop_nulls().sort("unit").head(MAX_SPELLINGS + 1).iter_rows():
                self.units[next((known for known in self.units if _is_same(known, name)), name)] += cells
            self.units = self.units if len(self.units) <= MAX_SPELLINGS else None

    def test_dotted(self, raw: pl.Series, block: Block) -> None:
        """Look whether points are between thousands in the first cells of a block."""
        if not self.may_be_dotted or not all(map(_may_be_dotted, raw.head(FIRST).to_list())):
            self.may_be_dotted = False
            return
        counts = raw.head(TESTED).to_frame("c").select(
            dotted=pl.col("c").str.contains(DOTTED).sum(), short=pl.col("c").str.contains(SHORT).sum(),
            none=(pl.col("c").is_null() | (pl.col("c") == "")).sum(), all=pl.len(),
        )  # fmt: skip
        dotted, short, none, cells = counts.row(0)
        self.may_be_dotted = dotted + short + none == cells
        self.dotted, self.short = self.dotted + dotted, self.short + short
        if dotted and self.may_be_dotted and self.first_dotted is None:
            index = int(raw.head(TESTED).str.contains(DOTTED).fill_null(False).arg_true()[0])
            row, line = block.position_of(index)
            self.first_dotted = Cell(row, raw[index], block.file, line)

    @property
    def is_dotted(self) -> bool:
        """True if the points of a column of plain numbers seem to be between thousands."""
        return self.may_be_dotted and self.dotted >= MIN_DOTTED and self.short >= MIN_SHORT

    @property
    def has_one_unit(self) -> bool:
        """True if the numbers have the same unit, or few that are more than a letter behind the number."""
        names = list(self.units or ())
        words = all(len(name) >= WORDS and " " not in name for name in names)
        return len(names) == 1 or (1 < len(names) <= MAX_UNITS and words)

    def style(self, odd_count: dict[str, int]) -> str:
        """The style that reads most of the cells with these faults; "" when none reads any."""
        counts = {fault: n for fault, n in odd_count.items() if fault in self.samples and n}
        if not counts:
            return ""
        usual = max(counts, key=lambda fault: counts[fault])
        by_comma = self.commas > self.points or (usual == "currency" and self.dots > 0 and not self.points)

        def merit(style: str) -> tuple[float, bool, bool]:
            read = sum((n * _share_read(self.samples[fault], style) for fault, n in counts.items()), 0.0)
            return read, by_comma and style == "comma", style == usual

        # Without a comma that must be decimal, as in 3,14, that style would read $1,101 as 1.101.
        is_comma = by_comma or self.commas or "comma" in counts
        left_out = {"comma"} if not is_comma else set()
        left_out |= {"change"} if "change" not in counts else set()  # without a fall ▲ is a minus
        if any(re.search(DEBIT, text) for text in self.samples.get("accounting", ())):
            left_out |= {"scale", "unit"}  # beside debits Cr is a credit, no crore
        merits = {style: merit(style) for style in STYLES if style not in left_out}
        best = max(merits, key=lambda style: merits[style])
        return best if merits[best][0] else ""


def _is_same(one: str, two: str) -> bool:
    """True for one unit in the singular and in the plural."""
    short, long = sorted((one, two), key=len)
    if one in ORDINALS and two in ORDINALS:
        return True
    return one == two or (len(short) >= WORDS and long.startswith(short) and long[len(short) :] in PLURALS)


def _may_be_dotted(cell: str | None) -> bool:
    return not cell or re.search(DOTTED, cell) is not None or re.search(SHORT, cell) is not None


def _share_read(sample: Counter[str], style: str) -> float:
    return sum(parse_scalar.parse_number(text, style) is not None for text in sample) / len(sample)
