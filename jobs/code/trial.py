"""A trial of people's own code on a few rows: what its job gets, and what the job's log says of it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jobs.code.bundle import source_files
from jobs.code.check import CodeCheck
from jobs.code.spec import CodeSpec

ROWS = 100
SECONDS = 60  # after which SageMaker stops the job; the least that its API takes is 1
PROGRAM, SETTINGS = "sagewright_trial.py", "sagewright_trial.json"
MARK = "sagewright-trial: "
MAX_RESULT = 64 * 1024  # characters of the line that are believed
_TEXT = Path(__file__).with_name("trial_program.txt")


def trial_files(
    code: CodeSpec,
    check: CodeCheck,
    others: Mapping[str, bytes],
    options: Mapping[str, Mapping[str, Any]],
    hyperparameters: Mapping[str, str],
) -> dict[str, bytes]:
    """{name: content} of the source folder of a trial. `hyperparameters` are values as JSON."""
    values = {name: json.loads(text) for name, text in hyperparameters.items()}
    settings = {"kind": code.kind, "entry": code.file, "hyperparameters": values}
    return source_files(code, check, others, options) | {
        PROGRAM: _TEXT.read_bytes(),
        SETTINGS: json.dumps(settings).encode(),
    }


def read_result(lines: Iterable[str]) -> dict[str, Any]:
    """What the program reported in the job's log; {} when it reported nothing that can be read."""
    report: dict[str, Any] = {}
    for line in lines:
        at = line.find(MARK)
        if at < 0 or len(line) > MAX_RESULT:
            continue
        try:
            value = json.loads(line[at + len(MARK) :])
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            report = value
    return report


def without_result(lines: Iterable[str]) -> list[str]:
    """The lines of a log that the code itself wrote."""
    return [line for line in lines if MARK not in line]
