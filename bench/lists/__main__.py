"""Server times of the console's lists.

    python -m bench.lists [--jobs 100000] [--models 20000] [--endpoints 1000] [--live 5000]
                          [--database sqlite|postgresql] [--rounds 20] [--mlflow /path/of/python]

Fills a database of its own, then reads each page, filter and sort in this process, through all of Django's middleware,
and prints p50 and p95 in milliseconds, wall time and the process's own. --mlflow names a Python that has mlflow, of
which search_runs on 20,000 runs is measured beside it. Without PostgreSQL on the machine only SQLite is measured.

An address is read for ten seconds at most, so that the whole ends. A smaller --jobs is a first look.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.scale import servers

RUNS = 20_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each database in turn, each in a process of its own, and MLflow."""
    options = _options().parse_args(arguments)
    values = [str(n) for n in (options.rounds, options.jobs, options.models, options.endpoints, options.live)]
    for database in () if options.only_mlflow else options.database or ("sqlite", "postgresql"):
        if database == "sqlite":
            with tempfile.TemporaryDirectory(prefix="sw-lists-") as folder:
                _measure(f"sqlite:///{folder}/lists.sqlite3", values)
            continue
        try:
            servers.postgres_binaries()
        except AssertionError as e:
            print(f"\nPostgreSQL is left out: {e}")
            continue
        with servers.postgres() as (port, password):
            _measure(f"postgresql://sagewright:{password}@127.0.0.1:{port}/sagewright", values)
    if options.mlflow:
        _mlflow(options.mlflow)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, count in (("jobs", 100_000), ("models", 20_000), ("endpoints", 1_000), ("live", 5_000)):
        parser.add_argument(f"--{name}", type=int, default=count)
    parser.add_argument("--rounds", type=int, default=20, help="how often an address is read")
    parser.add_argument("--database", action="append", choices=("sqlite", "postgresql"))
    parser.add_argument("--only-mlflow", action="store_true", help="leave our own databases out")
    parser.add_argument("--mlflow", type=Path, help="a Python that can import mlflow")
    return parser


def _measure(url: str, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "bench.lists.measure", url, *arguments]
    subprocess.run(command, check=True)


def _mlflow(python: Path) -> None:
    """Times of search_runs in milliseconds; MLflow keeps its runs in SQLite, too."""
    with tempfile.TemporaryDirectory(prefix="sw-mlflow-") as folder:
        script = Path(__file__).with_name("mlflow_runs.py")
        done = subprocess.run(
            [python, script, folder, str(RUNS)], check=True, stdout=subprocess.PIPE, text=True, cwd=folder
        )
    times = json.loads(done.stdout.splitlines()[-1])
    version, filled = times.pop("version"), times.pop("filled")
    print(f"\nMLflow {version}, search_runs of {RUNS:,} runs, 25 a page; filled by bulk inserts in {filled:.0f} s")
    print(f"{'time of a search, ms':44s} {'p50':>8s} {'p95':>8s} {'cpu p50':>8s}")
    for title, figures in times.items():
        print(
            f"{title:44s} " + (" ".join(f"{ms:8.1f}" for ms in figures) if figures else "not done twice in two minutes")
        )


if __name__ == "__main__":
    main()
