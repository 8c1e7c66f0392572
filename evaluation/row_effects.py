"""Reads the reasons of one test row, by its number in the person's table, from the file of effects."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from evaluation.effects import BASE, CLASS, EFFECT, END, SAMPLED, SCALE, START, VALUE, read_effects
from evaluation.predictions import LABEL, PREDICTION, ROW
from tables.objects import parse_location
from tables.store import Store

CELL = 80  # characters


def row_effects(store: Store, uri: str, row: int, count: int) -> dict[str, Any]:
    """{"row", "label", "prediction", "sampled", "columns", "previous", "next", "reasons": as `tables.reasons`}.

    "columns" is how many columns there are, "previous" and "next" the numbers of rows on both sides or 0. Row 0 is the
    first. {} if the row has no effects.
    """
    bucket, key = parse_location(uri)
    with store.open(bucket, key) as body:
        table = read_effects(body.read()).with_columns(pl.col(ROW).cast(pl.Int64)).sort(ROW)
    numbers = table[ROW].to_numpy()
    index = int(np.searchsorted(numbers, row)) if row else 0
    if index >= len(numbers) or (row and numbers[index] != row):
        return {}
    cells = table.row(index, named=True)
    names = [name.removeprefix(EFFECT) for name in table.columns if name.startswith(EFFECT)]
    effects = {name: float(cells[EFFECT + name]) for name in names}
    ordered = sorted(names, key=lambda name: -abs(effects[name]))
    reasons = [
        {"column": name, "value": None if (value := cells[VALUE + name]) is None else value[:CELL],
         "effect": effects[name]}
        for name in ordered[:count]
    ]  # fmt: skip
    document = {key: float(cells[key]) for key in (BASE, START, END)} | {"scale": cells[SCALE], "reasons": reasons}
    document |= {"rest": sum(effects[name] for name in ordered[count:])}
    document |= {"class": cells[CLASS]} if cells[CLASS] else {}
    return {
        "row": int(numbers[index]), "label": cells[LABEL], "prediction": cells[PREDICTION],
        "sampled": int(cells[SAMPLED]), "columns": len(names), "rows": len(numbers), "reasons": document,
        "previous": int(numbers[index - 1]) if index else 0,
        "next": int(numbers[index + 1]) if index + 1 < len(numbers) else 0,
    }  # fmt: skip
