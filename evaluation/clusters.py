"""Figures of clusters, by scikit-learn: separation, fitting number of clusters, traits of each.

Nothing says which group a row belongs to, so the baseline is chance: the same sizes, dealt to the rows at random; and
one group for all rows, where distances to centers are measured.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from evaluation.answers import CLUSTER, DISTANCE
from evaluation.encoded_sample import Document, EncodedSample, drawn_map, listed_figures, listed_rows
from evaluation.intervals import SEED, Figures, bootstrap_intervals
from evaluation.profiles import group_profiles

SHUFFLES = 5  # random assignments whose mean is the baseline
COUNTS = range(2, 13)  # numbers of groups that are tried
TRIED_ROWS = 1_000
SECONDS = 20.0  # numbers of groups that are not reached in this time are left out
UNUSUAL = 12  # rows
MAX_GROUPS = 200  # that are listed, the largest


def clusters(table: pl.DataFrame, schema: Mapping[str, Any], sample: EncodedSample) -> Document:
    """The figures of `table`, a table of `answers`, whose rows at `sample.at` are encoded in `sample`."""
    numbers = table[CLUSTER].to_numpy()
    names, group = np.unique(numbers, return_inverse=True)
    distance = table[DISTANCE].to_numpy() if DISTANCE in table.columns else None
    sampled = group[sample.at]
    apart = metrics.pairwise_distances(sample.rows)
    silhouettes = _silhouettes(apart, sampled)

    values, baseline = _figures(sample.rows, apart, sampled), _by_chance(sample.rows, apart, sampled)
    intervals = {}
    if silhouettes is not None:
        intervals = bootstrap_intervals(lambda drawn: {"silhouette": float(silhouettes[drawn].mean())}, len(sampled))
    if distance is not None:
        near, far = distance[sample.at], np.linalg.norm(sample.rows - sample.rows.mean(axis=0), axis=1)
        values["mean_distance"], baseline["mean_distance"] = float(near.mean()), float(far.mean())
        intervals |= bootstrap_intervals(lambda drawn: {"mean_distance": float(near[drawn].mean())}, len(sampled))
    sizes = np.bincount(group)
    listed = np.sort(np.argsort(-sizes, kind="stable")[:MAX_GROUPS])
    profiles = group_profiles(table, schema, group, listed.tolist())
    return {
        "metrics": listed_figures(values, intervals, baseline),
        "sampled": len(sampled),
        "groups": [
            {
                "name": int(names[at]), "rows": int(sizes[at]), "silhouette": _mean(silhouettes, sampled == at),
                "distance": None if distance is None else float(distance[group == at].mean()), "traits": profile,
            }
            for at, profile in zip(listed, profiles, strict=True)
        ],
        "group_count": len(names),
        "map": drawn_map(sample.rows, names[sampled].tolist()),
        "counts": _try_counts(sample.rows, apart),
        "worst": _unusual(table, schema, numbers, distance),
    }  # fmt: skip


def _figures(rows: np.ndarray, apart: np.ndarray, group: np.ndarray) -> Figures:
    """Figures that need 2 groups or more, and fewer than rows; none otherwise."""
    if not 2 <= len(np.unique(group)) < len(rows):
        return {}
    return {
        "silhouette": float(metrics.silhouette_score(apart, group, metric="precomputed")),
        "davies_bouldin": float(metrics.davies_bouldin_score(rows, group)),
        "calinski_harabasz": float(metrics.calinski_harabasz_score(rows, group)),
    }


def _by_chance(rows: np.ndarray, apart: np.ndarray, group: np.ndarray) -> Figures:
    rng = np.random.default_rng(SEED)
    drawn = [_figures(rows, apart, rng.permutation(group)) for _ in range(SHUFFLES)]
    return {name: float(np.mean([each[name] for each in drawn])) for name in drawn[0]}


def _silhouettes(apart: np.ndarray, group: np.ndarray) -> np.ndarray | None:
    if not 2 <= len(np.unique(group)) < len(group):
        return None
    return np.asarray(metrics.silhouette_samples(apart, group, metric="precomputed"))


def _try_counts(rows: np.ndarray, apart: np.ndarray) -> list[list[float]]:
    """[[number of groups, silhouette]] of scikit-learn's k-means on the rows, as far as time goes."""
    chosen = np.arange(0, len(rows), -(-len(rows) // TRIED_ROWS))
    rows, apart = rows[chosen], apart[np.ix_(chosen, chosen)]
    different = len(np.unique(rows, axis=0))
    until, tried = time.monotonic() + SECONDS, []
    for count in COUNTS:
        if count >= different or time.monotonic() > until:
            break
        with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
            group = KMeans(count, n_init=2, random_state=SEED).fit_predict(rows)
        tried.append([count, float(metrics.silhouette_score(apart, group, metric="precomputed"))])
    return tried


def _unusual(
    table: pl.DataFrame, schema: Mapping[str, Any], numbers: np.ndarray, distance: np.ndarray | None
) -> Document:
    if distance is None:
        return {"columns": [], "rows": []}
    order = np.argsort(-distance, kind="stable")[:UNUSUAL]
    facts = [{"group": int(numbers[at]), "value": float(distance[at])} for at in order]
    return listed_rows(table, schema, order.tolist(), facts)


def _mean(values: np.ndarray | None, inside: np.ndarray) -> float | None:
    return None if values is None or not inside.any() else float(values[inside].mean())
