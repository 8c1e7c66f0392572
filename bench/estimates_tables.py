"""The real tables of bench.estimates, in two parts: the formulas are fitted to the first and judged by the second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench import quality_tables
from tests.corpus import clean
from tests.corpus.real import flights, shipped

FITTED, HELD_OUT = "fitted", "held out"
_FITTED = (
    "diabetes", "concrete", "attrition", "digits", "vote in Chile", "credit", "caravan", "riders in Chicago", "lending",
    "diamonds", "hotel rates", "films", "penguins", "breast cancer", "houses in Sacramento", "cells", "houses in Ames",
    "leaves", "spam mail", "jobs on a cluster", "churn, calls", "poverty", "default", "deliveries",
)  # fmt: skip
_HELD_OUT = (
    "titanic", "mortgages", "remote work", "churn, Watson", "tips in taxis", "houses in Saratoga",
    "salaries in baseball", "tweets", "reviews",
)  # fmt: skip
_HELD_OUT_CLEAN = (  # of the corpus
    "weather: temperature", "planes: engine", "airports: time zone", "affairs", "health insurance",
    "US airports: latitude", "Seattle weather", "stocks", "wine",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """`body()` is a CSV file with a header; `part` is FITTED or HELD_OUT."""

    name: str
    target: str
    part: str
    body: Callable[[], bytes]


def _real(name: str, part: str) -> Table:
    table = quality_tables.TABLES[name]
    return Table(name, table.target, part, table.body)


TABLES = (
    *(_real(name, FITTED) for name in _FITTED),
    Table("visits, 20,000", "mdvis", FITTED, lambda: shipped("statsmodels", "datasets/randhie/randhie.csv")),
    Table("flights, 60,000: delay", "arr_delay", FITTED, lambda: flights(60_000)),
    Table("flights, 60,000: origin", "origin", FITTED, lambda: flights(60_000)),
    Table("flights, 300,000: delay", "arr_delay", FITTED, lambda: flights(300_000)),
    *(_real(name, HELD_OUT) for name in _HELD_OUT),
    *(Table(t.name, t.target, HELD_OUT, t.body) for t in clean.tables() if t.name in _HELD_OUT_CLEAN),
)
