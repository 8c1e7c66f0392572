"""Estimates of time and memory beside what training took, on real tables, for every algorithm and preset.

    python -m bench.estimates [--preset Balanced] [--algorithm name] [--table words of its name] [--longest 60]
    python -m bench.estimates --report

A job is what Create model makes of a table with nothing set but its target and the preset: looked at, checked, split,
prepared, trained, and trained once more on all rows. The engine's trainer trains it with one thread in a fork that has
the libraries loaded; its time is seconds of that processor, which a busy machine stretches least. What was measured is
stored, so the command goes on where it was ended, and `--report` holds today's formulas against it.
The formulas are fitted to some of the tables (`bench.estimates_tables`), the others judge them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import algorithms
from algorithms.contract import Facts
from algorithms.spec import Algorithm
from bench.estimates_tables import TABLES, Table
from common.problems import Problem
from jobs.estimate import MARGIN, estimated_facts, training_cost
from jobs.hyperparameters import changed, preset_values
from jobs.plan import plan_prepared
from tables.objects import parse_location
from tables.recipe import FRESH, Recipe
from tests.corpus import cases

SMALL = 1.0  # seconds; what is shorter is about as long as a job takes to start
RESULTS = Path(__file__).parent / "results" / "estimates.jsonl"
PRESETS = ("Balanced", "Fast", "Accurate")
PARTS = {table.name: table.part for table in TABLES}


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.estimates", description=__doc__)
    parser.add_argument("--preset", action="append", choices=PRESETS)
    parser.add_argument("--algorithm", default="", help="words of its name")
    parser.add_argument("--table", default="", help="words of its name")
    parser.add_argument(
        "--longest", type=float, default=60.0, help="seconds; leave out what is estimated to take longer"
    )
    parser.add_argument("--report", action="store_true", help="print what is stored, train nothing")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    if not options.report:
        options.results.parent.mkdir(parents=True, exist_ok=True)
        for algorithm in algorithms.ALGORITHMS.values():
            if options.algorithm in algorithm.name:
                trainer = Trainer(algorithm)
                for table in TABLES:
                    if options.table in table.name:
                        measure(table, trainer, options.preset or PRESETS, options)
                trainer.close()
    report(stored(options.results))


def stored(path: Path) -> list[dict[str, Any]]:
    """The measurements in the file `path`, the newest of each job."""
    lines = map(json.loads, path.read_text().splitlines()) if path.exists() else ()
    return list({(line["table"], line["algorithm"], line["preset"]): line for line in lines}.values())


def measure(table: Table, trainer: Trainer, presets: Sequence[str], options: argparse.Namespace) -> None:
    """Train what is not stored of one algorithm on one table, and store what it took."""
    algorithm = trainer.algorithm
    have = {(line["table"], line["algorithm"], line["preset"]) for line in stored(options.results)}
    todo = [preset for preset in presets if (table.name, algorithm.name, preset) not in have]
    job = form(table.body(), table.target, algorithm) if todo else None
    for preset in todo:
        assert job
        line = {"table": table.name, "algorithm": algorithm.name, "preset": preset}
        try:
            line |= train(job, preset, trainer, options.longest)
        except Problem as e:
            line |= {"refused": e.message}
        with options.results.open("a") as file:
            file.write(json.dumps(line) + "\n")
        print(table.name, algorithm.name, preset, line.get("refused") or line["seconds"], file=sys.stderr, flush=True)


class Trainer:
    """A process that trains jobs of one algorithm (`bench.estimates_child`), each in a fork."""

    def __init__(self, algorithm: Algorithm):
        self.algorithm = algorithm
        child = [sys.executable, "-m", "bench.estimates_child", algorithm.name]
        one_thread = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            child, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=one_thread
        )

    def train(self, folder: str) -> dict[str, Any]:
        """What the job in `folder` took, or why it failed."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def form(body: bytes, target: str, algorithm: Algorithm) -> cases.Table:
    """The job as the form would create it."""
    settings = changed(algorithm, preset_values(algorithm))
    job = cases.table(body, algorithm=algorithm.name, hyperparameters=settings)
    target = target if algorithm.supervised else ""
    return job.but(**replace(FRESH, target=target).as_json() | {"target": target})


def train(job: cases.Table, preset: str, trainer: Trainer, longest: float) -> dict[str, Any]:
    """What one job was estimated by, and what it took. Raises Problem where preparing refuses."""
    algorithm, preview, recipe = trainer.algorithm, job.preview.inspection, job.job.recipe
    if preview is None:
        raise job.preview.problems[0]
    spec = job.job.but(hyperparameters=changed(algorithm, algorithm.presets[preset]))
    facts = asdict(estimated_facts(spec, preview))
    line = {"facts": facts, "hyperparameters": spec.hyperparameters, "recipe": recipe.as_json()}
    estimated = _estimate(line | {"algorithm": algorithm.name})[0]
    if estimated > longest:
        return line | {"refused": f"estimated to take {estimated:.0f} s, more than {longest:g}"}
    prepared = job.prepared  # the preset changes nothing of it
    data = prepared.data
    kinds = dict.fromkeys(data.channels, data.content_type)
    settled = algorithm.settle(spec.hyperparameters, data.facts)
    request = plan_prepared(spec, data.channels, kinds, settled).training_job()
    with tempfile.TemporaryDirectory() as folder:
        channels = {name: [_copied(prepared, uri, Path(folder) / name), data.content_type]
                    for name, uri in data.channels.items()}  # fmt: skip
        start = {"channels": channels, "hyperparameters": request["HyperParameters"],
                 "environment": request.get("Environment", {})}  # fmt: skip
        (Path(folder) / "start.json").write_text(json.dumps(start))
        result = trainer.train(folder)
    real = {name: getattr(data.facts, name) for name in ("rows", "features", "entries", "classes")}
    return line | {"real": real, "load": os.getloadavg()[0]} | result


def _copied(prepared: cases.Prepared, uri: str, folder: Path) -> str:
    prefix = parse_location(uri)[1]
    folder.mkdir()
    for key, body in prepared.store.objects.items():
        if key.startswith(prefix):
            (folder / key.rpartition("/")[2]).write_bytes(body)
    return str(folder)


def _estimate(line: dict[str, Any]) -> tuple[float, float]:
    """(seconds, bytes) by today's formulas for what the form knew of the job."""
    facts = Facts(**{name: tuple(v) if isinstance(v, list) else v for name, v in line["facts"].items()})
    algorithm = algorithms.get(line["algorithm"])
    return training_cost(algorithm, line["hyperparameters"], facts, Recipe.from_json(line["recipe"]))


def report(lines: list[dict[str, Any]]) -> None:
    """Print every job, then how many of each part and algorithm are within the margin."""
    print(
        "table, algorithm, preset, rows, features; seconds estimated, taken, ratio; MB estimated, taken, ratio; rounds"
    )
    ratios: dict[str, list[tuple[float, float, bool]]] = defaultdict(list)
    for line in lines:
        job = f"{line['table'][:24]:25}{line['algorithm'][:22]:23}{line['preset']:9}"
        if "refused" in line:
            print(job + line["refused"][:90])
            continue
        (seconds, memory), real = _estimate(line), line["real"]
        time = max(seconds, SMALL) / max(line["seconds"], SMALL)
        size = memory / line["memory"]
        is_long = max(seconds, line["seconds"]) > SMALL
        for group in _groups(line):
            ratios[group].append((time, size, is_long))
        print(f"{job}{real['rows']:7}{real['features']:6}{seconds:9.2f}{line['seconds']:9.2f}{time:7.2f}"
              f"{memory / 1e6:7.0f}{line['memory'] / 1e6:7.0f}{size:6.2f}{line['rounds']:6}")  # fmt: skip
    print(f"\nwithin {MARGIN:g} times: time; time of those that take or are estimated to take over {SMALL:g} s; memory")
    for group, pairs in ratios.items():
        long = [pair[0] for pair in pairs if pair[2]]
        print(f"{group:34}{_within([p[0] for p in pairs])}   {_within(long)}   {_within([p[1] for p in pairs])}")
    loads = sorted(line["load"] for line in lines if "load" in line)
    if loads:
        print(f"load while measured: {loads[0]:.1f} to {loads[-1]:.1f}, median {loads[len(loads) // 2]:.1f}")


def _groups(line: dict[str, Any]) -> Iterator[str]:
    part = PARTS[line["table"]]
    yield f"all, {part}"
    yield f"{line['algorithm']}, {part}"
    yield f"{line['preset']}, {part}"


def _within(ratios: list[float]) -> str:
    good = sum(1 / MARGIN <= ratio <= MARGIN for ratio in ratios)
    return f"{good:4} of {len(ratios):4} ({good / max(1, len(ratios)):4.0%})"


if __name__ == "__main__":
    main(sys.argv[1:])
