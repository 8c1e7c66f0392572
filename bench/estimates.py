"""Estimates of time and memory beside what training took, for real tables that packages ship and every algorithm.

`python -m bench.estimates [--preset Balanced] [--algorithm name] [--table words of its name]`. Each job is prepared as
a launch prepares it and trains in a process of its own with one thread; its time is seconds of that processor.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import algorithms
from common.problems import Problem
from jobs.estimate import MARGIN, estimate
from jobs.hyperparameters import preset_values
from tables.objects import parse_location
from tests.corpus import clean
from tests.corpus.cases import Table, table
from tests.corpus.real import flights, shipped

SMALL = 1.0  # seconds; what is shorter is about as long as it takes to start


def tables() -> dict[str, tuple[bytes, str, str]]:
    """{name: (bytes, key, target)}."""
    by_name = {
        one.name: (one.body(), one.key, one.target) for one in clean.tables() if one.raw is None and not one.recipe
    }
    names = (
        "penguins: species", "weather: temperature", "planes: engine", "airports: time zone", "breast cancer", "wine",
        "diabetes", "digits", "affairs", "health insurance", "US airports: latitude", "Seattle weather", "stocks",
    )  # fmt: skip
    more = {
        "flights, 60,000 rows: delay": (flights(60_000), "t.csv", "arr_delay"),
        "flights, 60,000 rows: origin": (flights(60_000), "t.csv", "origin"),
        "flights, 300,000 rows: delay": (flights(300_000), "t.csv", "arr_delay"),
        "randhie, 20,000 rows": (shipped("statsmodels", "datasets/randhie/randhie.csv"), "t.csv", "mdvis"),
    }
    return {name: by_name[name] for name in names} | more


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.estimates", description=__doc__)
    parser.add_argument("--preset", default="")
    parser.add_argument("--algorithm", default="")
    parser.add_argument("--table", default="")
    options = parser.parse_args(arguments)
    ratios: list[tuple[float, float]] = []
    print("table, algorithm, rows, features; seconds estimated, taken, ratio; megabytes estimated, taken, ratio")
    for name, (body, key, target) in tables().items():
        for algorithm in algorithms.ALGORITHMS.values():
            if options.algorithm not in algorithm.name or options.table not in name:
                continue
            values = dict(algorithm.presets.get(options.preset) or preset_values(algorithm))
            tried = table(body, key, target=target if algorithm.supervised else "", algorithm=algorithm.name,
                          hyperparameters=values)  # fmt: skip
            try:
                row = measure(tried)
            except Problem as e:
                print(f"{name[:33]:34}{algorithm.name[:23]:24}refused: {e.message[:90]}")
                continue
            if row is None:
                print(f"{name[:33]:34}{algorithm.name[:23]:24}blocked or failed")
                continue
            rows, wide, guess, took, memory, peak = row
            time_ratio = max(guess, SMALL) / max(took, SMALL)
            memory_ratio = memory / peak
            ratios.append((time_ratio, memory_ratio))
            print(f"{name[:33]:34}{algorithm.name[:23]:24}{rows:8}{wide:6}{guess:9.2f}{took:9.2f}{time_ratio:7.2f}"
                  f"{memory / 1e6:8.0f}{peak / 1e6:7.0f}{memory_ratio:6.2f}", flush=True)  # fmt: skip
    for what, index in (("time", 0), ("memory", 1)):
        good = sum(1 / MARGIN <= pair[index] <= MARGIN for pair in ratios)
        print(f"{what}: {good} of {len(ratios)} within {MARGIN:g} times ({good / max(1, len(ratios)):.0%})")


def measure(tried: Table) -> tuple[int, int, float, float, float, int] | None:
    """(rows, features, estimated seconds, seconds, estimated bytes, peak bytes); None where training is refused."""
    if tried.report.blocks:
        return None
    guess = estimate(tried.job, tried.preview.inspection)
    prepared = tried.prepared
    algorithm = algorithms.get(tried.job.algorithm)
    facts = prepared.data.facts
    with tempfile.TemporaryDirectory() as folder:
        start = {"algorithm": algorithm.name, "channels": {},
                 "hyperparameters": algorithm.settle(tried.job.hyperparameters, facts)}  # fmt: skip
        for name, uri in prepared.data.channels.items():
            prefix = parse_location(uri)[1]
            path = Path(folder) / name
            path.mkdir()
            for key, body in prepared.store.objects.items():
                if key.startswith(prefix):
                    (path / key.rpartition("/")[2]).write_bytes(body)
            start["channels"][name] = [str(path), prepared.data.content_type]
        (Path(folder) / "start.json").write_text(json.dumps(start))
        done = subprocess.run([sys.executable, "-m", "bench.estimates_child", folder], capture_output=True, text=True)
        if done.returncode:
            print(done.stderr[-500:], file=sys.stderr)
            return None
        took, peak = json.loads(done.stdout.splitlines()[-1])
    seconds = (guess.seconds[0] * MARGIN) if guess.seconds else 0.0
    return facts.rows, facts.features, seconds, took, guess.memory, peak


if __name__ == "__main__":
    main(sys.argv[1:])
