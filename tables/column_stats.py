"""Streaming statistics and type inference of one column in bounded memory."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl

from tables import parse_polars, parse_scalar
from tables.blocks import Block
from tables.distinct import DistinctCounter
from tables.limits import LONG_TEXT
from tables.parse_scalar import STYLED
from tables.profile import EXAMPLES, Cell, ColumnProfile

MAX_VALUES = 1000  # distinct values counted per column
MAX_CATEGORIES = 20  # distinct values up to which text is a category in any table
MAJORITY = 0.95  # share of one kind from which the other cells count as mistakes
TIMED = r"[T ]([0-9]{1,2}:[0-9]{2}:(0[1-9]|[1-5])|[0-9]{1,2}:(0[1-9]|[1-5])|(0?[1-9]|1[0-9]|2[0-3]):)"  # not midnight
TEXT_SAMPLE = 50_000  # text cells of a column that are tested for booleans, dates and faults


class ColumnStats:
    """Statistics of one column. `forced` is the kind that a person set, `style` how its numbers are written, or ""."""

    def __init__(self, name: str, forced: str, style: str):
        self.forced, self.style = forced, style
        self.stats = ColumnProfile(name, "text")
        self.values: Counter[str] | None = Counter()
        self.number_values: Counter[float] | None = Counter()
        self.distinct = DistinctCounter()
        self.odd: dict[str, list[Cell]] = {}
        self.odd_count: Counter[str] = Counter()
        self.booleans = self.dates = self.iso = 0
        self.first_over = self.second_over = self.dotted = False  # parts of a date above 12; written with dots
        self.texts_checked = 0
        self.mean = self.squares = 0.0
        self.whole = True

    def update(self, raw: pl.Series, read: pl.Series, figures: dict, block: Block) -> None:
        """Add the cells `raw` of `block`, their numbers `read` and the numbers' `figures` (`table_stats`)."""
        stats = self.stats
        stats.rows += len(raw)
        if figures["n"] < len(raw):
            rest = raw.filter(~read.is_finite().fill_null(False))
            padded = self._add_other(raw, rest, block)
            if padded:
                # Some numbers have blanks around them: parse the column again without the blanks.
                stats.untidy += padded
                bare = (
                    raw.to_frame("c")
                    .select(parse_polars.strip_missing(pl.col("c")).cast(pl.Float64, strict=False))
                    .to_series()
                )
                read, figures = bare, _figures(bare)
        if figures["n"]:
            self._add_numbers(read, figures)
        if self.style:
            stats.untidy += figures["n"]

    def _add_numbers(self, read: pl.Series, figures: dict) -> None:
        stats, n = self.stats, figures["n"]
        count = stats.numbers + n
        delta = figures["mean"] - self.mean
        self.squares += figures["var"] * n + delta * delta * stats.numbers * n / count
        self.mean += delta * n / count
        stats.numbers = count
        stats.min = figures["low"] if stats.min is None else min(stats.min, figures["low"])
        stats.max = figures["high"] if stats.max is None else max(stats.max, figures["high"])
        self.whole = self.whole and bool(figures["whole"])
        finite = read.filter(read.is_finite().fill_null(False))
        if self.number_values is not None:
            if len(finite) > 4 * MAX_VALUES and finite.head(4 * MAX_VALUES).n_unique() > MAX_VALUES:
                self.number_values = None
            else:
                self.number_values.update(dict(finite.alias("value").value_counts().iter_rows()))
                if len(self.number_values) > MAX_VALUES:
                    self.number_values = None
        self.distinct.add(finite)

    def _add_other(self, raw: pl.Series, rest: pl.Series, block: Block) -> int:
        """Count cells that Polars does not parse as numbers; returns how many are numbers with blanks around them."""
        stats = self.stats
        counts = rest.alias("raw").value_counts(name="count")
        counts = counts.with_columns(c=parse_polars.strip_missing(pl.col("raw")))
        missing_cells = counts.filter(pl.col("c").is_null())
        missing = int(missing_cells["count"].sum())
        if missing:
            stats.missing += missing
            empty = missing_cells.filter(pl.col("raw").is_null() | (pl.col("raw") == ""))["count"].sum()
            stats.untidy += missing - int(empty)
            if len(missing_cells) > 1 or not empty:
                self._add_missing_words(missing_cells)
            if stats.first_missing is None:
                stats.first_missing = self._locate_cells(raw, missing_cells["raw"], block, 1)[0]
        texts = counts.filter(pl.col("c").is_not_null())
        if not len(texts):
            return 0
        padded = 0
        if self.forced in ("", "number"):
            plain_numbers = texts["c"].to_frame("c").select(parse_polars.is_number(pl.col("c"))).to_series()
            # A number that Polars does not parse as it stands has blanks around it, or overflows.
            finite = texts["c"].cast(pl.Float64, strict=False).is_finite().fill_null(False)
            padded = int(texts.filter(plain_numbers & finite)["count"].sum()) if not self.style else 0
            if not self.style:
                texts = texts.filter(~(plain_numbers & finite))
        if len(texts):
            self._add_texts(raw, texts, block)
        return padded

    def _add_missing_words(self, cells: pl.DataFrame) -> None:
        words = self.stats.missing_words
        for cell, count in cells.select("raw", "count").iter_rows():
            word = (cell or "").strip(parse_scalar.BLANK)
            if word:
                words[word] = words.get(word, 0) + count

    def _add_texts(self, raw: pl.Series, texts: pl.DataFrame, block: Block) -> None:
        stats, count = self.stats, pl.col("count")
        stats.untidy += int(texts.filter(pl.col("c") != pl.col("raw"))["count"].sum())
        stats.longest = max(stats.longest, int(texts["c"].str.len_chars().to_numpy().max()))
        self.distinct.add(texts["c"])
        if stats.longest > LONG_TEXT:
            self.values = None
        if self.values is not None:
            self.values.update(dict(texts.group_by("c").agg(count.sum()).iter_rows()))
            if len(self.values) > MAX_VALUES:
                self.values = None
        total = int(texts["count"].sum())
        checked_before, self.texts_checked = self.texts_checked, self.texts_checked + total
        if (
            checked_before > TEXT_SAMPLE
            and not self.booleans
            and not self.dates
            and self.odd_count["text"] > checked_before / 2
        ):
            self.odd_count["text"] += total  # a column of text: no cell is a fault
            return
        c = pl.col("c")
        flags = texts.with_columns(
            flag=parse_polars.is_boolean(c), date=parse_polars.is_date(c), fault=parse_polars.classify_fault(c)
        )
        self.booleans += int(flags.filter("flag")["count"].sum())
        dates = flags.filter("date")
        if len(dates):
            self.dates += int(dates["count"].sum())
            self._add_dates(dates)
        for fault, group in flags.group_by("fault", maintain_order=True):
            name = str(fault[0])
            self.odd_count[name] += int(group["count"].sum())
            examples = self.odd.setdefault(name, [])
            if len(examples) < EXAMPLES:
                examples += self._locate_cells(raw, group["raw"], block, EXAMPLES - len(examples))

    def _add_dates(self, dates: pl.DataFrame) -> None:
        self.stats.timed |= bool(dates["c"].str.contains(TIMED).any())
        other = dates.filter(~pl.col("c").str.contains(parse_scalar.ISO))
        self.iso += int(dates["count"].sum()) - int(other["count"].sum())
        if len(other):
            parts = other["c"].str.extract_groups(parse_scalar.DAY).struct.unnest()
            self.first_over |= bool((parts["1"].cast(pl.Int32) > 12).any())
            self.second_over |= bool((parts["2"].cast(pl.Int32) > 12).any())
            self.dotted |= bool(other["c"].str.contains(".", literal=True).any())

    @staticmethod
    def _locate_cells(raw: pl.Series, wanted: pl.Series, block: Block, limit: int) -> list[Cell]:
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

    def profile(self) -> ColumnProfile:
        """The statistics so far, with the inferred kind."""
        stats = self.stats
        stats.whole = bool(stats.numbers) and self.whole
        if stats.numbers:
            stats.mean, stats.std = self._moments()
        stats.kind = self._infer_kind()
        values = self._all_values()
        stats.values = dict(values) if values is not None else None
        stats.distinct = (
            len(values) if values is not None else min(stats.present, max(MAX_VALUES + 1, self.distinct.estimate()))
        )
        if stats.kind in ("category", "text") and not self.forced:
            few = values is not None and len(values) <= max(MAX_CATEGORIES, stats.present // 2)
            stats.kind = "category" if few else "text"
        if stats.kind == "datetime":
            stats.dates = self._infer_date_form()
        if stats.kind in ("number", "datetime"):
            expected = () if stats.kind == "number" else ("date",)
            stats.odd_count = {fault: n for fault, n in self.odd_count.items() if fault not in expected and n}
            stats.odd = {fault: cells for fault, cells in self.odd.items() if fault not in expected and cells}
            if stats.kind == "datetime" and stats.numbers:
                stats.odd_count["text"] = stats.odd_count.get("text", 0) + stats.numbers
        return stats

    def _moments(self) -> tuple[float, float]:
        """Mean and standard deviation; where sums pass the largest float, the middle and the half of the range."""
        stats = self.stats
        assert stats.min is not None and stats.max is not None
        variance = self.squares / stats.numbers
        if np.isfinite(self.mean) and np.isfinite(variance):
            mean = min(max(self.mean, stats.min), stats.max)  # which rounding may have passed
            return mean, float(np.sqrt(max(variance, 0.0)))
        return stats.min / 2 + stats.max / 2, stats.max / 2 - stats.min / 2

    def _infer_kind(self) -> str:
        stats, present = self.stats, self.stats.present
        if self.forced:
            return self.forced
        if stats.numbers == present:
            return "number"
        if self.booleans == present:
            return "boolean"
        written = stats.numbers + sum(self.odd_count[fault] for fault in STYLED)
        if _is_majority(written, present):
            return "number"
        if _is_majority(self.dates, present) and self._infer_date_form():
            return "datetime"
        return "text"

    def _infer_date_form(self) -> str:
        """iso, dmy or mdy; '' when no single form fits all cells."""
        other = self.dates - self.iso
        if other <= self.iso:
            return "iso"
        if self.first_over and self.second_over:
            return ""
        return "dmy" if self.first_over or (self.dotted and not self.second_over) else "mdy"

    def _all_values(self) -> Counter[str] | None:
        if self.values is None or self.number_values is None:
            return None
        values = Counter(self.values)
        for value, count in self.number_values.items():
            values[format_number(value)] += count
        return values if len(values) <= MAX_VALUES else None


def _is_majority(count: int, present: int) -> bool:
    """True if the other cells count as mistakes: 5 % at most, or one cell of eight or more."""
    return count >= MAJORITY * present or (present >= 8 and count >= present - 1)


def format_number(value: float) -> str:
    """The shortest text of a number: 3 and not 3.0."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _figures(read: pl.Series) -> dict:
    finite = read.filter(read.is_finite().fill_null(False))
    return {
        "n": len(finite),
        "low": finite.min(),
        "high": finite.max(),
        "mean": finite.mean(),
        "var": finite.var(ddof=0),
        "whole": (finite == finite.round()).all(),
        "inf": 0,
    }
