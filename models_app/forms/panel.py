"""The preflight panel: what was found, worst first, with the buttons that mend it."""

import json
from dataclasses import dataclass, field

from preflight import Finding, Fix, Report

SHOWN_OK = 4  # passed checks that are not folded away


@dataclass(frozen=True)
class Press:
    """A button: what it says, and the value that says what it does."""

    label: str
    value: str

    @classmethod
    def of(cls, fix: Fix) -> "Press":
        return cls(fix.label, json.dumps({"label": fix.label, "changes": fix.changes}))


@dataclass(frozen=True)
class Line:
    """A finding and its buttons."""

    finding: Finding
    presses: list[Press]

    @property
    def place(self) -> str:
        """Where in the file, in the words of a terminal: train.csv:17."""
        name = self.finding.file.rstrip("/").rpartition("/")[2]
        return f"{name}:{self.finding.line}" if name and self.finding.line else name


@dataclass(frozen=True)
class Panel:
    """A report as the page shows it; `applied` is what the form changes about the table already."""

    report: Report
    applied: list[Press] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        return [_line(f) for f in self.report.findings if f.level != "ok"] + self._passed[:SHOWN_OK]

    @property
    def more(self) -> list[Line]:
        """Passed checks that are folded away."""
        return self._passed[SHOWN_OK:]

    @property
    def _passed(self) -> list[Line]:
        return [_line(f) for f in self.report.findings if f.level == "ok"]

    @property
    def total(self) -> int:
        return len(self.report.findings)

    @property
    def blocking(self) -> int:
        return self.report.counts()["err"]

    @property
    def warnings(self) -> int:
        return self.report.counts()["warn"]


def _line(finding: Finding) -> Line:
    return Line(finding, [Press.of(fix) for fix in finding.fixes])
