"""Figures of anomaly scores: distribution, rows beyond the cut, course over time, unusual columns.

The cut is the score that a share of the training rows does not pass, so the baseline is the share that does: by chance
alone so many rows are flagged. A number is unusual by its distance from the column's median in robust standard
deviations (interquartile range / 1.349), a text by how rare it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from evaluation.conditions import cell, is_number
from evaluation.encoded_sample import Document, listed_figures, listed_rows
from evaluation.intervals import bootstrap_intervals, share_interval
from evaluation.predictions import DATA, ROW, SCORE
from tables import parse_polars

BINS = 40  # of the histogram of scores
STEPS = 240  # of the scores in order, each with the highest of its rows
MARKED = 200  # flagged rows in that chart
HIGHEST = 50  # rows that are listed
NEAREST = 12  # rows that are listed where none passes the cut
OWN_QUANTILE = 0.99  # of these rows, where the model keeps no threshold
MAX_COLUMNS = 1_000
REASONS = 3  # of one row
UNUSUAL = 2.0  # robust standard deviations from which a number is a reason
RARE = 0.05  # share of rows up to which a text is a reason


def anomalies(table: pl.DataFrame, schema: Mapping[str, Any], quantiles: Mapping[str, float]) -> Document:
    """The figures of `table`, a table of `answers`; `quantiles` are the training scores' that the model keeps."""
    score = table[SCORE].to_numpy()
    by_quantile = {float(quantile): float(value) for quantile, value in quantiles.items()}
    quantile = max(by_quantile, default=OWN_QUANTILE)
    cut = by_quantile.get(quantile, float(np.quantile(score, OWN_QUANTILE)))
    flagged = score > cut
    order = np.argsort(-score, kind="stable")[: min(int(flagged.sum()), HIGHEST) or NEAREST]
    reasons = _reasons(table, schema, order)
    facts = [
        {"value": float(score[at]), "flagged": bool(flagged[at]), "reasons": reasons[rank]}
        for rank, at in enumerate(order)
    ]
    interval = share_interval(int(flagged.sum()), len(score), is_rare=True) if by_quantile else None
    return {
        "metrics": _metrics(score, flagged, cut, quantile if by_quantile else None, interval),
        "flagged": int(flagged.sum()),
        "cut": cut,
        "quantile": quantile,
        "is_of_training": bool(by_quantile),
        "histogram": _histogram(score, cut),
        "order": _in_order(table, schema, score, flagged),
        "worst": listed_rows(table, schema, order.tolist(), facts),
    }


def _metrics(
    score: np.ndarray, flagged: np.ndarray, cut: float, quantile: float | None, interval: tuple[float, float] | None
) -> list[Document]:
    values = {
        "flagged_share": float(flagged.mean()), "highest_score": float(score.max()),
        "median_score": float(np.median(score)),
    }  # fmt: skip
    intervals = bootstrap_intervals(lambda drawn: {"median_score": float(np.median(score[drawn]))}, len(score))
    if interval:
        intervals["flagged_share"] = interval
    baseline = {"highest_score": cut, "median_score": cut}
    return listed_figures(values, intervals, baseline | ({"flagged_share": 1 - quantile} if quantile else {}))


def _histogram(score: np.ndarray, cut: float) -> Document:
    low, high = float(min(score.min(), cut)), float(max(score.max(), cut))
    high = high if high > low else low + 1
    counts, _edges = np.histogram(score, np.linspace(low, high, BINS + 1))
    return {"low": low, "high": high, "counts": counts.tolist()}


def _in_order(table: pl.DataFrame, schema: Mapping[str, Any], score: np.ndarray, flagged: np.ndarray) -> Document:
    """The highest score of each step of time, by the first column of dates; by row number where there is none.

    {"by": the column or "", "steps": [[position, score]], "marked": the highest flagged ones as [[position, score]]}.
    """
    by, position = _times(table, schema)
    known = np.isfinite(position)
    position, score, flagged = position[known], score[known], flagged[known]
    low, high = position.min(), position.max()
    step = ((position - low) / ((high - low) or 1) * (STEPS - 1)).astype(int)
    highest = np.full(STEPS, -np.inf)
    np.maximum.at(highest, step, score)
    filled = np.flatnonzero(np.isfinite(highest))
    steps = [[float(low + (high - low) * at / (STEPS - 1)), float(highest[at])] for at in filled]
    marked = np.flatnonzero(flagged)
    marked = np.sort(marked[np.argsort(-score[marked], kind="stable")[:MARKED]])
    return {"by": by, "steps": steps, "marked": [[float(position[at]), float(score[at])] for at in marked]}


def _times(table: pl.DataFrame, schema: Mapping[str, Any]) -> tuple[str, np.ndarray]:
    """(column of dates, seconds since 1970), or ("", row numbers): float64 (rows,)."""
    for column in schema["columns"]:
        if column["kind"] == "datetime" and column.get("form") and DATA + column["name"] in table.columns:
            text = table.select(cell(column).alias("v"))
            moments = text.select(parse_polars.parse_timestamp(pl.col("v"), column["form"])).to_series()
            if moments.null_count() < len(moments) / 2:
                return column["name"], moments.cast(pl.Float64).fill_null(np.nan).to_numpy()
    rows = table[ROW].to_numpy().astype(float)
    return "", rows if (rows > 0).all() else np.arange(1.0, len(table) + 1)


def _reasons(table: pl.DataFrame, schema: Mapping[str, Any], order: np.ndarray) -> list[list[Document]]:
    """What is unusual about each of the rows at `order`, the most unusual column first.

    {"column", "value", "away": robust standard deviations}, or {"column", "value", "share": of the rows}.
    """
    reasons: list[list[tuple[float, Document]]] = [[] for _ in order]
    for name, texts, values in _columns(table, schema):
        if values is None:
            counts = dict(texts.value_counts().rows())
            for at, row in enumerate(order):
                share = counts[texts[int(row)]] / len(texts)
                if share <= RARE:
                    text = (texts[int(row)] or "")[:80]
                    rarity = float(np.sqrt((1 - share) / share))  # standard deviations of being that text or not
                    reasons[at].append((rarity, {"column": name, "value": text, "share": float(share)}))
            continue
        known = values[np.isfinite(values)]
        if not len(known):
            continue
        low, middle, high = np.quantile(known, (0.25, 0.5, 0.75))
        spread = (high - low) / 1.349 or float(known.std())
        for at, row in enumerate(order):
            away = (values[row] - middle) / spread if spread else 0.0
            if np.isfinite(away) and abs(away) >= UNUSUAL:
                reasons[at].append((abs(away), {"column": name, "value": texts[int(row)][:80], "away": float(away)}))
    return [[one for _size, one in sorted(each, key=lambda pair: -pair[0])[:REASONS]] for each in reasons]


def _columns(
    table: pl.DataFrame, schema: Mapping[str, Any]
) -> Iterator[tuple[str, pl.Series, np.ndarray | None]]:  # fmt: skip
    """(name, cells, numbers or None) of the model's columns; every text of a column of free text is rare, so none."""
    features = [column for column in schema["columns"] if column["role"] == "feature"]
    for column in [column for column in features if DATA + column["name"] in table.columns][:MAX_COLUMNS]:
        texts = table[DATA + column["name"]]
        if is_number(column):
            numbers = table.select(cell(column).alias("v")).to_series().cast(pl.Float64).fill_null(np.nan).to_numpy()
            yield column["name"], texts, numbers
        elif column["kind"] in ("category", "boolean"):
            yield column["name"], texts, None
