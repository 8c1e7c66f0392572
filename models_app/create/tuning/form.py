"""The form of a tuning job: that of Create model, with what is searched beside its hyperparameters."""

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from jobs import JobSpec
from jobs.tuning.checks import PREFIX
from jobs.tuning.search import (
    BAYESIAN,
    SCALES,
    STRATEGIES,
    Range,
    Search,
    can_tune,
    default_search,
    metrics,
    strategies,
    suggested_range,
    tunable,
)
from models_app.create import hyperparameters
from models_app.create.form import CreateForm
from models_app.text import formats
from tables import Recipe

MARK = "tune"  # the hidden control that tells a POST of this form
ENDS = ("low", "high", "scale", "values")
MAX_TEXT = 8000  # characters of one control: all that may be named fit, and what is cut has too many values


def is_tuning(data) -> bool:
    """True if `data`, a POST or a draft, is of this form."""
    return bool(data.get(MARK, ""))


@dataclass(frozen=True)
class RangeRow:
    """The range of one hyperparameter as the form shows it; `values` are joined by commas."""

    name: str
    on: bool
    low: str
    high: str
    scale: str
    values: str
    errors: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of the switch, and the beginning of those of the other controls."""
        return PREFIX + self.name

    @property
    def range(self) -> Range:
        """What it says."""
        values = tuple(value.strip() for value in self.values.split(",") if value.strip())
        return Range(self.low.strip(), self.high.strip(), self.scale, values)


class TuneForm(CreateForm):
    """Reads types only, as CreateForm does."""

    is_tuning = keeps_form = True
    summary_template, aside_template = "create/tuning/_summary.html", "create/tuning/_aside_in.html"

    objective = forms.CharField(required=False)
    strategy = forms.CharField(required=False, initial=BAYESIAN)
    max_jobs = forms.CharField(required=False, initial="20")
    max_parallel = forms.CharField(required=False, initial="2")
    total_minutes = forms.CharField(required=False)
    early_stopping = forms.BooleanField(required=False)

    def __init__(self, data=None, initial=None, values: dict[str, str] | None = None, recipe: Recipe | None = None):
        super().__init__(data, initial=initial, values=values, recipe=recipe)
        algorithm = self.selected_algorithm
        default = default_search(algorithm).ranges
        self.ranges = {h.name: _row(h.name, default.get(h.name), suggested_range(h)) for h in tunable(algorithm)}
        if data is not None and data.get("of-algorithm", algorithm.name) == algorithm.name:  # else: of another one
            self.ranges = {name: _posted(data, row) for name, row in self.ranges.items()}

    @classmethod
    def of(cls, form: CreateForm, name: str = "", search: Search | None = None) -> "TuneForm":
        """A tuning job of the job in `form`, called `name`, that searches as `search` says."""
        tune = cls.from_spec(form.spec().but(name=name, endpoint_name=""))
        tune.values, tune.recipe, tune.find = form.values, form.recipe, form.find
        if search:
            tune.initial |= {
                "objective": search.objective,
                "strategy": search.strategy,
                "max_jobs": str(search.max_jobs),
                "max_parallel": str(search.max_parallel),
                "total_minutes": str(search.max_runtime // 60) if search.max_runtime else "",
                "early_stopping": search.early_stopping,
            }
            rows = {n: _row(n, search.ranges.get(n), row.range) for n, row in tune.ranges.items()}
            tune.ranges = rows
        return tune

    def unbound(self, **changes: Any) -> "TuneForm":
        """The same answers, some of them changed, without errors."""
        form = super().unbound(**changes)
        assert isinstance(form, TuneForm)
        form.ranges = {**form.ranges, **{n: row for n, row in self.ranges.items() if n in form.ranges}}
        return form

    def spec(self) -> JobSpec:
        """The job of each try as far as the form can be read. None of them is deployed."""
        none = {"deploy_when_done": False, "endpoint_name": "", "deploy_metric": "", "deploy_threshold": None}
        return super().spec().but(idle_hours=0, **none)

    def search(self) -> Search:
        """What is searched; a number that cannot be read is -1."""
        minutes = _number(self["total_minutes"].value() or "0")
        return Search(
            {name: row.range for name, row in self.ranges.items() if row.on},
            self.chosen_objective,
            self["strategy"].value() or BAYESIAN,
            _number(self["max_jobs"].value()),
            _number(self["max_parallel"].value()),
            bool(self["early_stopping"].value()),
            minutes * 60,
        )

    @property
    def can_tune(self) -> bool:
        """The algorithm has something to tune."""
        return can_tune(self.selected_algorithm)

    @property
    def chosen_objective(self) -> str:
        """The chosen metric; "" for the algorithm's own, also where the metric was one of another algorithm."""
        chosen = self["objective"].value() or ""
        return chosen if chosen in [metric.name for metric in metrics(self.selected_algorithm)] else ""

    @property
    def objective_choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """[(task, [(metric, label)])]: what may be looked for, by the task of the table."""
        goals = {"max": _("%(metric)s, highest"), "min": _("%(metric)s, lowest")}
        tasks = {"binary": _("Two classes"), "multiclass": _("More classes"), "regression": _("Numbers"), "": ""}
        return [
            (
                tasks[task],
                [(m.name, goals[m.goal] % {"metric": formats.metric_name(m.name)}) for m in metrics(algorithm, task)],
            )
            for algorithm in [self.selected_algorithm]
            for task in algorithm.objectives
        ]

    @property
    def strategy_tiles(self) -> list[tuple[str, str, bool]]:
        """(name, what it does, is it chosen) of the strategies that fit the algorithm."""
        chosen = self["strategy"].value()
        fitting = strategies(self.selected_algorithm)
        chosen = chosen if chosen in fitting else BAYESIAN
        return [(name, _(STRATEGIES[name]), name == chosen) for name in fitting]

    @property
    def scales(self) -> list[tuple[str, str]]:
        """(value, label) of the scales."""
        return [(name, _(label)) for name, label in SCALES.items()]

    @property
    def tuned_count(self) -> int:
        """How many hyperparameters are tuned."""
        return sum(row.on for row in self.ranges.values())

    @property
    def rows(self) -> dict[str, list[hyperparameters.Row]]:
        """The rows of hyperparameters, each with its range; those with a range stand first."""
        messages = self.messages
        ranges = {n: replace(row, errors=tuple(messages.get(row.id, ()))) for n, row in self.ranges.items()}
        groups = {}
        for group, rows in super().rows.items():
            with_ranges = [replace(row, tune=ranges.get(row.spec.name)) for row in rows]
            groups[group] = sorted(with_ranges, key=lambda row: row.tune is None)
        return groups

    @property
    def has_advanced(self) -> bool:
        """Something under Advanced was changed, is tuned or is wrong, so it must be in sight."""
        return super().has_advanced or any(
            row.tune and (row.tune.on or row.tune.errors) for row in self.rows["advanced"]
        )

    @property
    def labels(self) -> dict[str, str]:
        """What a control is called where its mistakes are listed."""
        own = {
            "search": _("What to search"),
            "objective": _("Objective metric"),
            "strategy": _("Strategy"),
            "max_jobs": _("Tries"),
            "max_parallel": _("At the same time"),
            "total_minutes": _("Stop all after, minutes"),
        }
        return super().labels | {PREFIX + name: name for name in self.ranges} | own


def _row(name: str, on: Range | None, otherwise: Range) -> RangeRow:
    one = on or otherwise
    values = ", ".join(one.values or otherwise.values)
    return RangeRow(name, on is not None, one.low or otherwise.low, one.high or otherwise.high, one.scale, values)


def _posted(data, row: RangeRow) -> RangeRow:
    """What `data` says of the range of `row`; controls that it lacks keep their texts."""
    texts = {end: data[f"{row.id}-{end}"][:MAX_TEXT] for end in ENDS if f"{row.id}-{end}" in data}
    return replace(row, on=row.id in data, **texts)


def _number(text: Any) -> int:
    text = str(text).strip()
    return int(text) if text.isdecimal() and len(text) < 10 else -1
