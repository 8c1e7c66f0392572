"""A report as lines of text: aligned, and coloured on a terminal only."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable

from common.amounts import duration
from jobs.plan import LaunchPlan
from preflight import Finding, Report

_COLOURS = {"err": "31;1", "warn": "33;1", "ok": "32"}
_INDENT = " " * 6
_DATA = {  # by LaunchPlan.in_place
    True: "The objects are used as they are.",
    False: "The table is prepared first.",
    None: "Whether the table is used as it is or prepared first is unknown until it is read whole.",
}


def show(
    report: Report, plan: LaunchPlan | None = None, path: Callable[[str], str] = str, *, everything: bool = False
) -> None:
    """Print the findings and the plan. `path` turns an object's address into what a person calls it."""
    for finding in report.findings:
        if finding.level != "ok" or everything:
            print("\n".join(lines(finding, path)))
    unlaunchable = plan.problems if plan and not report.blocks else ()  # findings that block say so themselves
    for problem in unlaunchable:
        print(f"{_coloured('err', 'err ')}  {problem}  [plan]")
    if plan and not plan.problems:
        print("\n".join(plan_lines(plan)))
    print(summary(report, len(unlaunchable)))


def plan_lines(plan: LaunchPlan) -> list[str]:
    """What a launch sends."""
    output = [f"plan  {_DATA[plan.in_place]}"]
    channels = ", ".join(f"{channel.name} {channel.uri} ({channel.content_type})" for channel in plan.channels)
    values = ", ".join(f"{name}={value}" for name, value in sorted(plan.hyperparameters.items()))
    for line in (f"channels: {channels}", f"hyperparameters: {values or 'none'}"):
        output += textwrap.wrap(line, 110, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False)
    if plan.open_hyperparameters:
        output.append(f"{_INDENT}unknown until the whole table is read: {', '.join(plan.open_hyperparameters)}")
    return [*output, f"{_INDENT}stopped after {duration(plan.max_runtime)}"]


def lines(finding: Finding, path: Callable[[str], str] = str) -> list[str]:
    """One finding: level and claim, then where, what, the container's own words and the mends."""
    output = [f"{_coloured(finding.level, f'{finding.level:<4}')}  {finding.title}  [{finding.id}]"]
    if where := _where(finding, path):
        output.append(f"{_INDENT}at {where}")
    output += textwrap.wrap(finding.text, 110, initial_indent=_INDENT, subsequent_indent=_INDENT)
    if finding.raw:
        output.append(f"{_INDENT}container: {finding.raw}")
    output += [f"{_INDENT}fix: {fix.label}" for fix in finding.fixes]
    return output


def summary(report: Report, more_errors: int = 0) -> str:
    """How it stands, and how far it was read."""
    counts = report.counts()
    counts["err"] += more_errors
    read = f"{report.rows:,} rows read" if report.rows else "no rows read"
    if report.rows and not report.complete:
        read += ", not the whole table"
    return f"{counts['err']} errors, {counts['warn']} warnings, {counts['ok']} well; {read} in {report.seconds:.1f} s"


def _where(finding: Finding, path: Callable[[str], str]) -> str:
    if not finding.file:
        return ""
    return path(finding.file) + (f":{finding.line}" if finding.line else "")


def _coloured(level: str, text: str) -> str:
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\033[{_COLOURS[level]}m{text}\033[0m"
