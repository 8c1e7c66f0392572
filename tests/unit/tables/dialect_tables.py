"""One table of four columns, and functions that write it in a dialect."""

from __future__ import annotations

import csv
import io

NAMES = ["income", "age", "colour", "bought"]


COUNT = 40


def row(i: int) -> list[str]:
    return [f"{20 + i * 1.7:.1f}", str(18 + i * 7 % 60), ("red", "green", "blue")[i % 3], str(i % 2)]


ROWS = [row(i) for i in range(COUNT)]


def written(rows, delimiter=",", end="\n", **how) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, **how).writerows(rows)
    return out.getvalue()


def joined(rows, sign: str) -> str:
    return "".join(f"{sign.join(cells)}\n" for cells in rows)


def names_of(table) -> list[str]:
    return [column.name for column in table.columns]


TABLE = [NAMES, *ROWS]


COMMA = [[cells[0].replace(".", ","), *cells[1:]] for cells in ROWS]  # 1,5 as most of Europe writes it


TEXTS = [[*cells[:2], f"{cells[2]}, dark", cells[3]] for cells in ROWS]
