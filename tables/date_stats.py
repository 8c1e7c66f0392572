"""Counts what each order of day, month and year reads of a column's dates, and chooses one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import polars as pl

from tables import parse_polars
from tables.date_spellings import DATE_FORMS, YEAR_LAST
from tables.profile import EXAMPLES, Cell

ORDERS = DATE_FORMS[1:]
_DAY = 86400


class DateStats:
    """Statistics of the dates of one column; `set_form` is the order that a person set, or ""."""

    def __init__(self, set_form: str = ""):
        self.set_form = set_form
        self.count = self.valid = self.ambiguous = 0  # dates; those some order reads; those two read, as other days
        self.first_ambiguous: Cell | None = None
        self.unread_count: Counter[str] = Counter()
        self.unread: dict[str, list[Cell]] = {form: [] for form in DATE_FORMS}
        self.years: dict[str, set[int]] = {form: set() for form in ORDERS}  # of two-digit years
        self.dotted = self.timed = False

    def update(self, dates: pl.DataFrame, locate: Callable[[pl.Series, int], list[Cell]]) -> None:
        """Add distinct cells: columns raw, c (stripped) and count. `locate(raw, limit)` returns their first places."""
        self.count += int(dates["count"].sum())
        when = _read(dates, "iso")
        self.timed |= bool((when % _DAY != 0).any())
        self.valid += int(dates.filter(when.is_not_null())["count"].sum())
        dates = dates.filter(when.is_null())
        if not len(dates):
            return
        self._add_unread("iso", dates, locate)
        self.dotted |= bool(dates["c"].str.contains(r"^[0-9]+\.").any())
        moments = {form: _read(dates, form) for form in ORDERS}
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
        known = _read(dates, "iso").is_not_null()
        if len(self.unread["iso"]) == EXAMPLES:
            others = [form for form in ORDERS if len(self.unread[form]) < EXAMPLES]
            read = [_read(dates, form).is_not_null() for form in others]
            known = known | dates.select(pl.all_horizontal(pl.lit(True), *(pl.lit(r) for r in read))).to_series()
        return dates.filter(known)

    @property
    def form(self) -> str:
        """The order that a person set, else the one that reads most dates."""
        if self.set_form:
            return self.set_form
        least = min(self.unread_count[form] for form in DATE_FORMS)
        best = [form for form in DATE_FORMS if self.unread_count[form] == least]
        if len(best) > 1 and best[0] != "iso" and "ymd" in best:
            # Two-digit years: a table spans few years and many days.
            fewest = min(len(self.years[form]) for form in best)
            best = [form for form in best if len(self.years[form]) == fewest]
        preferred = ("iso", "dmy", "mdy", "ymd") if self.dotted else ("iso", "mdy", "dmy", "ymd")
        return next(form for form in preferred if form in best)

    @property
    def is_open(self) -> bool:
        """True if nobody says and no cell shows which of day and month comes first."""
        mixed = self.unread_count[self.form] > 0
        return not self.set_form and (mixed or self.unread_count["dmy"] == self.unread_count["mdy"])


def _read(dates: pl.DataFrame, form: str) -> pl.Series:
    return dates.select(parse_polars.parse_timestamp(pl.col("c"), form)).to_series()
