"""Presses fixes until nothing is found or none is left: no press may lead back to where a person was before."""

from __future__ import annotations

import json
from random import Random

import algorithms
from tests.corpus.cases import Table, table
from tests.fuzz.faults import Dirty, dirty
from tests.fuzz.generate import Generated, generate
from tests.fuzz.truth import claim, look

PRESSES = 60  # far more than a table of seven columns has findings
_SETTINGS: tuple[dict[str, str], ...] = (
    {}, {"csv_weights": "1"}, {"objective": "rank:ndcg"}, {"early_stopping_rounds": "5"}, {"k": "5000"},
    {"num_round": "none", "nonsense": "1"}, {"num_components": "900", "feature_dim": "3"},
)  # fmt: skip


def start(random: Random) -> Table:
    """A table with or without faults, and a job that may be wrong in several ways."""
    dirty_table = dirty(random) if random.random() < 0.6 else None
    known = dirty_table.known if dirty_table else generate(random)
    tried = table(*_files(dirty_table, known), target=known.target, algorithm=random.choice([*algorithms.ALGORITHMS]))
    names = [column.name for column in known.columns]
    changes: dict = {"hyperparameters": dict(random.choice(_SETTINGS))}
    if random.random() < 0.2:
        changes |= {"prepare": False}
    if random.random() < 0.3:
        changes |= {"excluded": random.sample(names, random.randint(1, len(names)))}
    if random.random() < 0.2:
        changes |= {"weight": random.choice(names)}
    if random.random() < 0.2:
        changes |= {"monotone": {random.choice(names): random.choice(("up", "down"))}}
    if random.random() < 0.2:
        changes |= {"target": random.choice([*names, "", "gone"])}
    if random.random() < 0.2:
        changes |= {"has_header": random.random() < 0.5}
    if random.random() < 0.2:
        changes |= {"types": {random.choice(names): random.choice(("number", "category", "datetime", "boolean"))}}
    if random.random() < 0.2:
        changes |= {"validation": random.choice(("none", "time", "group"))}
    return tried.but(**changes)


def _files(dirty_table: Dirty | None, known: Generated) -> tuple[bytes | dict[str, bytes], str]:
    if dirty_table is None:
        return known.body, known.key
    return dirty_table.files, known.key if len(dirty_table.files) == 1 else "d/"


def press(tried: Table, random: Random) -> Table:
    """`tried` after fixes pressed at random, errors before warnings. Raises Untrue for a press that leads back."""
    observed = {_state(tried)}
    for _ in range(PRESSES):
        tried = look(tried)
        fixes = [(f, fix) for level in ("err", "warn") for f in tried.report.findings if f.level == level
                 for fix in f.fixes]  # fmt: skip
        if not fixes:
            return tried
        errors = [pair for pair in fixes if pair[0].level == "err"]
        finding, fix = random.choice(errors or fixes)
        tried = tried.apply(fix)
        claim(_state(tried) not in observed, "a fix leads back", finding.id, finding.column, fix.label, fix.changes)
        observed.add(_state(tried))
    claim(False, "fixes without an end", tried.findings())
    return tried


def _state(tried: Table) -> str:
    return json.dumps(tried.job.as_json(), sort_keys=True, default=str)
