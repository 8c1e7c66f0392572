"""Holds what the product says of a table against what is known of it otherwise."""

from __future__ import annotations

import math
from collections import Counter
from random import Random

import numpy as np

import algorithms
import preflight
from common.problems import Problem
from jobs.estimate import estimate
from tables.failures import ReadFailure
from tests.corpus.cases import Table, table
from tests.fuzz.generate import Column, Generated

KINDS = {"number": {"number"}, "boolean": {"boolean"}, "datetime": {"datetime"}, "word": {"category", "text"}}
CLOSE = 1e-9


class Untrue(AssertionError):
    """The product said what is not so. The message begins with a short name of the claim."""


def claim(holds: bool, name: str, *facts: object) -> None:
    if not holds:
        raise Untrue(f"{name}: {' | '.join(str(fact)[:300] for fact in facts)}")


def look(tried: Table) -> Table:
    """Read, check, plan and estimate; the page's first look too. Whatever fails must say why.

    Raises Untrue for a failure that nobody foresaw.
    """
    for data in (tried.preview, tried.data):
        for problem in data.problems:
            claim(not isinstance(problem, ReadFailure), "unforeseen", problem.message)
            claim(bool(problem.message.strip()), "no words", repr(problem))
        report = preflight.check(tried.job, data)
        claim(
            not any(f.unknown for f in report.findings), "check failed", [f.text for f in report.findings if f.unknown]
        )
        claim(report.blocks or not data.problems, "problem without a finding", data.problems)
        if tried.job.recipe.prepare or data.inspection:
            preflight.plan_checked(tried.job, data, report)
            estimate(tried.job, data.inspection)
    return tried


def generated(known: Generated, random: Random) -> None:
    """All claims about a table that is known."""
    names = [name for name, one in algorithms.ALGORITHMS.items() if one.data.label]
    name = random.choice(names)
    tried = look(table(known.body, known.key, target=known.target, algorithm=name, validation_share=0.0))
    claim(not tried.problems, "refused", tried.problems)
    _profile(tried, known)
    if known.key == "t.libsvm" or tried.report.blocks:
        # What a clean table may be blocked for is the algorithm's: more classes than it takes, or too few rows.
        levels = {f.id for f in tried.report.findings if f.level == "err"}
        allowed = {
            "target.column",
            "hyperparameters.values",
            "rows.enough",
            "target.task",
            "hyperparameters.objective",
            "columns.large",
            "columns.text",
            "target.classes",
        }
        claim(levels <= allowed, "blocked", levels, [f.title for f in tried.report.findings if f.level == "err"])
        return
    _prepared(tried, known)


def _profile(tried: Table, known: Generated) -> None:
    profile = tried.profile
    claim(profile.rows == known.rows, "rows", profile.rows, known.rows)
    if known.key != "t.libsvm":
        claim(
            [*tried.columns] == [c.name for c in known.columns],
            "names",
            [*tried.columns],
            [c.name for c in known.columns],
        )
    claim(not profile.ragged_count and not profile.blank_lines, "faults", profile.ragged, profile.blank_lines)
    claim(sum(f["rows"] for f in profile.files) == known.rows, "rows of files", profile.files)
    for column in known.columns:
        _column(tried, column)


def _column(tried: Table, column: Column) -> None:
    message, name = tried.columns[column.name], column.name
    present = [cell for cell in column.cells if cell is not None]
    claim(
        message.missing == len(column.cells) - len(present),
        "missing",
        name,
        message.missing,
        len(column.cells) - len(present),
    )
    if not present:
        return
    claim(message.kind in KINDS[column.kind], "kind", name, message.kind, column.kind, present[:5])
    claim(not message.odd_count, "odd cells", name, message.odd_count, message.odd)
    if column.kind == "number":
        numbers = [float(cell) for cell in present]
        claim(
            (message.min, message.max) == (min(numbers), max(numbers)),
            "range",
            name,
            message.min,
            message.max,
            min(numbers),
            max(numbers),
        )
        claim(message.distinct == len(set(numbers)), "distinct", name, message.distinct, len(set(numbers)))
        mean = math.fsum(numbers) / len(numbers)
        spread = max(max(numbers) - min(numbers), abs(mean))
        claim(abs(message.mean - mean) <= CLOSE * spread, "mean", name, message.mean, mean)
        claim(abs(message.std - float(np.std(numbers))) <= 1e-6 * spread, "std", name, message.std, np.std(numbers))
        claim(sum(message.hist) == len(numbers), "histogram", name, message.hist, len(numbers))
    elif column.kind == "word":
        claim(
            message.values == Counter(cell.strip() for cell in present),
            "values",
            name,
            message.values,
            Counter(present),
        )


def _prepared(tried: Table, known: Generated) -> None:
    try:
        prepared = tried.prepared
    except Problem as e:
        raise Untrue(f"refused after all: {e.message}") from e
    schema, target = prepared.schema, known.columns[-1]
    labelled = [i for i, cell in enumerate(target.cells) if cell is not None]
    matrix = prepared.matrix()
    claim(len(matrix) == len(labelled), "prepared rows", len(matrix), len(labelled))
    features = known.columns[:-1]
    rows = [{c.name: c.cells[i] for c in features} for i in labelled]
    encoded = prepared.encode(*rows)
    single = "recordio" in prepared.data.content_type
    written = matrix[:, 1:]
    expected = encoded.astype(np.float32).astype(float) if single else encoded
    same = np.isclose(written, expected, rtol=1e-12, atol=0, equal_nan=True)
    claim(bool(same.all()), "row by name", *(_first_difference(same, written, expected, prepared.features, rows)))
    positions = {label: i for i, label in enumerate(schema["classes"])}
    for row, i in enumerate(labelled):
        cell = str(target.cells[i]).strip()
        label = matrix[row, 0]
        want = positions.get(
            cell, positions.get(f"{float(cell):.12g}") if target.kind == "number" and positions else None
        )
        truth = float(cell) if want is None and not positions else want
        claim(truth is not None and np.isclose(label, truth, rtol=1e-6), "label", i, cell, label, schema["classes"][:9])
    _numbers(tried, known, schema, written, labelled, single)


def _numbers(
    tried: Table, known: Generated, schema: dict, written: np.ndarray, labelled: list[int], single: bool
) -> None:
    """Numbers that are neither filled nor scaled stand in the prepared file as in the table."""
    positions = {name: at for at, name in enumerate(schema["features"])}
    for column in schema["columns"]:
        if column["role"] != "feature" or column["encoding"] != "number" or "shift" in column:
            continue
        source = next(c for c in known.columns if c.name == column["name"])
        values = [np.nan if source.cells[i] is None else float(source.cells[i] or 0) for i in labelled]
        cells = np.nan_to_num(np.array(values), nan=column.get("fill", np.nan), posinf=np.inf, neginf=-np.inf)
        got = written[:, positions[column["name"]]]
        close = np.isclose(got, cells, rtol=1e-6 if single else 1e-15, atol=0, equal_nan=True)
        claim(bool(close.all()), "prepared number", column["name"], got[~close][:3], cells[~close][:3])


def _first_difference(
    same: np.ndarray, written: np.ndarray, expected: np.ndarray, features: list[str], rows: list
) -> tuple:
    if same.all():
        return ()
    row, column = np.argwhere(~same)[0]
    return features[column], written[row, column], expected[row, column], rows[row]
