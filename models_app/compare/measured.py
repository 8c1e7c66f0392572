"""The figures of a comparison: those of the test rows, and those that training reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from models_app.catalog.figures.strip import FIGURES, LOWER_IS_BETTER, NEUTRAL, figures_by_name
from models_app.compare.intervals import Differences
from models_app.compare.lines import MISSING, Cell, Line, Section
from models_app.compare.members import Member
from models_app.endpoints import deploy_policy
from models_app.models import TrainingJob
from models_app.text import formats
from models_app.training.metrics import metric_part, metric_title

SIGNED = "mean_error"  # the closer to 0 the better
UNRANKED = NEUTRAL - {SIGNED}


@dataclass(frozen=True)
class Figure:
    """One figure of all members: `values` by index, None where there is none. `key` is what the address calls it.

    `differences` are those of `intervals.Differences`, {} for a figure that training reported.
    """

    key: str
    name: str  # of the metric, as `formats` knows it
    title: str
    is_max: bool  # more is better
    values: Sequence[float | None]
    differences: dict[int, dict[str, Any]]
    is_of_test: bool

    def gain(self, index: int, base: int) -> float | None:
        """The improvement of member `index` on the baseline; negative if it is worse, None without a comparison."""
        value, of_base = self.values[index], self.values[base]
        if value is None or of_base is None or self.name in UNRANKED:
            return None
        return self._rank(value) - self._rank(of_base)

    def gain_interval(self, index: int) -> tuple[float, float] | None:
        """The interval of `gain`; None without one. A bias has none: closer to 0 is no difference of means."""
        one = self.differences.get(index)
        if not one or one["low"] is None or self.name == SIGNED:
            return None
        return (one["low"], one["high"]) if self.is_max else (-one["high"], -one["low"])

    def is_beyond_chance(self, index: int) -> bool:
        """True if the interval leaves out 0."""
        interval = self.gain_interval(index)
        return bool(interval and (interval[0] > 0 or interval[1] < 0))

    def best(self) -> int | None:
        """The index of the best member, the first of equal ones; None with fewer than two candidates."""
        known = [index for index, value in enumerate(self.values) if value is not None and self.name not in UNRANKED]
        return max(known, key=lambda index: self._rank(self.values[index])) if len(known) > 1 else None  # type: ignore[arg-type]

    def _rank(self, value: float) -> float:
        return -abs(value) if self.name == SIGNED else value if self.is_max else -value


def test_figures(members: Sequence[Member], base: Member, differences: Differences) -> list[Figure]:
    """The leading figures of the test rows, of all members whose answers are of the baseline's kind."""
    if not base.kind:
        return []
    by_index = [figures_by_name(m.document) if m.kind == base.kind else {} for m in members]
    figures = []
    for name in FIGURES[base.kind[0]]:
        values = [each[name]["value"] if name in each else None for each in by_index]
        if any(value is not None for value in values):
            title, of_pairs = formats.metric_name(name), differences.figures.get(name, {})
            is_max = name not in LOWER_IS_BETTER
            figures.append(Figure(name, name, title, is_max, values, of_pairs, is_of_test=True))
    return figures


def reported_figures(members: Sequence[Member]) -> list[Figure]:
    """What the training jobs reported themselves, the same metric of the same rows on one line."""
    reported: dict[str, dict[int, tuple[str, float]]] = {}
    for member in members:
        for name, value in _reported(member.job).items():
            assert member.job
            part = metric_part(name, member.job.algorithm)
            key = f"{part}:{formats.metric_in_english(name)}" if part else formats.metric_in_english(name)
            reported.setdefault(key, {})[member.index] = (name, value)
    figures = []
    for key, by_index in sorted(reported.items(), key=lambda item: (-len(item[1]), item[0])):
        index, (name, _value) = next(iter(by_index.items()))
        job = members[index].job
        assert job
        values = [by_index[at][1] if at in by_index else None for at in range(len(members))]
        is_max = deploy_policy.goal(job.algorithm, name) == "max"
        title = metric_title(name, job.algorithm)
        figures.append(Figure(f"reported.{key}", name, title, is_max, values, {}, is_of_test=False))
    return figures


def chosen_of(figures: Sequence[Figure], key: str) -> Figure | None:
    """The figure that the address chooses; else the first that two members have, the test's before training's."""
    comparable = [figure for figure in figures if figure.best() is not None]
    chosen = next((figure for figure in comparable if figure.key == key), None)
    judged = next((f for f in comparable if not f.is_of_test and "validation" in f.key), None)
    first = comparable[0] if comparable else None
    return chosen or (first if first and first.is_of_test else judged or first)


def section_of(key: str, title: str, figures: Sequence[Figure], base: Member) -> Section:
    """`figures` as lines with their changes from the baseline."""
    return Section(key, title, [line_of(figure, base.index) for figure in figures])


def line_of(figure: Figure, base: int) -> Line:
    """A figure's line: values, changes from the baseline, and which are beyond chance."""
    of_base, best = figure.values[base], figure.best()
    changes = [None if v is None or of_base is None else v - of_base for v in figure.values]
    largest = max((abs(change) for change in changes if change is not None), default=0.0) or 1.0
    cells = []
    for index, (value, change) in enumerate(zip(figure.values, changes, strict=True)):
        text = formats.metric(value, figure.name) if value is not None else MISSING
        if index == base or change is None or value is None:
            cells.append(Cell(text, is_best=index == best))
            continue
        cells.append(
            Cell(
                text, signed(change, figure.name), change / largest, _tone(figure, index, base), _note(figure, index),
                is_best=index == best, is_changed=bool(change),
            )
        )  # fmt: skip
    return Line(figure.title, cells, key=figure.key)


def signed(change: float, name: str) -> str:
    """ "+0.0121"; "same" where nothing is left of it after rounding."""
    text = formats.metric(abs(change), name)
    return _("same") if text == formats.metric(0.0, name) else f"{'+' if change > 0 else '-'}{text}"


def interval_words(figure: Figure, interval: tuple[float, float]) -> str:
    """ "-0.001 to 0.020"."""
    low, high = (formats.metric(bound, figure.name) for bound in interval)
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def _tone(figure: Figure, index: int, base: int) -> str:
    if not figure.is_beyond_chance(index):
        return ""
    return "up" if (figure.gain(index, base) or 0) > 0 else "down"


def _note(figure: Figure, index: int) -> str:
    interval = figure.gain_interval(index)
    if interval is None:
        return ""
    low, high = sorted(interval) if figure.is_max else sorted(-bound for bound in interval)
    words = {"interval": interval_words(figure, (low, high))}
    if figure.is_beyond_chance(index):
        return _("Beyond chance, 95%% interval %(interval)s") % words
    return _("Within chance, 95%% interval %(interval)s") % words


def _reported(job: TrainingJob | None) -> dict[str, float]:
    """{name: value} of what `job` reported; of the metric it is judged by the best value."""
    if job is None:
        return {}
    judged = {job.metric.name: job.metric.best} if job.metric else {}
    same = {formats.metric_in_english(name) + metric_part(name, job.algorithm) for name in judged}
    final = {
        name: value for name, value in job.final_metrics.items()
        if formats.metric_in_english(name) + metric_part(name, job.algorithm) not in same
    }  # fmt: skip
    return judged | final
