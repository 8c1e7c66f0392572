"""Reads rows of a table of predictions that a person asks for: those of a group, or of one cell of a matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from evaluation.conditions import Condition, mask
from evaluation.predictions import DATA, LABEL, PREDICTION, ROW, SCORE, read_csv
from tables.objects import parse_location
from tables.store import Store

LIMIT = 200
COLUMNS = 30
CELL = 200  # characters


def select_rows(
    store: Store, uri: str, schema: Mapping[str, Any], conditions: Sequence[Condition], actual: str = "",
    predicted: str = "",
) -> dict[str, Any]:  # fmt: skip
    """{"columns", "rows": [{"row", "label", "prediction", "score"?, "cells"}], "count"} of the table at `uri`.

    Rows meet all `conditions`, and have the label `actual` and the prediction `predicted` where these are given; the
    first LIMIT are listed, those predicted wrong before the others.
    """
    bucket, key = parse_location(uri)
    with store.open(bucket, key) as body:
        table = read_csv(body.read(), is_regression=not schema["classes"])
    if conditions:
        table = table.filter(mask(schema, conditions))
    if actual:
        table = table.filter(pl.col(LABEL) == actual)
    if predicted:
        table = table.filter(pl.col(PREDICTION) == predicted)
    count = len(table)
    wrong = (pl.col(LABEL) != pl.col(PREDICTION)) if schema["classes"] else (pl.col(LABEL) - pl.col(PREDICTION)).abs()
    table = table.sort(wrong, descending=True, maintain_order=True).head(LIMIT)
    named = list(dict.fromkeys(condition["column"] for condition in conditions))
    features = [c["name"] for c in schema["columns"] if c["role"] != "target" and DATA + c["name"] in table.columns]
    names = [*named, *(name for name in features if name not in named)][:COLUMNS]
    rows = []
    for row in table.iter_rows(named=True):
        cells = [(row[DATA + name] or "")[:CELL] for name in names]
        rows.append({"row": row[ROW], "label": row[LABEL], "prediction": row[PREDICTION], "cells": cells} | (
            {"score": row[SCORE]} if SCORE in row else {}
        ))  # fmt: skip
    return {"columns": names, "rows": rows, "count": count}
