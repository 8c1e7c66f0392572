"""Sums up columns block by block: what each holds, its figures, and the cells that are odd, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import polars as pl

from tables import parse_polars, parse_scalar
from tables.blocks import Block
from tables.distinct import Distinct
from tables.parse_scalar import STYLED
from tables.profile import EXAMPLES, Cell, ColumnProfile

MOST_KEPT = 1000  # different values of one column that are remembered
MOST_CATEGORIES = 20  # so many different values are a category however few rows there are
MOSTLY = 0.95  # from this share on, the other cells are taken for mistakes
TIMED = r"[T ]([0-9]{1,2}:[0-9]{2}:(0[1-9]|[1-5])|[0-9]{1,2}:(0[1-9]|[1-5])|(0?[1-9]|1[0-9]|2[0-3]):)"  # not midnight
ENOUGH = 50_000  # cells of a text column that are looked at one by one
_COUNTED = ("n", "low", "high", "mean", "var", "whole", "inf")


class Tally:
    """All columns of a table. `types` are kinds that a person set, `numbers` how number columns are written."""

    def __init__(
        self, names: list[str], types: Mapping[str, str] | None = None, numbers: Mapping[str, str] | None = None
    ):
        self.types, self.numbers = dict(types or {}), dict(numbers or {})
        self.columns = {n: _Column(n, self.types.get(n, ""), self.numbers.get(n, "")) for n in names}
        self.rows = 0

    def take(self, block: Block) -> None:
        frame = block.frame
        self.rows += len(frame)
        if not len(frame):
            return
        read = frame.select(self._as_number(name) for name in frame.columns)
        asked = []
        for name in frame.columns:
            value = pl.col(name)
            finite = pl.when(value.is_finite()).then(value)
            asked += [
                finite.count().alias(f"n\0{name}"),
                finite.min().alias(f"low\0{name}"),
                finite.max().alias(f"high\0{name}"),
                finite.mean().alias(f"mean\0{name}"),
                finite.var(ddof=0).alias(f"var\0{name}"),
                (finite == finite.round()).all().alias(f"whole\0{name}"),
                value.is_infinite().sum().alias(f"inf\0{name}"),
            ]
        counted = read.select(asked).row(0, named=True)
        for name in frame.columns:
            figures = {key: counted[f"{key}\0{name}"] for key in _COUNTED}
            self.columns[name].take(frame[name], read[name], figures, block)

    def profiles(self) -> list[ColumnProfile]:
        return [column.profile() for column in self.columns.values()]

    def _as_number(self, name: str) -> pl.Expr:
        if self.types.get(name, "number") != "number":
            return pl.lit(None, pl.Float64).alias(name)  # text by a person's word, whatever it looks like
        cell = pl.col(name)
        style = self.numbers.get(name, "")
        return (
            (parse_polars.plain(cell.str.strip_chars(parse_polars.BLANK), style) if style else cell)
            .cast(pl.Float64, strict=False)
            .alias(name)
        )


class _Column:
    def __init__(self, name: str, forced: str, style: str):
        self.forced, self.style = forced, style
        self.seen = ColumnProfile(name, "text")
        self.values: Counter[str] | None = Counter()
        self.number_values: Counter[float] | None = Counter()
        self.distinct = Distinct()
        self.odd: dict[str, list[Cell]] = {}
        self.odd_count: Counter[str] = Counter()
        self.booleans = self.dates = self.iso = 0
        self.first_over = self.second_over = self.dotted = False  # parts of a date above 12; written with dots
        self.looked_at = 0
        self.mean = self.squares = 0.0
        self.whole = True

    def take(self, raw: pl.Series, read: pl.Series, figures: dict, block: Block) -> None:
        seen = self.seen
        seen.rows += len(raw)
        if figures["n"] < len(raw):
            rest = raw.filter(~read.is_finite().fill_null(False))
            padded = self._rest(raw, rest, block)
            if padded:
                # Blanks around a number: read the block's column once more without them.
                seen.untidy += padded
                bare = (
                    raw.to_frame("c")
                    .select(parse_polars.cleaned(pl.col("c")).cast(pl.Float64, strict=False))
                    .to_series()
                )
                read, figures = bare, _figures(bare)
        if figures["n"]:
            self._numbers(read, figures)
        if self.style:
            seen.untidy += figures["n"]

    def _numbers(self, read: pl.Series, figures: dict) -> None:
        seen, n = self.seen, figures["n"]
        together = seen.numbers + n
        apart = figures["mean"] - self.mean
        self.squares += figures["var"] * n + apart * apart * seen.numbers * n / together
        self.mean += apart * n / together
        seen.numbers = together
        seen.min = figures["low"] if seen.min is None else min(seen.min, figures["low"])
        seen.max = figures["high"] if seen.max is None else max(seen.max, figures["high"])
        self.whole = self.whole and bool(figures["whole"])
        finite = read.filter(read.is_finite().fill_null(False))
        if self.number_values is not None:
            if len(finite) > 4 * MOST_KEPT and finite.head(4 * MOST_KEPT).n_unique() > MOST_KEPT:
                self.number_values = None
            else:
                self.number_values.update(dict(finite.value_counts().iter_rows()))
                if len(self.number_values) > MOST_KEPT:
                    self.number_values = None
        self.distinct.add(finite)

    def _rest(self, raw: pl.Series, rest: pl.Series, block: Block) -> int:
        """Count cells that Polars takes for no number; gives how many are numbers with blanks around them."""
        seen = self.seen
        counts = rest.alias("raw").value_counts(name="count")
        counts = counts.with_columns(c=parse_polars.cleaned(pl.col("raw")))
        gone = counts.filter(pl.col("c").is_null())
        missing = int(gone["count"].sum())
        if missing:
            seen.missing += missing
            empty = gone.filter(pl.col("raw").is_null() | (pl.col("raw") == ""))["count"].sum()
            seen.untidy += missing - int(empty)
            if seen.first_missing is None:
                seen.first_missing = self._cells(raw, gone["raw"], block, 1)[0]
        words = counts.filter(pl.col("c").is_not_null())
        if not len(words):
            return 0
        padded = 0
        if self.forced in ("", "number"):
            plain = words["c"].to_frame("c").select(parse_polars.is_number(pl.col("c"))).to_series()
            # A number that Polars does not take as it stands has blanks around it, or is too large to be one.
            finite = words["c"].cast(pl.Float64, strict=False).is_finite().fill_null(False)
            padded = int(words.filter(plain & finite)["count"].sum()) if not self.style else 0
            if not self.style:
                words = words.filter(~(plain & finite))
        if len(words):
            self._words(raw, words, block)
        return padded

    def _words(self, raw: pl.Series, words: pl.DataFrame, block: Block) -> None:
        seen, count = self.seen, pl.col("count")
        seen.untidy += int(words.filter(pl.col("c") != pl.col("raw"))["count"].sum())
        seen.longest = max(seen.longest, int(words["c"].str.len_chars().to_numpy().max()))
        self.distinct.add(words["c"])
        if self.values is not None:
            self.values.update(dict(words.group_by("c").agg(count.sum()).iter_rows()))
            if len(self.values) > MOST_KEPT:
                self.values = None
        total = int(words["count"].sum())
        looked, self.looked_at = self.looked_at, self.looked_at + total
        if looked > ENOUGH and not self.booleans and not self.dates and self.odd_count["text"] > looked / 2:
            self.odd_count["text"] += total  # plainly a column of text; no cell of it is odd
            return
        c = pl.col("c")
        flags = words.with_columns(
            flag=parse_polars.is_boolean(c), date=parse_polars.is_date(c), fault=parse_polars.fault(c)
        )
        self.booleans += int(flags.filter("flag")["count"].sum())
        dates = flags.filter("date")
        if len(dates):
            self.dates += int(dates["count"].sum())
            self._date_forms(dates)
        for fault, cells_of in flags.group_by("fault", maintain_order=True):
            name = str(fault[0])
            self.odd_count[name] += int(cells_of["count"].sum())
            kept = self.odd.setdefault(name, [])
            if len(kept) < EXAMPLES:
                kept += self._cells(raw, cells_of["raw"], block, EXAMPLES - len(kept))

    def _date_forms(self, dates: pl.DataFrame) -> None:
        self.seen.timed |= bool(dates["c"].str.contains(TIMED).any())
        other = dates.filter(~pl.col("c").str.contains(parse_scalar.ISO))
        self.iso += int(dates["count"].sum()) - int(other["count"].sum())
        if len(other):
            parts = other["c"].str.extract_groups(parse_scalar.DAY).struct.unnest()
            self.first_over |= bool((parts["1"].cast(pl.Int32) > 12).any())
            self.second_over |= bool((parts["2"].cast(pl.Int32) > 12).any())
            self.dotted |= bool(other["c"].str.contains(".", literal=True).any())

    @staticmethod
    def _cells(raw: pl.Series, wanted: pl.Series, block: Block, most: int) -> list[Cell]:
        if wanted.null_count():
            found = raw.is_null()
            if wanted.len() > 1:
                found = found | raw.is_in(wanted.drop_nulls().implode()).fill_null(False)
        else:
            found = raw.is_in(wanted.implode()).fill_null(False)
        made = []
        for index in found.arg_true().head(most):
            row, line = block.place(int(index))
            made.append(Cell(row, (raw[int(index)] or "").strip()[:80], block.file, line))
        return made

    def profile(self) -> ColumnProfile:
        seen = self.seen
        seen.whole = bool(seen.numbers) and self.whole
        if seen.numbers:
            seen.mean, seen.std = self.mean, float(np.sqrt(self.squares / seen.numbers))
        seen.kind = self._kind()
        values = self._all_values()
        seen.values = dict(values) if values is not None else None
        seen.distinct = (
            len(values) if values is not None else min(seen.present, max(MOST_KEPT + 1, self.distinct.estimate()))
        )
        if seen.kind in ("category", "text") and not self.forced:
            few = values is not None and len(values) <= max(MOST_CATEGORIES, seen.present // 2)
            seen.kind = "category" if few else "text"
        if seen.kind == "datetime":
            seen.dates = self._date_form()
        if seen.kind in ("number", "datetime"):
            own = () if seen.kind == "number" else ("date",)
            seen.odd_count = {fault: n for fault, n in self.odd_count.items() if fault not in own and n}
            seen.odd = {fault: found for fault, found in self.odd.items() if fault not in own and found}
            if seen.kind == "datetime" and seen.numbers:
                seen.odd_count["text"] = seen.odd_count.get("text", 0) + seen.numbers
        return seen

    def _kind(self) -> str:
        seen, present = self.seen, self.seen.present
        if self.forced:
            return self.forced
        if seen.numbers == present:
            return "number"
        if self.booleans == present:
            return "boolean"
        written = seen.numbers + sum(self.odd_count[fault] for fault in STYLED)
        if _mostly(written, present):
            return "number"
        if _mostly(self.dates, present) and self._date_form():
            return "datetime"
        return "text"

    def _date_form(self) -> str:
        """iso, dmy or mdy; '' when the cells cannot all be of one form."""
        other = self.dates - self.iso
        if other <= self.iso:
            return "iso"
        if self.first_over and self.second_over:
            return ""
        return "dmy" if self.first_over or (self.dotted and not self.second_over) else "mdy"

    def _all_values(self) -> Counter[str] | None:
        if self.values is None or self.number_values is None:
            return None
        made = Counter(self.values)
        for value, count in self.number_values.items():
            made[as_text(value)] += count
        return made if len(made) <= MOST_KEPT else None


def _mostly(count: int, present: int) -> bool:
    """So many that the others are mistakes; in a short table that is one of them."""
    return count >= MOSTLY * present or (present >= 8 and count >= present - 1)


def as_text(value: float) -> str:
    """A number as a person writes it: 3 and not 3.0."""
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
