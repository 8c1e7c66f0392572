"""The result of a check: findings with their fixes, collected in a report."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

LEVELS = ("err", "warn", "ok")


@dataclass(frozen=True)
class Fix:
    """A change to the job specification that one button applies (see `preflight.fixes`).

    The keys of `changes` are "recipe.<field>", "hp-<hyperparameter>" or a field of the job. A value of None clears the
    field. Values for dicts and lists are merged: a dict key with None is removed, a list's items are appended.
    """

    label: str
    changes: dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """One statement about a job. `id` names the check; `level` is err, warn or ok; row and line count from 1."""

    id: str
    level: str
    title: str
    text: str
    field: str = ""  # the form field it belongs to
    file: str = ""  # s3://bucket/key
    row: int | None = None
    line: int | None = None
    column: str = ""
    value: str = ""
    fixes: tuple[Fix, ...] = ()
    raw: str = ""  # the message of the container or of SageMaker, verbatim
    silent: bool = False  # the job would train without an error, on wrong data
    unknown: bool = (
        False  # the check could not be made: a warning, or an error where nothing can be launched without it
    )
    handled: bool = False  # an ok because preparation does what `text` says


@dataclass
class Report:
    """All findings, worst first. `rows` were read; `complete` is True if they are the whole table.

    `etag` is the version of the data, `seconds` the time that reading and checking took.
    """

    findings: list[Finding] = field(default_factory=list)
    rows: int = 0
    complete: bool = False
    etag: str = ""
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.findings.sort(key=lambda finding: LEVELS.index(finding.level))

    @property
    def blocks(self) -> bool:
        """True if the job would fail or train on wrong data."""
        return any(finding.level == "err" for finding in self.findings)

    @property
    def unknown(self) -> bool:
        """True if a check could not be made."""
        return any(finding.unknown for finding in self.findings)

    def of(self, id: str) -> list[Finding]:
        """Return the errors and warnings of the check `id`."""
        return [finding for finding in self.findings if finding.id == id and finding.level != "ok"]

    def counts(self) -> dict[str, int]:
        """Return {level: number of findings}."""
        return {level: sum(finding.level == level for finding in self.findings) for level in LEVELS}

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON types, with its counts."""
        return asdict(self) | {"blocks": self.blocks, "counts": self.counts()}

    @classmethod
    def from_json(cls, report: dict[str, Any]) -> Report:
        """Return the report that `as_json` gave. Raises KeyError or TypeError for anything else."""
        findings = [Finding(**f | {"fixes": tuple(Fix(**fix) for fix in f["fixes"])}) for f in report["findings"]]
        return cls(findings, report["rows"], report["complete"], report["etag"], report["seconds"])
