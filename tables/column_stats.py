"""Streaming statistics and type inference of one column in bounded memory."""

from __future__ import annotations

from collections import Counter

import polars as pl

from tables import parse_polars, parse_scalar
from tables.blocks import Block
from tables.distinct import DistinctCounter
from tables.known_texts import MAX_KNOWN, KnownTexts
from tables.moments import Moments
from tables.number_figures import number_figures
from tables.number_spellings import PADDED
from tables.number_texts import are_shortest, shortest_text
from tables.parse_scalar import MARKER, STYLED
from tables.profile import Cell, ColumnProfile
from tables.spellings import BLANK, FEW_NUMBERS, FEW_WITH_WORDS, WORDS
from tables.text_stats import TEXT_SAMPLE, TextStats, locate_cells
from tables.value_counts import MAX_VALUES, ValueCounts

NOWHERE = Block(pl.DataFrame(), "")  # of cells whose places nobody wants
MAX_CATEGORIES = 20  # distinct values up to which text is a category in any table
IDENTIFIERS = 0.005  # share of numbers with a zero in front above which a column holds identifiers, not numbers
MAX_NUMBERS = 100  # different numbers of a column that is not predicted up to which each is counted
EXACT = 2**53  # the largest whole number up to which float64 holds every one
DIGITS = r"^[ \t]*[+-]?[0-9]+[ \t]*$"
MERGED = 1.2  # different whole numbers for each as float64 above which a column holds identifiers; counts are estimates
MAJORITY = 0.95  # share of one kind from which the other cells count as mistakes


class ColumnStats:
    """Statistics of one column.

    What a person set, or "": `forced` is its kind, `style` how its numbers are written, `form` the order of its dates.
    """

    def __init__(self, name: str, forced: str, style: str, form: str = ""):
        self.forced, self.style = forced, style
        self.texts = TextStats(forced == "boolean", form)
        self.stats = ColumnProfile(name, "text")
        self.known, self.number_values = KnownTexts(), ValueCounts()
        self.zero_padded = 0  # whole numbers with a zero in front
        self.first_zero_padded: Cell | None = None
        self.distinct, self.long, self.rounded = DistinctCounter(), DistinctCounter(), DistinctCounter()
        self.moments, self.whole = Moments(), True

    def update(self, raw: pl.Series, read: pl.Series, figures: dict, block: Block) -> None:
        """Add the cells `raw` of `block`, their numbers `read` and the numbers' `figures` (`table_stats`)."""
        stats = self.stats
        stats.rows += len(raw)
        if raw.null_count() == len(raw):  # most columns of JSON whose objects have few keys
            stats.missing += len(raw)
            stats.first_missing = stats.first_missing or locate_cells(raw, raw.head(1), block, 1)[0]
            return
        padded = 0
        if figures["n"] < len(raw):
            padded = self._add_other(raw, raw.filter(read.is_null()), block)
            if padded:
                # Some numbers have blanks around them: parse the column again without the blanks.
                stats.untidy += padded
                bare = parse_polars.parse_number(parse_polars.strip_missing(pl.col("c")))
                read = raw.to_frame("c").select(bare).to_series()
                figures = number_figures(read.to_frame())[0]
        if figures["n"]:
            self._add_numbers(raw, read, figures)
            if not self.style and self.whole:
                if padded or figures["zeros"]:
                    self._add_zero_padded(raw, block)
            elif not self.style:
                self.texts.numbers.test_dotted(raw, block)
        if self.style:
            stats.untidy += figures["n"]
        if self.style == "unit":
            self._add_units(raw)

    def _add_units(self, raw: pl.Series) -> None:
        c = parse_polars.strip_missing(pl.col("raw"))
        counts = raw.alias("raw").value_counts(name="count").select("count", c=c).drop_nulls()
        self.texts.numbers.update(counts.with_columns(fault=parse_polars.classify_fault(pl.col("c"))))

    def _add_zero_padded(self, raw: pl.Series, block: Block) -> None:
        """Count whole numbers with a zero in front, such as 02139."""
        zeros = raw.filter(raw.str.starts_with("0").fill_null(False))
        padded = zeros.filter(zeros.str.contains(PADDED)) if len(zeros) else zeros
        if len(padded):
            self.zero_padded += len(padded)
            if self.first_zero_padded is None:
                self.first_zero_padded = locate_cells(raw, padded.head(1), block, 1)[0]

    def _add_numbers(self, raw: pl.Series, read: pl.Series, figures: dict) -> None:
        self.moments.add(figures["n"], figures["mean"], figures["var"], figures["low"], figures["high"])
        self.whole = self.whole and bool(figures["whole"])
        if figures["n"] < len(raw):
            raw, read = raw.filter(read.is_not_null()), read.drop_nulls()
        self.number_values.add(raw, read)
        self.distinct.add(read)
        if figures["whole"] and max(-figures["low"], figures["high"]) > EXACT:
            self._add_long(raw)

    def _add_long(self, raw: pl.Series) -> None:
        """Count whole numbers as they are written and as float64 holds them, of which some may be the same."""
        digits = raw.str.strip_chars(BLANK).filter(raw.str.contains(DIGITS))
        self.long.add(digits)
        self.rounded.add(digits.cast(pl.Float64))

    @property
    def _merges(self) -> bool:
        """True if many different whole numbers are one number as float64: they are identifiers of many digits."""
        return self.whole and self.long.estimate() > MERGED * self.rounded.estimate()

    def _add_other(self, raw: pl.Series, rest: pl.Series, block: Block) -> int:
        """Count cells that Polars does not parse as numbers; returns how many are numbers with blanks around them."""
        if self.texts.may_be_words and self.texts.count + self.known.cells > TEXT_SAMPLE:
            self._add_known()
            self.texts.test_words()
        counts = self.known.split(rest.alias("raw").value_counts(name="count"))
        if not len(counts):
            return 0
        repeats = len(counts) <= min(MAX_KNOWN, len(rest) / 2)
        return self._add_counts(counts, raw, block, repeats)

    def _add_known(self) -> None:
        """Count the cells that wait. Each place that they could be an example of is known."""
        if self.known.cells:
            counts = self.known.take()
            self._add_counts(counts, counts["raw"], NOWHERE, repeats=False)

    def _add_counts(self, counts: pl.DataFrame, raw: pl.Series, block: Block, repeats: bool) -> int:
        """`_add_other` of distinct cells, columns raw and count. If it `repeats` them, their texts are known."""
        stats = self.stats
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
                stats.first_missing = locate_cells(raw, missing_cells["raw"], block, 1)[0]
        settled = [missing_cells["raw"]]
        texts = counts.filter(pl.col("c").is_not_null())
        padded = 0
        if len(texts) and self.forced in ("", "number"):
            plain_numbers = texts["c"].to_frame("c").select(parse_polars.is_number(pl.col("c"))).to_series()
            # A number that Polars does not parse as it stands has blanks around it, or overflows.
            finite = texts["c"].cast(pl.Float64, strict=False).is_finite().fill_null(False)
            padded = int(texts.filter(plain_numbers & finite)["count"].sum()) if not self.style else 0
            if not self.style:
                texts = texts.filter(~(plain_numbers & finite))
        if len(texts):
            stats.untidy += int(texts.filter(pl.col("c") != pl.col("raw"))["count"].sum())
            self.distinct.add(texts["c"])
            settled += self.texts.update(raw, texts, block)
        for known in settled if repeats else ():
            self.known.add(known)
        return padded

    def _add_missing_words(self, cells: pl.DataFrame) -> None:
        words = self.stats.missing_words
        for cell, count in cells.select("raw", "count").iter_rows():
            word = (cell or "").strip(parse_scalar.BLANK)
            if word:
                words[word] = words.get(word, 0) + count

    def profile(self, is_label: bool = True) -> ColumnProfile:
        """The statistics so far, with the inferred kind; many values of a number only where they may be labels."""
        self._add_known()
        stats, moments = self.stats, self.moments
        stats.numbers, stats.min, stats.max = moments.count, moments.low, moments.high
        stats.whole = bool(stats.numbers) and self.whole
        stats.mean, stats.std = self.moments.result()
        stats.kind, stats.longest = self._infer_kind(), self.texts.longest
        stats.words = self.texts.words / max(1, self.texts.worded)
        stats.zero_padded, stats.first_zero_padded = self.zero_padded, self.first_zero_padded
        if stats.kind in ("number", "datetime"):
            self._set_markers()
        values, distinct = self._all_values(), self.long if self._merges else self.distinct
        stats.values = dict(values) if values is not None else None
        stats.distinct = (
            len(values) if values is not None else min(stats.present, max(MAX_VALUES + 1, distinct.estimate()))
        )
        if stats.kind == "number" and not is_label and stats.distinct > MAX_NUMBERS:
            stats.values = None
        if stats.kind in ("category", "text") and not self.forced:
            few = values is not None and len(values) <= max(MAX_CATEGORIES, stats.present // 2)
            stats.kind = "category" if few else "text"
        if stats.kind in ("number", "datetime") or self.forced == "boolean":
            expected = {"number": (MARKER,), "datetime": (MARKER, "date"), "boolean": ("boolean",)}[stats.kind]
            stats.odd_count = {fault: n for fault, n in self.texts.odd_count.items() if fault not in expected and n}
            stats.odd = {fault: cells for fault, cells in self.texts.odd.items() if fault not in expected and cells}
            if stats.kind == "datetime":
                self._set_dates()
            elif stats.kind == "number":
                self._set_style()
            stats.spellings = self.texts.odd_spellings(expected) or {}
        return stats

    def _set_style(self) -> None:
        """Say how the odd numbers are written."""
        stats, spelled = self.stats, self.texts.numbers
        is_mistake = 2 * stats.odd_count.get("unit", 0) < stats.present  # such as 12ab among numbers
        stats.style = spelled.style({f: n for f, n in stats.odd_count.items() if f != "unit" or not is_mistake})
        stats.units = dict(spelled.units or {}) if self.style == "unit" or not is_mistake else {}
        if not self.style and not self.forced and not stats.style and spelled.is_dotted:
            stats.dotted, stats.first_dotted = spelled.dotted, spelled.first_dotted

    def _set_dates(self) -> None:
        stats, dates = self.stats, self.texts.dates
        stats.dates, stats.timed = dates.form, dates.timed
        if dates.is_open:
            stats.ambiguous, stats.first_ambiguous = dates.ambiguous, dates.first_ambiguous
        if unread := dates.unread_count[dates.order]:
            stats.odd_count["date"], stats.odd["date"] = unread, dates.unread[dates.order]
        if stats.numbers:
            stats.odd_count["text"] = stats.odd_count.get("text", 0) + stats.numbers

    def _set_markers(self) -> None:
        """Count the cells that are markers as missing."""
        stats, count = self.stats, self.texts.odd_count[MARKER]
        if not count:
            return
        stats.markers = dict(self.texts.markers or {})
        stats.first_marker = self.texts.odd[MARKER][0]
        stats.missing += count
        stats.untidy += count
        stats.first_missing = min(filter(None, (stats.first_missing, stats.first_marker)), key=lambda cell: cell.row)
        if (values := self.texts.values) is not None:
            self.texts.values = Counter({text: n for text, n in values.items() if not parse_scalar.is_marker(text)})

    def _infer_kind(self) -> str:
        stats, present = self.stats, self.stats.present
        if self.forced:
            return self.forced
        if self.zero_padded > IDENTIFIERS * stats.numbers or self._merges:
            return "text"
        if stats.numbers == present:
            return "number"
        if self.texts.booleans == present:
            return "boolean"
        styled = (
            (*STYLED, "unit") if self.texts.numbers.has_one_unit and self._distinct_values() > FEW_NUMBERS else STYLED
        )
        written = stats.numbers + sum(self.texts.odd_count[fault] for fault in styled)
        if self._is_column_of(written, (MARKER, *styled)):
            return "number"
        if self._is_column_of(self.texts.dates.valid, (MARKER, "date")):
            return "datetime"
        return "text"

    def _is_column_of(self, count: int, expected: tuple[str, ...]) -> bool:
        """True if `count` cells of one kind make the column one of that kind, in which the faults `expected` are none.

        The other cells are markers, a few mistakes, or more cells of few different spellings.
        """
        markers = self.texts.markers
        if not count or markers is None:
            return False
        if _is_majority(count, self.stats.present - self.texts.odd_count[MARKER]):
            has_words = any(marker.lower() in WORDS for marker in markers)
            return not has_words or self._distinct_values() > FEW_WITH_WORDS
        few_others = 2 * count >= self.stats.present and self.texts.odd_spellings(expected) is not None
        return few_others and self._distinct_values() > FEW_NUMBERS

    def _distinct_values(self) -> int:
        """The number of different cells that are no markers, at most; more than MAX_VALUES are not counted."""
        counted = [
            MAX_VALUES if counts is None else len(counts) for counts in (self.texts.values, self.number_values.counts())
        ]
        return sum(counted) - len(self.texts.markers or ())

    def _all_values(self) -> Counter[str] | None:
        counted = self.number_values.counts()
        if self.texts.values is None or counted is None:
            return None
        values = Counter(self.texts.values)
        if self.stats.kind == "number" and (self.style or not are_shortest(counted)):
            for text, count in counted.items():
                values[shortest_text(text, self.style)] += count
        else:
            values.update(counted)
        return values if len(values) <= MAX_VALUES else None


def _is_majority(count: int, present: int) -> bool:
    """True if the other cells count as mistakes: 5 % at most, or one cell of eight or more."""
    return count >= MAJORITY * present or (present >= 8 and count >= present - 1)
