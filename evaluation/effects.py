"""What each column of the person's table adds to the answers for test rows: a table with a row for each.

Columns: "row", its number in the person's table; "label"; "prediction"; "base", "start", "end", "scale" and "class" as
`tables.reasons` describes them; "sampled", the number of random orders that effects are estimated from, 0 for exact
ones; "value.<column>" as it is written and "effect.<column>" for each column.
"""

from __future__ import annotations

import io
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from algorithms.contract import InvocationError
from algorithms.contributions import Contributions, Scale
from algorithms.predictor import Predictor
from evaluation.explain import Explainer
from evaluation.intervals import SEED
from evaluation.predictions import DATA, LABEL, PREDICTION, ROW, header_of
from tables.reasons import ReasonColumns

EFFECT, VALUE = "effect.", "value."
BASE, START, END, SCALE, CLASS, SAMPLED = "base", "start", "end", "scale", "class", "sampled"
MAX_ROWS = 10_000
MAX_EFFECTS = 500_000  # of all rows: the file is read whole for each row that is shown
MAX_SAMPLED_ROWS = 60
ORDERS = 30  # random orders of the columns for one row
SECONDS = 60.0  # rows that are not reached in this time are left out
_BLOCK = 500  # rows
_MAX_NUMBERS = 2_000_000  # of the contributions of one block


def effects_table(
    predictor: Predictor, explainer: Explainer, schema: Mapping[str, Any], table: pl.DataFrame, first: Sequence[int]
) -> pl.DataFrame:
    """The effects of rows of the table of predictions `table`, in the order of their numbers.

    The rows with the numbers `first` come before evenly chosen ones where time or rows are limited. An algorithm
    without contributions of its own gets estimates (`_sampled`) of MAX_SAMPLED_ROWS rows at most.
    """
    columns = ReasonColumns(schema, predictor.n_features)
    try:
        predictor.contributions(explainer.encode(table.head(1)))
        limit = max(MAX_SAMPLED_ROWS, min(MAX_ROWS, MAX_EFFECTS // len(columns.names)))
        rows, orders = _chosen(table, first, limit), 0
    except InvocationError:
        rows, orders = _chosen(table, first, MAX_SAMPLED_ROWS), ORDERS
    size = max(1, min(_BLOCK, _MAX_NUMBERS // (predictor.n_features * max(1, len(schema["classes"])))))
    until, parts = time.monotonic() + SECONDS, []
    for start in range(0, len(rows), 1 if orders else size):
        if time.monotonic() > until:
            break
        block = rows[start : start + (1 if orders else size)]
        encoded = explainer.encode(block)
        contributions = _sampled(explainer, encoded) if orders else predictor.contributions(encoded)
        effects = contributions.effects if orders else columns.sums(contributions.effects)
        parts.append(_frame(block, contributions, effects, columns.names, orders, list(schema["classes"])))
    return pl.concat(parts).sort(ROW)


def write_effects(table: pl.DataFrame) -> bytes:
    """The table as CSV; numbers parse to the same float64."""
    return table.write_csv().encode()


def read_effects(body: bytes) -> pl.DataFrame:
    """The table that `write_effects` wrote."""
    schema = dict.fromkeys(header_of(body), pl.String)
    return pl.read_csv(io.BytesIO(body), has_header=False, skip_rows=1, schema=schema)


def _chosen(table: pl.DataFrame, first: Sequence[int], limit: int) -> pl.DataFrame:
    worst = table.filter(pl.col(ROW).is_in(list(first)[:limit]))
    rest = limit - len(worst)
    if rest <= 0 or len(table) <= len(worst):
        return worst
    others = table.filter(~pl.col(ROW).is_in(worst[ROW].to_list()))
    return pl.concat([worst, others.gather_every(-(-len(others) // rest))])


def _frame(
    block: pl.DataFrame, contributions: Contributions, effects: np.ndarray, names: Sequence[str], orders: int,
    classes: Sequence[str],
) -> pl.DataFrame:  # fmt: skip
    if contributions.classes is not None:
        explained = [classes[index] for index in contributions.classes.tolist()]
    else:
        explained = [classes[1] if len(classes) == 2 else ""] * len(block)
    frame = block.select(ROW, pl.col(LABEL).cast(pl.String), pl.col(PREDICTION).cast(pl.String)).with_columns(
        pl.Series(BASE, contributions.base), pl.Series(START, contributions.start), pl.Series(END, contributions.end),
        pl.lit(str(contributions.scale)).alias(SCALE), pl.Series(CLASS, explained), pl.lit(orders).alias(SAMPLED),
    )  # fmt: skip
    values = [block[DATA + name].alias(VALUE + name) for name in names]
    return frame.with_columns(*values, *(pl.Series(EFFECT + name, effects[:, at]) for at, name in enumerate(names)))


def _sampled(explainer: Explainer, encoded: np.ndarray) -> Contributions:
    """Estimate the Shapley values of one encoded row: in random orders its columns replace those of other rows.

    Source: Strumbelj and Kononenko 2014, "Explaining prediction models and individual predictions with feature
    contributions". The effects of each order add up, so their means do.
    """
    rng, blocks = np.random.default_rng(SEED), list(explainer.blocks)
    others = explainer.encoded[rng.integers(len(explainer.encoded), size=ORDERS)]
    orders = np.array([rng.permutation(len(blocks)) for _ in range(ORDERS)])
    steps = np.repeat(others[:, None, :], len(blocks) + 1, axis=1)
    for number, order in enumerate(orders):
        for step, column in enumerate(order, 1):
            steps[number, step:, blocks[column]] = encoded[0, blocks[column]]
    outputs = explainer.outputs(steps.reshape(-1, encoded.shape[1]))
    classes = None
    if outputs.ndim > 1:
        predicted = int(explainer.outputs(encoded)[0].argmax())
        classes = None if outputs.shape[1] == 2 else np.array([predicted])
        outputs = outputs[:, 1 if classes is None else predicted]
    path = outputs.reshape(ORDERS, len(blocks) + 1)
    effects = np.zeros((ORDERS, len(blocks)))
    np.put_along_axis(effects, orders, np.diff(path, axis=1), axis=1)
    start, end = path[:, :1].mean(axis=0), path[:, -1:].mean(axis=0)
    return Contributions(effects.mean(axis=0)[None, :], start, classes, start, end, Scale.ANSWER)
