"""Makes of a table of predictions everything that the Evaluation page draws, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import sklearn

from evaluation.classes import binary, multiclass
from evaluation.numbers import regression
from evaluation.predictions import DATA, LABEL, PREDICTION, PROBABILITY, ROW, SCORE
from evaluation.slices import WorstGroups

VERSION = 1
WORST = 50  # rows
WORST_COLUMNS = 12  # of the table that are shown with them
CELL = 80  # characters
sklearn.set_config(assume_finite=True, skip_parameter_validation=True)


def evaluation_document(table: pl.DataFrame, schema: Mapping[str, Any], test_rows: int) -> dict[str, Any]:
    """The figures of `table`, which `predictions_table` made; `test_rows` is how many there are to choose from.

    {"version", "kind": binary | multiclass | regression, "rows", "test_rows", "target", "baseline", "metrics":
    [{"name", "value", "low", "high", "baseline"}], "slices", "worst", ...}, and what `classes` and `numbers` add.
    """
    classes = list(schema["classes"])
    if not classes:
        kind, figures = "regression", regression(table)
    elif len(classes) == 2:
        kind, figures = "binary", binary(table, classes)
    else:
        kind, figures = "multiclass", multiclass(table, classes)
    return {
        "version": VERSION,
        "kind": kind,
        "rows": len(table),
        "test_rows": test_rows,
        "target": schema.get("target", ""),
        **figures,
        "slices": WorstGroups(table, schema).find() if any(n.startswith(DATA) for n in table.columns) else None,
        "worst": _worst(table, schema),
    }


def _worst(table: pl.DataFrame, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The rows with the largest loss: {"columns", "rows": [{"row", "label", "prediction", "score"?, "cells"}]}."""
    loss = _loss(table, list(schema["classes"]))
    order = np.argsort(-loss, kind="stable")[:WORST]
    order = order[loss[order] > 0]
    columns = [c for c in schema["columns"] if c["role"] != "target" and DATA + c["name"] in table.columns]
    columns.sort(key=lambda column: column["role"] != "feature")
    names = [column["name"] for column in columns[:WORST_COLUMNS]]
    chosen = table[order.tolist()]
    rows = []
    for at in range(len(chosen)):
        cells = [(chosen[DATA + name][at] or "")[:CELL] for name in names]
        row = {"row": chosen[ROW][at], "label": chosen[LABEL][at], "prediction": chosen[PREDICTION][at], "cells": cells}
        rows.append(row | ({"score": chosen[SCORE][at]} if SCORE in chosen.columns else {}))
    return {"columns": names, "rows": rows}


def _loss(table: pl.DataFrame, classes: list[str]) -> np.ndarray:
    """How wrong each row is, 0 for a right one without a probability."""
    if not classes:
        return np.abs(table[PREDICTION].to_numpy() - table[LABEL].to_numpy())
    wrong = (table[LABEL] != table[PREDICTION]).to_numpy().astype(float)
    if all(PROBABILITY + name in table.columns for name in classes):
        shares = table.select([PROBABILITY + name for name in classes]).to_numpy()
        position = {name: at for at, name in enumerate(classes)}
        return wrong * (1 - shares[np.arange(len(table)), [position[label] for label in table[LABEL]]])
    return wrong * (1 + np.abs(table[SCORE].to_numpy())) if SCORE in table.columns else wrong
