"""Encodes the rows of a frame that can be read, and says of each other why it cannot."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from common.messages import _
from common.problems import Problem
from tables.encode_row import RowEncoder
from tables.raw_rows import ROW_NUMBER


def encode_readable(encoder: RowEncoder, raw: pl.DataFrame) -> tuple[np.ndarray, list[str]]:
    """(float64 (readable rows, features), for each row of `raw` why it cannot be read, "" for one that can).

    `raw` has ROW_NUMBER and the encoder's columns as text.
    """
    try:
        return encoder.encode(raw.select(encoder.names).to_dicts(), strict=False), [""] * len(raw)
    except Problem:
        rows = list(_each(encoder, raw))
    encoded = [row for row in rows if isinstance(row, np.ndarray)]
    reasons = [row.message if isinstance(row, Problem) else "" for row in rows]
    return np.concatenate([np.empty((0, len(encoder.features))), *encoded]), reasons


def _each(encoder: RowEncoder, raw: pl.DataFrame) -> Iterator[np.ndarray | Problem]:
    for row in raw.select(ROW_NUMBER, *encoder.names).iter_rows(named=True):
        number = row.pop(ROW_NUMBER)
        try:
            yield encoder.encode([row], strict=False)
        except Problem as e:
            yield Problem(_("row %(row)s: %(why)s", row=number, why=e.message)) if number else e
