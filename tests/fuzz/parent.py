"""Runs the fuzzer's process, and starts it anew after a model that ended or stopped it."""

import select
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.serving.process_limits import ending
from tests.stack import ROOT

CASE_SECONDS = 30.0  # a model that takes longer hangs; the machine may be busy
START_SECONDS = 240.0


@dataclass
class Report:
    """What became of the models."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def fuzz(forms: Sequence[str], seed: int, seconds: float, first: int = 0) -> Report:
    """Fuzz the formats in turn."""
    report, number, until = Report(), first, time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        number = _run(forms, seed, number, left, report) + 1
        if not report.outcomes and report.failures:
            break  # the process does not start
    return report


def _run(forms: Sequence[str], seed: int, first: int, seconds: float, report: Report) -> int:
    """Run one process until it ends or fails; the number of its last model."""
    command = [sys.executable, "-m", "tests.fuzz.child", ",".join(forms), str(seed), str(first), str(seconds)]
    number, limit, hangs = first, START_SECONDS, False
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout and process.stderr
        while not hangs:
            hangs = not select.select([process.stdout], [], [], limit)[0]
            line = b"" if hangs else process.stdout.readline().strip()
            if not line:
                break
            limit = CASE_SECONDS
            if line.isdigit():
                number = int(line)
            else:
                report.outcomes[line.decode()] += 1
        if hangs:
            process.kill()
        errors = process.stderr.read().decode(errors="replace").strip().splitlines()
        what = f"no end within {limit:g} s" if hangs else ending(process.wait())
    if hangs or what != "exit code 0":
        repeat = f"python -m tests.fuzz --formats {' '.join(forms)} --seed {seed} --first {number} --seconds 1"
        text = " | ".join(errors[-6:])
        report.failures.append(f"{forms[number % len(forms)]}, model {number}: {what}. {text}\n    {repeat}")
    return number
