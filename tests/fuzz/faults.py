"""Faults put into tables that are known: what must be said of them, and what pressing a fix leaves."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from random import Random

import preflight
from common.problems import Problem
from tests.corpus.cases import Table, table
from tests.fuzz.generate import Generated, generate
from tests.fuzz.truth import claim, look

ODD = {"number": ["oops", "12ab", "zzz", "?!", "see note"], "datetime": ["soon", "maybe 5", "y y"]}


@dataclass
class Dirty:
    """Files of one table with faults. Rows count from 1 over all files, lines within each file."""

    files: dict[str, bytes]
    known: Generated
    odd: dict[str, dict[int, str]] = field(default_factory=dict)  # column -> {row: cell}
    ragged: dict[int, int] = field(default_factory=dict)  # row -> cells
    headers: int = 0
    blank: int = 0
    unlabelled: set[int] = field(default_factory=set)  # rows
    origins: dict[int, tuple[str, int]] = field(default_factory=dict)  # row -> (key, line)
    rows: int = 0


def dirty(random: Random) -> Dirty | None:
    """A table of delimited text with faults, in one to three files; None for a random table of another format."""
    known = generate(random)
    if known.key.split(".")[1] not in ("csv", "tsv", "txt") or known.rows < 40:
        return None
    dirty_table = Dirty({}, known)
    width, target = len(known.columns), known.columns[-1]
    records: list[list[str]] = []
    for i in range(known.rows):
        records.append(["" if c.cells[i] is None else str(c.cells[i]) for c in known.columns])
    for position, column in enumerate(known.columns[:-1]):
        if column.kind in ODD and random.random() < 0.4 and sum(c is not None for c in column.cells) > 30:
            row = random.randrange(known.rows)
            if records[row][position]:
                records[row][position] = random.choice(ODD[column.kind])
                dirty_table.odd[column.name] = {row: records[row][position]}
    if random.random() < 0.4:
        for row in random.sample(range(known.rows), random.randint(1, 3)):
            records[row][-1] = random.choice(("", "NA", " "))
            dirty_table.unlabelled.add(row)
    if random.random() < 0.4:
        for row in random.sample(range(known.rows), random.randint(1, 3)):
            if any(row in rows for rows in dirty_table.odd.values()):
                continue
            records[row] = records[row] + ["extra"] if random.random() < 0.5 or width < 3 else records[row][:-1]
            dirty_table.ragged[row] = len(records[row])
            dirty_table.unlabelled.discard(row)
    _write(random, dirty_table, records)
    assert target is known.columns[-1]
    return dirty_table


def _write(random: Random, dirty_table: Dirty, records: list[list[str]]) -> None:
    known, count = dirty_table.known, random.choice((1, 1, 2, 3))
    names = [column.name for column in known.columns]
    size = -(-len(records) // count)
    end = random.choice(("\n", "\r\n"))
    encoding = random.choice(("utf-8", "utf-8", "utf-8-sig"))
    for part in range(count):
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=known.delimiter, lineterminator=end)
        writer.writerow(names)
        for row in range(part * size, min(len(records), (part + 1) * size)):
            if random.random() < 0.02:
                out.write(end)
                dirty_table.blank += 1
            if random.random() < 0.02 and len(names) > 1:
                writer.writerow(names)
                dirty_table.headers += 1
            line = out.getvalue().count("\n") + 1
            writer.writerow(records[row])
            dirty_table.rows += 1
            dirty_table.origins[row] = (f"d/part-{part}.{known.key.split('.')[1]}" if count > 1 else known.key, line)
        key = f"d/part-{part}.{known.key.split('.')[1]}" if count > 1 else known.key
        dirty_table.files[key] = out.getvalue().encode(encoding if part == 0 else "utf-8")


def check(dirty_table: Dirty, random: Random) -> None:
    """All claims about a table with known faults, then about each fix that is pressed until nothing blocks."""
    key = dirty_table.known.key if len(dirty_table.files) == 1 else "d/"
    tried = look(table(dirty_table.files, key, target=dirty_table.known.target, validation_share=0.0))
    claim(not tried.problems, "refused", tried.problems)
    profile = tried.profile
    claim(profile.rows == dirty_table.rows, "rows", profile.rows, dirty_table.rows)
    claim(profile.ragged_count == len(dirty_table.ragged), "ragged", profile.ragged_count, dirty_table.ragged)
    for cell in profile.ragged:
        _check_position(dirty_table, cell.row, cell.file, cell.line, "ragged")
        claim(cell.row - 1 in dirty_table.ragged, "ragged row", cell, dirty_table.ragged)
    claim(profile.blank_lines == dirty_table.blank, "blank lines", profile.blank_lines, dirty_table.blank)
    result = (
        len(profile.headers_within) + tried.inspection.dialect.header_rows - 1
    )  # two rows of the same names are one
    claim(bool(result) == bool(dirty_table.headers), "headers", profile.headers_within, dirty_table.headers)
    for name, cells in dirty_table.odd.items():
        message = tried.columns[name]
        cells = {row: text for row, text in cells.items() if row not in dirty_table.ragged}
        claim(sum(message.odd_count.values()) == len(cells), "odd count", name, message.odd_count, cells, message.kind)
        for result in [cell for examples in message.odd.values() for cell in examples]:
            claim(cells.get(result.row - 1) == result.value, "odd cell", name, result, cells)
            _check_position(dirty_table, result.row, result.file, result.line, "odd cell")
        finding = next((f for f in tried.report.findings if f.column == name and f.level == "err"), None)
        claim(finding is not None, "odd cell without a finding", name, cells, tried.findings())
    gone = [row for row in dirty_table.unlabelled if row not in dirty_table.ragged]
    claim(
        tried.columns[dirty_table.known.target].missing == len(gone),
        "unlabelled",
        tried.columns[dirty_table.known.target].missing,
        gone,
    )
    for finding in tried.report.findings:
        if finding.level == "ok" or not finding.file:
            continue
        if finding.id == "format.header":
            key = finding.file.split("/", 3)[3]
            line = dirty_table.files[key].decode("utf-8-sig").split("\n")[(finding.line or 0) - 1].rstrip("\r")
            claim(
                next(csv.reader([line], delimiter=dirty_table.known.delimiter)) == [*tried.columns],
                "line of a header",
                line,
            )
        elif finding.row and finding.line and finding.file:
            _check_position(dirty_table, finding.row, finding.file, finding.line, finding.id)
    _pressed(tried, dirty_table, random)


def _check_position(dirty_table: Dirty, row: int, file: str, line: int | None, what: str) -> None:
    key, true_line = dirty_table.origins[row - 1]
    claim(file.endswith(f"/{key}"), f"file of {what}", file, key, row)
    claim(line == true_line, f"line of {what}", line, true_line, row)


def _pressed(tried: Table, dirty_table: Dirty, random: Random) -> None:
    """Press fixes until nothing blocks; then the rows that are written are those that are left."""
    for _ in range(12):
        blocking = [f for f in tried.report.findings if f.level == "err"]
        fixes = [fix for f in blocking for fix in f.fixes]
        if not blocking:
            break
        if not fixes:
            return  # a person's decision: another target, another algorithm
        fix = random.choice(fixes)
        before = tried.job
        tried = look(tried.apply(fix))
        claim(tried.job != before, "fix that changes nothing", fix)
        if tried.job.data_uri != before.data_uri or tried.job.recipe.target != before.recipe.target:
            return
        if tried.job.recipe.types != before.recipe.types or tried.job.algorithm != before.algorithm:
            return
    else:
        claim(False, "fixes without an end", tried.findings("err"))
    try:
        prepared = tried.prepared
    except Problem as e:
        claim(False, "refused after all", e.message, preflight.check(tried.job, tried.data).counts())
    recipe = tried.job.recipe
    out = set(dirty_table.ragged) | dirty_table.unlabelled
    for name, cells in dirty_table.odd.items():
        if recipe.bad_cells.get(name) == "drop" and name not in recipe.excluded:
            out |= set(cells)
    want = dirty_table.rows - len(out)
    claim(recipe.duplicates == "drop" or len(prepared.rows()) == want, "rows left", len(prepared.rows()), want, recipe)
