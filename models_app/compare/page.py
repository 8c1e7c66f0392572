"""Everything that the page and the CSV of a comparison say, made of the members that the address names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from evaluation.kinds import KINDS
from models_app.compare.charts import charts_of
from models_app.compare.intervals import differences_of
from models_app.compare.lines import MISSING, Cell, Section
from models_app.compare.measured import (
    Figure,
    chosen_of,
    line_of,
    reported_figures,
    section_of,
    test_figures,
)
from models_app.compare.members import COLOURS, FEW, Member
from models_app.compare.parallel import parallel_of
from models_app.compare.settings import sections_of
from models_app.compare.verdict import verdict_of
from models_app.text import formats

MAX_COLUMNS = 10  # of settings of many members; the CSV has all


@dataclass(frozen=True)
class Row:
    """One of many members as a row: its figure and how far that is from the baseline, its other cells."""

    member: Member
    value: str
    length: float
    cell: Cell
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Comparison:
    """A comparison: members in the order they are shown in, the baseline among them, figures and sections."""

    members: Sequence[Member]
    base: Member
    chosen: Figure | None
    figures: Sequence[Figure]
    sections: Sequence[Section]
    other_rows: Sequence[Member]
    problem: Any

    @property
    def is_few(self) -> bool:
        """True if members are columns."""
        return len(self.members) <= FEW


def compare(members: Sequence[Member], base_name: str, metric: str) -> Comparison:
    """Compare two or more `members`, of which `base_name` is the baseline, else the first that is still there."""
    there = [member for member in members if member.thing]
    base = next((m for m in there if m.name == base_name), there[0] if there else members[0])
    differences = differences_of(members, base)
    figures = [*test_figures(members, base, differences), *reported_figures(members)]
    chosen = chosen_of(figures, metric)
    order = _order(members, chosen)
    if len(members) > FEW:  # best first; indices are those of rows from here on
        members = [replace(members[at], index=index) for index, at in enumerate(order)]
        figures = [_reordered(figure, order) for figure in figures]
    else:
        order = list(range(len(members)))
    base = next(member for member in members if member.name == base.name)
    members = _coloured(members, base)
    base = members[base.index]
    chosen = next((figure for figure in figures if chosen and figure.key == chosen.key), None)
    measured = _("Evaluation") if base.document.get("kind") in KINDS else _("Test rows")
    sections = [
        section_of("test", measured, [f for f in figures if f.is_of_test], base),
        section_of("reported", _("As training reported"), [f for f in figures if not f.is_of_test], base),
        *sections_of(members, base.index),
    ]
    other = [member for member in members if order[member.index] in differences.other_rows]
    return Comparison(members, base, chosen, figures, sections, other, differences.problem)


def context_of(comparison: Comparison, everything: bool) -> dict[str, Any]:
    """The template's variables; `everything` shows lines on which all are the same, too."""
    members, base, chosen = comparison.members, comparison.base, comparison.chosen
    context: dict[str, Any] = {
        "members": members,
        "base": base,
        "chosen": chosen,
        "choices": [figure for figure in comparison.figures if figure.best() is not None],
        "verdict": verdict_of(members, base, chosen, comparison.figures),
        "charts": charts_of(members, base),
        "everything": everything,
        "other_rows": comparison.other_rows,
        "other_names": ", ".join(member.label for member in comparison.other_rows),
        "problem": comparison.problem,
        "measured": [member for member in members if member.document],
        "is_few": comparison.is_few,
        "same_rows": _same_rows(comparison),
    }
    if comparison.is_few:
        return context | _few(comparison, everything)
    return context | _many(comparison, everything)


def _few(comparison: Comparison, everything: bool) -> dict[str, Any]:
    """Members as columns: tables of metrics on the left, of what differs on the right."""
    chosen = comparison.chosen
    left = [s for s in comparison.sections if s.key in ("test", "reported", "cost") and s.lines]
    right = [s for s in comparison.sections if s.key in ("hyperparameters", "settings", "data")]
    heads = [
        (member, formats.metric(chosen.values[member.index], chosen.name) if chosen else "") for member in
        comparison.members
    ]  # fmt: skip
    return {
        "heads": heads,
        "left": [(section, section.lines if everything else section.differing or section.lines) for section in left],
        "right": [(section, section.lines if everything else section.differing) for section in right],
    }


def _many(comparison: Comparison, everything: bool) -> dict[str, Any]:
    """Members as rows, best first; only what differs as columns."""
    chosen = comparison.chosen
    tests = [f for f in comparison.figures if f.is_of_test and chosen and f.key != chosen.key]
    lines = [line_of(figure, comparison.base.index) for figure in tests]
    settings = [s for s in comparison.sections if s.key not in ("test", "reported", "cost")]
    differing = [line for section in settings for line in (section.lines if everything else section.differing)]
    cost = next(s for s in comparison.sections if s.key == "cost").lines[:2]
    differing.sort(key=lambda line: sum(cell.text == MISSING for cell in line.cells))  # what all have first
    columns = [*lines, *differing[:MAX_COLUMNS], *cost]
    cells = line_of(chosen, comparison.base.index).cells if chosen else [Cell()] * len(comparison.members)
    lengths = _lengths(chosen)
    hyperparameters = next(s for s in comparison.sections if s.key == "hyperparameters").differing
    return {
        "parallel": parallel_of(comparison.members, hyperparameters, chosen),
        "columns": columns,
        "left_out": max(0, len(differing) - MAX_COLUMNS),
        "rows": [
            Row(m, cells[m.index].text, lengths.get(m.index, 0.0), cells[m.index], [c.cells[m.index] for c in columns])
            for m in comparison.members
        ],
    }


def _order(members: Sequence[Member], chosen: Figure | None) -> list[int]:
    """Places, best first; those without a value last."""
    if chosen is None:
        return list(range(len(members)))
    best = chosen.best()
    assert best is not None
    gains = [chosen.gain(index, best) for index in range(len(members))]
    return sorted(range(len(members)), key=lambda index: (gains[index] is None, -(gains[index] or 0.0)))


def _reordered(figure: Figure, order: Sequence[int]) -> Figure:
    differences = {index: figure.differences[at] for index, at in enumerate(order) if at in figure.differences}
    return replace(figure, values=[figure.values[at] for at in order], differences=differences)


def _coloured(members: Sequence[Member], base: Member) -> list[Member]:
    """The first three that are not the baseline have colours of their own, and are the best where many are shown."""
    colours = iter(COLOURS)
    return [replace(m, cls="s6" if m.index == base.index else next(colours, "many")) for m in members]


def _lengths(figure: Figure | None) -> dict[int, float]:
    """The lengths of bars, 0 to 100: the worst of the members has a tenth, for bars that begin at 0 look all alike."""
    if figure is None:
        return {}
    known = {index: value for index, value in enumerate(figure.values) if value is not None}
    low, high = min(known.values()), max(known.values())
    spread = (high - low) or 1.0
    return {
        index: 10 + 90 * ((value - low) if figure.is_max else (high - value)) / spread if high > low else 100.0
        for index, value in known.items()
    }


def _same_rows(comparison: Comparison) -> int:
    """How many test rows all have been measured on, the same ones; 0 if they are not the same, or not all are."""
    are_all = all(member.kind and member.kind == comparison.base.kind for member in comparison.members)
    if not are_all or comparison.other_rows or comparison.problem:
        return 0
    return comparison.base.document["rows"]
