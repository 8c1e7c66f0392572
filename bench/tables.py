"""A gigabyte of CSV: inspection, scan, preflight and preparing, beside `polars.scan_csv(...).collect()` of the same.

`python -m bench.tables [megabytes]`. Every measurement runs in a process of its own, so that its peak memory is, too.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

BUCKET = "bench-tables"
ROWS = 200_000  # written at a time


def write(path: Path, size: int) -> int:
    """A table of numbers, categories, texts, dates and gaps, the same on every machine; gives its rows."""
    rng, rows = np.random.default_rng(0), 0
    with path.open("wb") as out:
        while out.tell() < size:
            x = rng.normal(size=(ROWS, 10)).round(6)
            days = np.datetime64("2020-01-01") + rng.integers(0, 1500, ROWS).astype("timedelta64[D]")
            columns = {"row_id": np.arange(rows, rows + ROWS)} | {f"x{k}": x[:, k] for k in range(10)}
            columns |= {f"n{k}": rng.integers(0, 5000, ROWS) for k in range(6)}
            columns |= {
                "colour": rng.choice(["red", "green", "blue", "grey"], ROWS),
                "city": rng.choice([f"city {k}" for k in range(300)], ROWS),
                "day": days.astype(str),
                "gap": np.where(rng.random(ROWS) < 0.1, "", rng.integers(0, 99, ROWS).astype(str)),
                "y": (x[:, 0] + x[:, 1] > 0).astype(int),
            }
            pl.DataFrame(columns).write_csv(out, include_header=rows == 0)
            rows += ROWS
    return rows


def run(what: str, root: Path) -> None:
    """One measurement, in this process."""
    began = time.perf_counter()
    uri = f"s3://{BUCKET}/table.csv"
    if what == "polars":
        pl.scan_csv(root / BUCKET / "table.csv").collect()
    else:
        import algorithms
        import preflight
        from jobs import JobSpec
        from tables import Folder, Recipe, inspect, locate, prepare, scan

        began = time.perf_counter()
        store, recipe = Folder(root), Recipe(target="y", excluded=["row_id"])
        if what == "inspect":
            inspect(store, uri, recipe)
        elif what == "scan":
            scan(locate(store, uri), recipe)
        elif what == "preflight":
            preflight.run(JobSpec(data_uri=uri, recipe=recipe), store)
        else:
            prepare(locate(store, uri), recipe, algorithms.get("xgboost"), f"s3://{BUCKET}/prepared")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.perf_counter() - began:.2f} {peak:.0f}")


def main() -> None:
    if len(sys.argv) == 3:
        run(sys.argv[1], Path(sys.argv[2]))
        return
    size = int(sys.argv[1]) if len(sys.argv) == 2 else 1000
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / BUCKET).mkdir()
        rows = write(Path(temporary) / BUCKET / "table.csv", size * 1_000_000)
        print(f"{size:,} MB of CSV, {rows:,} rows, 22 columns")
        print(f"{'':10} {'seconds':>8} {'ratio':>7} {'peak MB':>8} {'ratio':>7}")
        base = (0.0, 0.0)
        for what in ("polars", "inspect", "scan", "preflight", "prepare"):
            command = [sys.executable, "-m", "bench.tables", what, temporary]
            seconds, peak = map(
                float, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
            )
            base = base if base[0] else (seconds, peak)
            print(f"{what:10} {seconds:8.2f} {seconds / base[0]:7.2f} {peak:8.0f} {peak / base[1]:7.2f}", flush=True)


if __name__ == "__main__":
    main()
