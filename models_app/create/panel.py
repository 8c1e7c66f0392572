"""The preflight panel: findings, worst first, with the buttons that apply their fixes."""

import json
from dataclasses import dataclass, field

from jobs.link import HYPERPARAMETER
from jobs.spec import OPTIONS
from preflight import Finding, Fix, Report
from preflight.fixes import RECIPE

FORM_FIELDS = frozenset(option.name for option in OPTIONS if option.form)
MAX_BUTTONS = 3
VISIBLE_PASSED = 4  # passed checks that are not folded away


@dataclass(frozen=True)
class FixButton:
    """A button: what it says, and the value that says what it does."""

    label: str
    value: str

    @classmethod
    def of(cls, fix: Fix) -> "FixButton":
        """The button of `fix`."""
        return cls(fix.label, json.dumps({"label": fix.label, "changes": fix.changes}))


@dataclass(frozen=True)
class Line:
    """A finding and its buttons."""

    finding: Finding
    buttons: list[FixButton]

    @property
    def location(self) -> str:
        """Where in the file, in the words of a terminal: train.csv:17."""
        name = self.finding.file.rstrip("/").rpartition("/")[2]
        return f"{name}:{self.finding.line}" if name and self.finding.line else name


@dataclass(frozen=True)
class Panel:
    """A report as the page shows it; `applied` is what the form changes about the table already.

    `rows_total` is about how many rows there are, 0 when that cannot be told.
    """

    report: Report
    applied: list[FixButton] = field(default_factory=list)
    rows_total: int = 0

    @property
    def about(self) -> int:
        """Rows of the whole table, no more exactly than an estimate deserves."""
        n = max(self.rows_total, self.report.rows)
        return round(n, 2 - len(str(n))) if self.rows_total else 0

    @property
    def lines(self) -> list[Line]:
        """The lines that are visible: every finding, and the checks that passed as far as there is room."""
        return [_line(f) for f in self.report.findings if f.level != "ok"] + self._passed[: self._visible]

    @property
    def more(self) -> list[Line]:
        """Passed checks that are folded away."""
        return self._passed[self._visible :]

    @property
    def _visible(self) -> int:
        return max(VISIBLE_PASSED, sum(line.finding.handled for line in self._passed))

    @property
    def _passed(self) -> list[Line]:
        """What is done about the table comes first; that all else is well is less to know."""
        passed = sorted((f for f in self.report.findings if f.level == "ok"), key=lambda f: not f.handled)
        return [_line(f) for f in passed]

    @property
    def total(self) -> int:
        """How many checks there are lines of."""
        return len(self.report.findings)

    @property
    def blocking(self) -> int:
        """How many findings keep the job from starting."""
        return self.report.counts()["err"]

    @property
    def warnings(self) -> int:
        """How many findings warn."""
        return self.report.counts()["warn"]


def _line(finding: Finding) -> Line:
    buttons = [FixButton.of(fix) for fix in finding.fixes if all(map(_has_control, fix.changes))]
    return Line(finding, buttons[:MAX_BUTTONS])


def _has_control(name: str) -> bool:
    """True if the form has a control for `name`; a request written by hand has more options."""
    return name.startswith((RECIPE, HYPERPARAMETER)) or name in FORM_FIELDS
