"""A report as lines of text: aligned, and coloured on a terminal only."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable

from preflight import Finding, Report

_COLOURS = {"err": "31;1", "warn": "33;1", "ok": "32"}
_INDENT = " " * 6


def show(report: Report, path: Callable[[str], str] = str, *, everything: bool = False) -> None:
    """Print what was found. `path` turns an object's address into what a person calls it."""
    for finding in report.findings:
        if finding.level != "ok" or everything:
            print("\n".join(lines(finding, path)))
    print(summary(report))


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


def summary(report: Report) -> str:
    """How it stands, and how far it was read."""
    counts = report.counts()
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
