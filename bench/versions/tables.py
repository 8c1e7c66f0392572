"""The times of bench.tables in two versions, on one table of 200 MB."""

import os
import subprocess
import tempfile
from pathlib import Path

from bench.tables import BUCKET, write
from bench.versions.interpreter import python_of
from bench.versions.report import HEAD, line
from tests.stack import ROOT

SIZE = 200_000_000  # bytes
ROUNDS = 3
WHAT = ("inspect", "scan", "preflight", "prepare")


def compare(other: Path) -> None:
    """Measure both in turn; each measurement runs in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, BUCKET, "table.csv")
        file.parent.mkdir()
        rows = write(file, SIZE)
        print(f"{HEAD}\ntables: {rows:,} rows, 22 columns, seconds")
        for what in WHAT:
            seconds: dict[str, list[float]] = {"other": [], "this": []}
            for _ in range(ROUNDS):
                for version, root in (("other", other), ("this", ROOT)):
                    seconds[version].append(_measure(what, root, folder))
            print(line(what, seconds, ".2f"), flush=True)


def _measure(what: str, root: Path, folder: str) -> float:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [python_of(root), "-m", "bench.tables", what, folder]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[0])
