"""Pairs of columns whose effects depend on each other, by Friedman's H-statistic.

Of the joint partial dependence of two columns, H squared is the share that is not the sum of what each does alone
(Friedman and Popescu 2008, "Predictive learning via rule ensembles"). Scores of two classes count in log-odds, in
which effects of most models add up.
"""

from __future__ import annotations

import time
from itertools import combinations
from typing import Any

import numpy as np

from evaluation.explain import Explainer

COLUMNS = 5  # the most important ones, of which all pairs are looked at
ROWS = 30
SECONDS = 20.0  # pairs that are not reached in this time are left out
LEAST = 0.06  # of H squared, that are named
NOISE = 0.05  # of the variance of the pair that moves the answer most: less is not named
MAX_PAIRS = 3


def interactions(explainer: Explainer, names: list[str]) -> list[dict[str, Any]]:
    """[{"columns": (a, b), "share": H squared}] of pairs of the first COLUMNS of `names`, the strongest first."""
    rows = explainer.encoded[:: max(1, len(explainer.encoded) // ROWS)][:ROWS]
    chosen, until = names[:COLUMNS], time.monotonic() + SECONDS
    alone = {name: _dependence(explainer, rows, [name]) for name in chosen}
    pairs: list[tuple[tuple[str, str], float, float]] = []
    for one, other in combinations(chosen, 2):
        if time.monotonic() > until:
            break
        joint = _dependence(explainer, rows, [one, other])
        total = float((joint**2).sum())
        share = float(((joint - alone[one] - alone[other]) ** 2).sum()) / total if total > 0 else 0.0
        pairs.append(((one, other), share, total))
    largest = max((size for _pair, _share, size in pairs), default=0.0)
    named = [(pair, share, size) for pair, share, size in pairs if share >= LEAST and share * size >= NOISE * largest]
    named.sort(key=lambda entry: -entry[1] * entry[2])
    return [{"columns": list(pair), "share": min(1.0, share)} for pair, share, _size in named[:MAX_PAIRS]]


def _dependence(explainer: Explainer, rows: np.ndarray, names: list[str]) -> np.ndarray:
    """The mean answer at the values that each of `rows` has in the columns `names`, less the mean of these."""
    changed = np.repeat(rows[None, :, :], len(rows), axis=0)
    for name in names:
        block = explainer.block(name)
        changed[:, :, block] = rows[:, None, block]
    outputs = explainer.outputs(changed.reshape(-1, rows.shape[1]))
    if outputs.ndim > 1:
        outputs = outputs[:, 1] if outputs.shape[1] == 2 else outputs[:, outputs.mean(axis=0).argmax()]
        if explainer.are_shares:
            outputs = _log_odds(outputs)
    means = outputs.reshape(len(rows), len(rows)).mean(axis=1)
    return means - means.mean()


def _log_odds(shares: np.ndarray) -> np.ndarray:
    """The log-odds of shares; 0 and 1, as votes of few neighbours have them, count as half of the smallest other share.

    As they are they would be infinite, and hide all else.
    """
    inner = shares[(shares > 0) & (shares < 1)]
    edge = min(inner.min(), 1 - inner.max()) / 2 if len(inner) else 0.25
    clipped = np.clip(shares, edge, 1 - edge)
    return np.log(clipped / (1 - clipped))
