"""Extracts metrics from log lines and aggregates them into CloudWatch's statistic sets."""

import math
import re
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from common.linear_regex import InvalidRegex, compile_regex
from engine.models import MetricDatum

MAX_SEARCHED = 8192  # characters of a line that are searched
LARGEST = 2.0**360  # of a value, as in CloudWatch (PutMetricData); no sum of such values overflows
EXACT = 500  # values of the metric that others are compared by which are stored one by one
SLOW = 0.1  # seconds of the processor on one line, after which a pattern is left out: it would delay the log
_ESCAPE_OR_CLASS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]", re.DOTALL)
_PLAIN_ESCAPES = re.compile(r"\\[dDsSwWbBAZtnrfv]|\\[^\w]", re.DOTALL)
_REPEAT = re.compile(r"\{\d*,?\d*\}")
_GROUP = re.compile(r"\((?:\?:)?([^()]*)\)([?*]?)")  # an innermost one
_RUN = re.compile(r"[\w#:@/<>=,; -]+")


class Pattern:
    """One metric definition, ready to search. `error` says why it cannot be used, '' if it can."""

    def __init__(self, name: str, pattern: str):
        self.name = name
        self.error = ""
        self.needed = needed_text(pattern)
        try:
            self._pattern = compile_regex(pattern)
        except InvalidRegex as e:
            self.error = f"its regular expression {e}"

    def value_in(self, line: str) -> float | None:
        """Return the number this metric has in `line`, None if there is none that CloudWatch takes.

        Sets `error` when the search takes too long.
        """
        if self.error or self.needed not in line:
            return None
        begun = time.perf_counter()
        match = self._pattern.search(line)
        if time.perf_counter() - begun > SLOW and self._is_slow(line):
            self.error = f"its regular expression took longer than {SLOW} seconds on one line"
            return None
        try:
            value = float(match[match.lastindex or 0]) if match else math.nan
        except (ValueError, TypeError):
            return None
        return value if abs(value) <= LARGEST else None

    def _is_slow(self, line: str) -> bool:
        """Whether the processor is busy for so long; the clock may have waited, but takes no call of the system."""
        begun = time.thread_time()
        self._pattern.search(line)
        return time.thread_time() - begun > SLOW


def needed_text(pattern: str) -> str:
    """Return a text that every match of `pattern` contains, the longest that is easily known, or ''.

    A search for it is some hundred times faster than the expression: an algorithm declares up to 66 metrics, most
    lines have few of them, and an expression that starts with `.*` is slow to fail.
    """
    bare = pattern
    for item in _ESCAPE_OR_CLASS.findall(pattern):
        if item[0] == "\\" and not _PLAIN_ESCAPES.fullmatch(item):
            return ""  # \x41, \N{...} and others that go on after the letter
    bare = _REPEAT.sub("*", _ESCAPE_OR_CLASS.sub("\0", bare))
    while group := _GROUP.search(bare):
        if group[1].startswith("?"):
            return ""  # a flag or a look-around
        optional = group[2] or "|" in group[1]
        bare = f"{bare[: group.start()]}\0{'' if optional else group[1]}\0{bare[group.end() :]}"
    if any(sign in bare for sign in "|(){}[]"):
        return ""  # alternatives, or what this function does not know
    runs = []
    for run in _RUN.finditer(bare):
        optional = bare[run.end() : run.end() + 1] in ("?", "*")
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
    The first EXACT values of the metric `exact` have a set each: a tuning job reads its epochs from them.
    """

    def __init__(self, region: str, namespace: str, host: str, patterns: list[Pattern], exact: str = ""):
        self._exact, self._exact_left = exact, EXACT
        self._region, self._namespace, self._dimensions = region, namespace, f"Host={host}"
        self._patterns = [p for p in patterns if not p.error]
        self._last: dict[str, tuple[float, float]] = {}
        self._sets: dict[str, _Set] = {}
        self._begun: float | None = None
        self.closed: list[MetricDatum] = []
        self.problems = [f"Metric {p.name} is left out: {p.error}" for p in patterns if p.error]

    def may_be_in(self, text: str) -> bool:
        """Whether a line of `text` can have a metric; to ask takes a small part of reading each line."""
        return any(pattern.needed in text for pattern in self._patterns)

    def read(self, line: str, at: float) -> None:
        """Take the metrics of one log line, printed at epoch second `at`."""
        line = line[:MAX_SEARCHED]
        for pattern in [p for p in self._patterns if p.needed in line]:
            value = pattern.value_in(line)
            if value is not None:
                self._add(pattern.name, value, at)
            elif pattern.error:
                self.problems.append(f"Metric {pattern.name} is left out from here on: {pattern.error}")
                self._patterns = [p for p in self._patterns if p is not pattern]

    def final(self) -> list[dict]:
        """FinalMetricDataList."""
        return [{"MetricName": n, "Value": value, "Timestamp": at} for n, (value, at) in self._last.items()]

    def add_sample(self, name: str, percent: float, at: float) -> None:
        """Take one value that no log line tells, in percent. It is none of FinalMetricDataList."""
        self.closed.append(self._datum(name, _Set(at, at, 1, percent, percent, percent), unit="Percent"))

    def close(self, at: float = math.inf) -> None:
        """Move the sets whose time is over at `at` to `closed`; all of them by default."""
        for name in [name for name, s in self._sets.items() if s.until <= at]:
            s = self._sets.pop(name)
            self.closed.append(self._datum(name, s))

    def _datum(self, name: str, s: _Set, unit: str = "None") -> MetricDatum:
        return MetricDatum(
            region=self._region,
            namespace=self._namespace,
            name=name,
            dimensions=self._dimensions,
            timestamp=datetime.fromtimestamp(s.begun, UTC),
            unit=unit,
            count=s.count,
            sum=s.sum,
            minimum=s.minimum,
            maximum=s.maximum,
        )

    def _add(self, name: str, value: float, at: float) -> None:
        self._begun = at if self._begun is None else self._begun
        self._last[name] = (value, at)
        self.close(at)
        s = self._sets.get(name)
        if s is None:
            span = max(1.0, (at - self._begun) / 1000)
            if name == self._exact and self._exact_left:
                self._exact_left, span = self._exact_left - 1, 0.0
            self._sets[name] = _Set(at, at + span, 1, value, value, value)
        else:
            s.count, s.sum = s.count + 1, s.sum + value
            s.minimum, s.maximum = min(s.minimum, value), max(s.maximum, value)


def read_values(region: str, namespace: str, name: str, hosts: Collection[str]) -> dict[str, list[float]]:
    """{host: values in their order} of a metric recorded exactly; what came after EXACT of them is averaged."""
    dimensions = [f"Host={host}" for host in hosts]
    rows = MetricDatum.objects.filter(region=region, namespace=namespace, name=name, dimensions__in=dimensions)
    values: dict[str, list[float]] = {}
    for dimension, total, count in rows.order_by("pk").values_list("dimensions", "sum", "count"):
        values.setdefault(dimension.removeprefix("Host="), []).extend([total / count] * round(count))
    return values


def delete_metrics(region: str, namespace: str, host: str) -> None:
    """Delete what earlier attempts of a member reported, so that a curve is drawn once."""
    MetricDatum.objects.filter(region=region, namespace=namespace, dimensions=f"Host={host}").delete()
