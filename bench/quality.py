"""`python3 run bench-quality`: what Create model's defaults are worth, on real tables, beside the libraries themselves.

Every table goes the form's own way (`bench.quality_ours`): nothing but data and target is given. Peers learn from all
rows but the same test rows. Answers are stored in bench/results/quality, so that the command can be ended and goes on
where it was; `--again` trains those named anew, `--report` only prints what is stored.

Most tables come with a package that the product does not need. In a fresh clone `python3 run bench-quality` installs it
into an environment of its own, `.quality`, and runs this command with the same arguments.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path

import numpy as np

import algorithms
from bench.quality_ours import Refused, Split, ours, split
from bench.quality_peers import PEERS
from bench.quality_report import report
from bench.quality_store import Store
from bench.quality_tables import TABLES, Table, splits

SUPERVISED = [a for a in algorithms.ALGORITHMS.values() if a.supervised]
RESULTS = Path(__file__).parent / "results" / "quality"


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.quality", description=__doc__)
    parser.add_argument("tables", nargs="*", help="tables by name; all of them by default")
    parser.add_argument("--model", action="append", default=[], help="an algorithm or a peer; all by default")
    parser.add_argument("--again", action="store_true", help="train those named anew")
    parser.add_argument("--minutes", type=float, default=0.0, help="end after the model that passes so many minutes")
    parser.add_argument("--report", action="store_true", help="print what is stored, train nothing")
    parser.add_argument("--turn", action="append", default=[], choices=("refit", "folds"), help="flip a default")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    unknown = set(options.tables) - set(TABLES)
    if unknown:
        parser.error(f"no table {', '.join(sorted(unknown))}; there are {', '.join(TABLES)}")
    store = Store(options.results)
    chosen = [TABLES[name] for name in options.tables or TABLES]
    if not options.report:
        until = time.monotonic() + options.minutes * 60 if options.minutes else np.inf
        for table in chosen:
            if not run(table, store, options, until):
                print("more is to do: run it again", file=sys.stderr)
                return
    print(report(store, chosen))


def run(table: Table, store: Store, options: argparse.Namespace, until: float) -> bool:
    """Train what is not stored of `table`; False where the time is over."""
    names = [a.name for a in SUPERVISED] + list(PEERS)
    wanted = [name for name in names if not options.model or name in options.model]
    for seed in range(splits(len(table.load()))):
        todo = [n for n in wanted if options.again or not store.has(table.name, seed, n)]
        if not todo:
            continue
        held_out = split(table, seed)
        store.put_split(table.name, seed, held_out)
        for name in todo:
            if time.monotonic() > until:
                return False
            _train(table, store, held_out, seed, name, options.turn)
    return True


def _train(table: Table, store: Store, held_out: Split, seed: int, name: str, turned: list[str]) -> None:
    begun = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the peers' own, of no convergence and the like
            if name in PEERS:
                values = PEERS[name](held_out)
            else:
                values = ours(table, algorithms.get(name), seed, held_out, turned).values
    except Refused as e:
        store.put_refusal(table.name, seed, name, str(e))
        print(f"{table.name}, split {seed}, {name}: refused: {e}", file=sys.stderr, flush=True)
        return
    seconds = time.perf_counter() - begun
    store.put(table.name, seed, name, values, seconds)
    print(f"{table.name}, split {seed}, {name}: {seconds:.1f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
