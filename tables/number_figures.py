"""Figures of the numbers of all columns of a block at once."""

from __future__ import annotations

from typing import Any

import polars as pl

# Each is one expression for all columns: a table may have thousands.
_FIGURES = {
    "n": pl.all().count(), "low": pl.all().min(), "high": pl.all().max(), "mean": pl.all().mean(),
    "var": pl.all().var(ddof=0), "whole": (pl.all() == pl.all().round()).all(),
}  # fmt: skip


def number_figures(numbers: pl.DataFrame, texts: pl.DataFrame | None = None) -> list[dict[str, Any]]:
    """For each column of finite `numbers`: n, low, high, mean, var (of a population), whole and zeros.

    "whole" is True if all are whole numbers, "zeros" if some of the `texts` they are written as may have a zero in
    front, such as 02139.
    """
    rows = [numbers.select(expression).row(0) for expression in _FIGURES.values()]
    figures = [dict(zip(_FIGURES, column, strict=True)) for column in zip(*rows, strict=True)]
    for column in figures:
        column["zeros"] = False
    whole = [at for at, column in enumerate(figures) if column["n"] and column["whole"]]
    if texts is not None and whole:
        long = pl.all().str.starts_with("0") & (pl.all().str.len_bytes() > 1)
        for at, zeros in zip(whole, texts[:, whole].select(long.any()).row(0), strict=True):
            figures[at]["zeros"] = bool(zeros)
    return figures
