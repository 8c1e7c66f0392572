"""Detects target leakage by parts: columns of numbers that add up to the target, as casual and registered to all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from tables import parse_polars
from tables.profile import ColumnProfile

MIN_SHARE = 0.99  # of the rows in which the sum equals the target
MIN_ROWS = 50
MAX_COLUMNS = 100
MAX_PARTS = 8
SAMPLE_ROWS = 2000
PAIR_ROWS = 64  # rows on which every pair is tried
MAX_TRIED = 20  # pairs that are tried on all rows
REFITS = 3  # times that the rows which fit worst are left out
_ROUNDING = 1e-6  # of the target's greatest value


class Numbers(NamedTuple):
    """Columns of numbers beside the target, in rows that have one. NaN is no number."""

    names: list[str]
    x: np.ndarray  # (rows, columns)
    y: np.ndarray  # (rows,)


def find_sum(numbers: Numbers | None) -> dict[str, int]:
    """{column: 1 or -1} of the columns that, added and subtracted so, equal the target in nearly all rows.

    {} if there are none. A single column that equals the target is found by `leaks.find_leaks`.
    """
    if numbers is None:
        return {}
    names, x, y = numbers
    for weights in (*_pairs(x, y), _fitted(x, y)):
        if weights is not None and _equals(x, y, weights):
            return {names[at]: int(weights[at]) for at in np.flatnonzero(weights)}
    return {}


def read_numbers_of(sample: pl.DataFrame, columns: list[ColumnProfile], target: str) -> Numbers | None:
    """The columns of numbers in `sample`. None where the target is no number, or too little is there to compare."""
    profiles = {column.name: column for column in columns}
    target_profile = profiles.get(target)
    if target_profile is None or target_profile.kind != "number" or target_profile.distinct < 2:
        return None
    parts = [
        c for c in columns if c.name != target and c.kind == "number" and c.distinct > 1 and 2 * c.missing <= c.rows
    ][:MAX_COLUMNS]
    if len(parts) < 2 or len(sample) < MIN_ROWS:
        return None
    sample = sample.gather_every(max(1, len(sample) // SAMPLE_ROWS))
    names = [part.name for part in parts]
    read = sample.select(*_numbers([target_profile, *parts])).select(target, *names).to_numpy()
    read = read[np.isfinite(read[:, 0])]
    return Numbers(names, read[:, 1:], read[:, 0]) if len(read) >= MIN_ROWS else None


def _numbers(columns: list[ColumnProfile]) -> list[pl.Expr]:
    """The numbers of `columns`, by one expression for all that are written plainly."""
    plain = parse_polars.strip_missing(pl.col([column.name for column in columns if not column.numbers_as]))
    styled = [
        parse_polars.normalize_number(parse_polars.strip_missing(pl.col(column.name)), column.numbers_as)
        for column in columns
        if column.numbers_as
    ]
    return [parse_polars.parse_number(cell).cast(pl.Float64) for cell in (plain, *styled)]


def _matches(total: np.ndarray, y: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", over="ignore"):
        return np.abs(total - y) <= _ROUNDING * max(float(np.abs(y).max()), 1e-300)


def _equals(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> bool:
    """True if the weighted sum is the target, in the rows where it is not 0, too."""
    used = np.flatnonzero(weights)
    whole = np.isfinite(x[:, used]).all(axis=1)
    if whole.sum() < max(MIN_ROWS, len(y) / 2):
        return False
    y = y[whole]
    matches = _matches(x[np.ix_(whole, used)] @ weights[used], y)
    others = matches[y != 0]
    return bool(matches.mean() >= MIN_SHARE and len(others) >= MIN_ROWS / 2 and others.mean() >= MIN_SHARE)


def _pairs(x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """The weights of pairs that fit in most of some rows, of which the target is 0 in none; at most MAX_TRIED."""
    rows = np.flatnonzero(y)
    if not len(rows):
        return []
    rows = rows[:: max(1, len(rows) // PAIR_ROWS)][:PAIR_ROWS]
    x, y = x[rows], y[rows, None]
    pairs: list[np.ndarray] = []
    for first in range(x.shape[1]):
        for sign, others in ((1, x[:, first:]), (-1, x)):  # a sum has no order
            matches = _matches(x[:, first, None] + sign * others, y).sum(axis=0)
            for at in np.flatnonzero(2 * matches > len(rows)):
                second = int(at) + (first if sign == 1 else 0)
                if second != first and len(pairs) < MAX_TRIED:
                    weights = np.zeros(x.shape[1])
                    weights[[first, second]] = 1, sign
                    pairs.append(weights)
    return pairs


def _least_squares(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The shortest of the weights of the columns of `x` that are nearest to `y`.

    The rows are reduced by QR decompositions too small for BLAS to start threads, which spin on a busy machine and take
    many times as long as the work.
    """
    rows, both = len(x), np.column_stack([x, y])
    size = 2 * both.shape[1]
    while len(both) >= 2 * size:
        whole = len(both) // size * size
        pieces = np.asarray(np.linalg.qr(both[:whole].reshape(-1, size, both.shape[1]), mode="r"))
        both = np.concatenate([pieces.reshape(-1, both.shape[1]), both[whole:]])
    return np.linalg.lstsq(both[:, :-1], both[:, -1], rcond=rows * np.finfo(float).eps)[0]


def _fitted(x: np.ndarray, y: np.ndarray) -> np.ndarray | None:
    """Weights of -1, 0 and 1 by least squares, None if the best are others; a few rows may not fit."""
    filled = np.isfinite(x).mean(axis=0) > 0.9
    rows = np.isfinite(x[:, filled]).all(axis=1)
    x, y, size = x[np.ix_(rows, filled)], y[rows], x.shape[1]
    if x.shape[1] < 2 or len(y) < max(MIN_ROWS, 2 * x.shape[1]):
        return None
    scale = np.abs(x).max(axis=0)
    scale[scale == 0] = 1.0
    for _ in range(REFITS):
        fitted = _least_squares(x / scale, y) / scale
        error = np.abs(np.einsum("ij,j->i", x, fitted) - y)
        near = error <= np.quantile(error, MIN_SHARE)
        x, y = x[near], y[near]
    whole = np.round(fitted)
    if np.abs(fitted - whole).max() > 1e-3 or not 2 <= np.abs(whole).sum() <= MAX_PARTS or np.abs(whole).max() > 1:
        return None
    weights = np.zeros(size)
    weights[np.flatnonzero(filled)] = whole
    return weights
