"""Finds metrics in log lines and condenses them into CloudWatch's statistic sets."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import regex

from engine.models import MetricDatum

NAMESPACE = "/aws/sagemaker/TrainingJobs"
LONGEST = 8192  # characters of a line that are searched
PATIENCE = 0.1  # seconds for one pattern on one line; patterns come from callers and may be hopeless
_QUOTED = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]")
_RUN = re.compile(r"[\w#:@/<>=,; -]+")


class Pattern:
    """One metric definition, ready to search. `error` says why it cannot be used, '' if it can."""

    def __init__(self, name: str, pattern: str):
        self.name = name
        self.error = ""
        self._needed = needed_text(pattern)
        try:
            self._pattern = regex.compile(pattern)
        except regex.error as e:
            self.error = f"its regular expression cannot be read: {e}"

    def value_in(self, line: str) -> float | None:
        """The finite number this metric has in `line`, if any."""
        if self.error or self._needed not in line:
            return None
        try:
            found = self._pattern.search(line, timeout=PATIENCE)
            value = float(found[found.lastindex or 0]) if found else math.nan
        except TimeoutError:
            self.error = f"its regular expression took longer than {PATIENCE} seconds on one line"
            return None
        except (ValueError, TypeError):
            return None
        return value if math.isfinite(value) else None


def needed_text(pattern: str) -> str:
    """The longest text every match of `pattern` holds, or '' if that is not plain to see.

    Looking for it first spares most lines most patterns: an algorithm brings dozens, and each starts with `.*`.
    """
    if any(sign in pattern for sign in ("|", "(?", "[]", "[^]", ")?", ")*", "){")):
        return ""
    bare = _QUOTED.sub("\0", pattern)
    runs = []
    for run in _RUN.finditer(bare):
        optional = bare[run.end() : run.end() + 1] in ("?", "*", "{")
        runs.append(run[0][:-1] if optional else run[0])
    return max(runs, key=len, default="")


@dataclass
class _Set:
    """The statistic set being gathered, from epoch second `begun` to `until`."""

    begun: float
    until: float
    count: int
    sum: float
    minimum: float
    maximum: float


class Metrics:
    """What one attempt of a job has reported: the last value of each metric, and statistic sets to be stored.

    A set spans a second at first and grows with the job's age, so that a day of training makes some thousand rows.
    """

    def __init__(self, region: str, host: str, patterns: list[Pattern]):
        self._region, self._dimensions = region, f"Host={host}"
        self._patterns = [p for p in patterns if not p.error]
        self._last: dict[str, tuple[float, float]] = {}
        self._sets: dict[str, _Set] = {}
        self._begun: float | None = None
        self.closed: list[MetricDatum] = []
        self.problems = [f"Metric {p.name} is left out: {p.error}" for p in patterns if p.error]

    def read(self, line: str, at: float) -> None:
        """Take the metrics of one log line, printed at epoch second `at`."""
        line = line[:LONGEST]
        for pattern in self._patterns:
            value = pattern.value_in(line)
            if value is not None:
                self._add(pattern.name, value, at)
            elif pattern.error:
                self.problems.append(f"Metric {pattern.name} is left out from here on: {pattern.error}")
                self._patterns = [p for p in self._patterns if p is not pattern]

    def final(self) -> list[dict]:
        """FinalMetricDataList."""
        return [{"MetricName": n, "Value": value, "Timestamp": at} for n, (value, at) in self._last.items()]

    def close(self, at: float = math.inf) -> None:
        """Move the sets whose time is over at `at` to `closed`; all of them by default."""
        for name in [name for name, s in self._sets.items() if s.until <= at]:
            s = self._sets.pop(name)
            self.closed.append(
                MetricDatum(
                    region=self._region,
                    namespace=NAMESPACE,
                    name=name,
                    dimensions=self._dimensions,
                    timestamp=datetime.fromtimestamp(s.begun, UTC),
                    count=s.count,
                    sum=s.sum,
                    minimum=s.minimum,
                    maximum=s.maximum,
                )
            )

    def _add(self, name: str, value: float, at: float) -> None:
        self._begun = at if self._begun is None else self._begun
        self._last[name] = (value, at)
        self.close(at)
        s = self._sets.get(name)
        if s is None:
            self._sets[name] = _Set(at, at + max(1.0, (at - self._begun) / 1000), 1, value, value, value)
        else:
            s.count, s.sum = s.count + 1, s.sum + value
            s.minimum, s.maximum = min(s.minimum, value), max(s.maximum, value)


def forget(region: str, host: str) -> None:
    """Remove what an earlier attempt reported, so that a curve is drawn once."""
    MetricDatum.objects.filter(region=region, namespace=NAMESPACE, dimensions=f"Host={host}").delete()
