"""What a check says."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

LEVELS = ("err", "warn", "ok")


@dataclass(frozen=True)
class Fix:
    """A mend that one press applies: `changes` are {"recipe.<field>" | "hp-<name>" | <form field>: value}.

    None clears the field; into recipe fields that are dicts or lists the value is merged or appended.
    """

    label: str
    changes: dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """One claim about a job: `id` names the check, `level` is err, warn or ok. Row and line count from 1."""

    id: str
    level: str
    title: str
    text: str
    field: str = ""  # the form's field it belongs to
    file: str = ""  # s3://bucket/key
    row: int | None = None
    line: int | None = None
    column: str = ""
    value: str = ""
    fixes: tuple[Fix, ...] = ()
    raw: str = ""  # what the container or SageMaker would have said, in its own words
    silent: bool = False  # would train without an error, on garbage
    unknown: bool = False  # a warning because it could not be found out
    handled: bool = False  # all is well because preparing does what `text` says


@dataclass
class Report:
    """Everything found, worst first. `rows` were read; `complete` tells whether that was the whole table."""

    findings: list[Finding] = field(default_factory=list)
    rows: int = 0
    complete: bool = False
    etag: str = ""
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.findings.sort(key=lambda found: LEVELS.index(found.level))

    @property
    def blocks(self) -> bool:
        """Something would fail or corrupt."""
        return any(found.level == "err" for found in self.findings)

    @property
    def unknown(self) -> bool:
        """Something could not be found out."""
        return any(found.unknown for found in self.findings)

    def of(self, id: str) -> list[Finding]:
        """What the check `id` said, apart from that all is well."""
        return [found for found in self.findings if found.id == id and found.level != "ok"]

    def counts(self) -> dict[str, int]:
        return {level: sum(found.level == level for found in self.findings) for level in LEVELS}

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"blocks": self.blocks, "counts": self.counts()}

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Report:
        """The report of `as_json`."""
        found = [Finding(**f | {"fixes": tuple(Fix(**fix) for fix in f["fixes"])}) for f in given["findings"]]
        return cls(found, given["rows"], given["complete"], given["etag"], given["seconds"])
