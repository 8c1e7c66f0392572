"""Counts what each order of day, month and year reads of a column's dates, and chooses one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable

import polars as pl

from tables import parse_polars
from tables.date_spellings import BUDDHIST_YEAR, ERA, ORDERS, YEAR_LAST
from tables.number_spellings import TRANSLATED
from tables.profile import EXAMPLES, Cell

OPEN = ORDERS[1:]
NEARLY_ALL = 0.9  # of the first dates have a year of the Buddhist era, where it is the column's
_DAY = 86400


class DateStats:
    """Statistics of the dates of one column; `set_form` is the form that a person set, or "".

    Counts are by order; `era` is ERA where the first dates have years of the Buddhist era, else "".
    """

    def __init__(self, set_form: str = ""):
        self.set_form, self.era = set_form, ERA if set_form.endswith(ERA) else ""
        self.count = self.valid = self.ambiguous = 0  # dates; those some order reads; those two read, as other days
        self.first_ambiguous: Cell | None = None
        self.unread_count: Counter[str] = Counter()
        # By order; filled when asked for, as most of thousands of columns hold no date.
        self.unread: defaultdict[str, list[Cell]] = defaultdict(list)
        self.years: defaultdict[str, set[int]] = defaultdict(set)  # of two-digit years
        self.dotted = self.timed = False

    def update(self, dates: pl.DataFrame, locate: Callable[[pl.Series, int], list[Cell]]) -> None:
        """Add distinct cells: columns raw, c (stripped) and count. `locate(raw, limit)` returns their first places."""
        if not self.count and not self.set_form:
            texts = dates["c"].str.replace_many(list(TRANSLATED), list(TRANSLATED.values()))
            self.era = ERA if texts.str.contains(BUDDHIST_YEAR).mean() >= NEARLY_ALL else ""  # type: ignore[operator]
        self.count += int(dates["count"].sum())
        when = self._read(dates, "iso")
        self.timed |= bool((when % _DAY != 0).any())
        self.valid += int(dates.filter(when.is_not_null())["count"].sum())
        dates = dates.filter(when.is_null())
        if not len(dates):
            return
        self._add_unread("iso", dates, locate)
        self.dotted |= bool(dates["c"].str.contains(r"^[0-9]+\.").any())
        moments = {order: self._read(dates, order) for order in OPEN}
        for form, when in moments.items():
            self.timed |= bool((when % _DAY != 0).any())
            self._add_unread(form, dates.filter(when.is_null()), locate)
        short = dates["c"].str.extract_groups(YEAR_LAST).struct.field("3").str.len_bytes() == 2
        if short.any():
            for form, when in moments.items():
                self.years[form] |= set((when.filter(short) // (_DAY * 365)).drop_nulls().unique().to_list())
        known = dates.select(pl.any_horizontal(*(pl.lit(when.is_not_null()) for when in moments.values()))).to_series()
        self.valid += int(dates.filter(known)["count"].sum())
        either = dates.filter((moments["dmy"] != moments["mdy"]).fill_null(False))
        if len(either):
            self.ambiguous += int(either["count"].sum())
            self.first_ambiguous = self.first_ambiguous or locate(either["raw"], 1)[0]

    def _add_unread(self, form: str, dates: pl.DataFrame, locate: Callable[[pl.Series, int], list[Cell]]) -> None:
        if len(dates):
            self.unread_count[form] += int(dates["count"].sum())
            if (limit := EXAMPLES - len(self.unread[form])) > 0:
                self.unread[form] += locate(dates["raw"], limit)

    def settled(self, dates: pl.DataFrame) -> pl.DataFrame:
        """Those of `dates`, which were added, that each order reads or has examples enough of what it does not."""
        known = self._read(dates, "iso").is_not_null()
        if len(self.unread["iso"]) == EXAMPLES:
            others = [order for order in OPEN if len(self.unread[order]) < EXAMPLES]
            read = [self._read(dates, order).is_not_null() for order in others]
            known = known | dates.select(pl.all_horizontal(pl.lit(True), *(pl.lit(r) for r in read))).to_series()
        return dates.filter(known)

    @property
    def form(self) -> str:
        """The form that a person set, else the order that reads most dates, and the era."""
        return self.order + self.era

    @property
    def order(self) -> str:
        """The order of `form`."""
        if self.set_form:
            return self.set_form.removesuffix(ERA)
        least = min(self.unread_count[form] for form in ORDERS)
        best = [form for form in ORDERS if self.unread_count[form] == least]
        if len(best) > 1 and best[0] != "iso" and "ymd" in best:
            # Two-digit years: a table spans few years and many days.
            fewest = min(len(self.years[form]) for form in best)
            best = [form for form in best if len(self.years[form]) == fewest]
        preferred = ("iso", "dmy", "mdy", "ymd") if self.dotted else ("iso", "mdy", "dmy", "ymd")
        return next(form for form in preferred if form in best)

    @property
    def is_open(self) -> bool:
        """True if nobody says and no cell shows which of day and month comes first."""
        mixed = self.unread_count[self.order] > 0
        return not self.set_form and (mixed or self.unread_count["dmy"] == self.unread_count["mdy"])

    def _read(self, dates: pl.DataFrame, order: str) -> pl.Series:
        return dates.select(parse_polars.parse_timestamp(pl.col("c"), order + self.era)).to_series()
