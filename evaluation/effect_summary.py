"""The effects of columns over all explained test rows: how large they are, and where high and low values push."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from evaluation import conditions
from evaluation.effects import EFFECT, SAMPLED, SCALE, VALUE
from evaluation.predictions import DATA
from tables import parse_scalar

DRAWN = 6  # columns whose dots are drawn
DOTS = 150  # of a column


def summary(effects: pl.DataFrame, schema: Mapping[str, Any]) -> dict[str, Any]:
    """{"rows", "scale", "columns": {name: mean absolute effect}, "dots": [{"column", "points": [[effect, third]]}]}.

    Dots are of numbers and dates, which have low (0), middle (1) and high (2) thirds; the largest effects come first.
    """
    columns = [column for column in schema["columns"] if column["role"] == "feature"]
    means = {column["name"]: float(effects[EFFECT + column["name"]].abs().mean()) for column in columns}  # type: ignore[arg-type]
    ordered = sorted(columns, key=lambda column: -means[column["name"]])
    some = effects.gather_every(-(-len(effects) // DOTS))
    dots: list[dict[str, Any]] = []
    for column in ordered:
        thirds = _thirds(some, column)
        if thirds is not None and means[column["name"]] > 0 and len(dots) < DRAWN:
            points = zip(some[EFFECT + column["name"]].to_list(), thirds, strict=True)
            dots.append(
                {"column": column["name"], "points": [[effect, third] for effect, third in points if third is not None]}
            )
    return {
        "rows": len(effects),
        "scale": effects[SCALE][0],
        "sampled": int(effects[SAMPLED][0]),
        "columns": means,
        "dots": dots,
    }


def _thirds(effects: pl.DataFrame, column: Mapping[str, Any]) -> Sequence[int | None] | None:
    """The third of each row's value among all, None for a missing one; None for a column that has no order."""
    cells = effects[VALUE + column["name"]].alias(DATA + column["name"])
    if conditions.is_number(column):
        numbers = cells.to_frame().select(conditions.cell(column).alias("v"))["v"].cast(pl.Float64).to_numpy()
    elif column["kind"] == "datetime":
        stamps = [
            None if cell is None else parse_scalar.parse_timestamp(cell.strip(), column["form"]) for cell in cells
        ]
        numbers = np.array([np.nan if stamp is None else stamp for stamp in stamps], float)
    else:
        return None
    known = numbers[~np.isnan(numbers)]
    if len(np.unique(known)) < 3:
        return None
    low, high = np.quantile(known, [1 / 3, 2 / 3])
    return [None if np.isnan(number) else int(number > low) + int(number > high) for number in numbers]
