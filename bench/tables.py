"""Reading a CSV file: what looking at it, checking all of it and preparing it cost beside Polars.

`python -m bench.tables [megabytes] [shape ...]`. The peer is `polars.scan_csv(...).collect()` of the same file, run
before each of ours in turn. Seconds are of the processor, of all threads; every measurement is a process of its own,
so that its peak memory is, too. Preparing is a check and both passes after it. "apart" is the same as the console does
it, in a sandboxed process that is forked from a warm one; its peak memory is that of the larger process.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

BUCKET = "bench-tables"
ROWS = 200_000  # written at a time
ROUNDS = 3
WORK = ("inspect", "scan", "scan-apart", "preflight", "prepare", "prepare-apart")
MEMORY = 16 * 2**30  # bytes that a process apart may use


def mixed(rng: np.random.Generator, rows: int, first: int) -> dict[str, np.ndarray]:
    """Numbers, categories, texts, dates and gaps."""
    x = rng.normal(size=(rows, 10)).round(6)
    days = np.datetime64("2020-01-01") + rng.integers(0, 1500, rows).astype("timedelta64[D]")
    columns = {"row_id": np.arange(first, first + rows)} | {f"x{k}": x[:, k] for k in range(10)}
    columns |= {f"n{k}": rng.integers(0, 5000, rows) for k in range(6)}
    return columns | {
        "colour": rng.choice(["red", "green", "blue", "grey"], rows),
        "city": rng.choice([f"city {k}" for k in range(300)], rows),
        "day": days.astype(str),
        "gap": np.where(rng.random(rows) < 0.1, "", rng.integers(0, 99, rows).astype(str)),
        "y": (x[:, 0] + x[:, 1] > 0).astype(int),
    }


def clean(rng: np.random.Generator, rows: int, first: int) -> dict[str, np.ndarray]:
    """Plain numbers."""
    x = rng.normal(size=(rows, 20)).round(6)
    return {"row_id": np.arange(first, first + rows)} | {f"x{k}": x[:, k] for k in range(20)} | {"y": x[:, 0] > 0}


def dirty(rng: np.random.Generator, rows: int, first: int) -> dict[str, np.ndarray]:
    """Numbers with markers for missing ones among them, blanks around them, and dates in two forms."""
    x = rng.normal(size=(rows, 6)).round(4).astype(str)
    marked = {f"m{k}": np.where(rng.random(rows) < 0.05, "n.a.", x[:, k]) for k in range(6)}
    blank = {f"b{k}": np.char.add(" ", rng.integers(0, 9000, rows).astype(str)) for k in range(3)}
    days = (np.datetime64("2020-01-01") + rng.integers(0, 1500, rows).astype("timedelta64[D]")).astype(str)
    year, month, day = (np.array([text.split("-")[part] for text in days]) for part in range(3))
    european = np.char.add(np.char.add(np.char.add(day, "."), np.char.add(month, ".")), year)
    y = rng.integers(0, 3, rows)
    return {"row_id": np.arange(first, first + rows)} | marked | blank | {"iso": days, "european": european, "y": y}


def wide(rng: np.random.Generator, rows: int, first: int) -> dict[str, np.ndarray]:
    """5,000 numbers a row."""
    x = rng.normal(size=(rows, 5000)).round(4)
    return {"row_id": np.arange(first, first + rows)} | {f"x{k}": x[:, k] for k in range(5000)} | {"y": x[:, 0] > 0}


SHAPES: dict[str, Callable] = {"mixed": mixed, "clean": clean, "dirty": dirty, "wide": wide}
WIDE_ROWS = 300


def write(path: Path, size: int, shape: str = "mixed") -> int:
    """A table of about `size` bytes, the same on every machine; returns its rows. A wide one has WIDE_ROWS."""
    rng, rows, step = np.random.default_rng(0), 0, WIDE_ROWS if shape == "wide" else ROWS
    with path.open("wb") as out:
        while out.tell() < size and (shape != "wide" or not rows):
            pl.DataFrame(SHAPES[shape](rng, step, rows)).write_csv(out, include_header=rows == 0)
            rows += step
    return rows


def run(what: str, root: Path) -> None:
    """One measurement, in this process: prints seconds, peak MB and processor seconds."""
    uri = f"s3://{BUCKET}/table.csv"
    if what.endswith("-apart"):
        seconds, used = run_apart(what.removesuffix("-apart"), root, uri)
        peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        print(f"{seconds:.3f} {peak / 1024:.0f} {used:.3f}")
        return
    if what == "polars":
        used, began = processor_seconds(), time.perf_counter()
        pl.scan_csv(root / BUCKET / "table.csv").collect()
    else:
        import algorithms
        import preflight
        from jobs import JobSpec
        from tables import Folder, Recipe, inspect, locate, prepare, scan

        store, recipe = Folder(root), Recipe(target="y", excluded=["row_id"])
        used, began = processor_seconds(), time.perf_counter()
        if what == "inspect":
            inspect(store, uri, recipe)
        elif what == "scan":
            scan(locate(store, uri), recipe)
        elif what == "preflight":
            preflight.run(JobSpec(data_uri=uri, recipe=recipe), store)
        else:
            prepare(locate(store, uri), recipe, algorithms.get("xgboost"), f"s3://{BUCKET}/prepared")
    seconds, used = time.perf_counter() - began, processor_seconds() - used
    print(f"{seconds:.3f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} {used:.3f}")


def run_apart(what: str, root: Path, uri: str) -> tuple[float, float]:
    """(seconds, processor seconds of all processes) of a scan or a preparation in a process of its own.

    Loading the libraries of the warm process, which happens once, is left out.
    """
    from tables import Folder, PreparedData, Profile, Recipe, locate
    from tables.isolated import WholeTableReaders

    store, recipe, folder = Folder(root), Recipe(target="y", excluded=["row_id"]), f"s3://{BUCKET}/prepared"
    readers, source = WholeTableReaders(MEMORY), locate(store, uri)
    readers.warm_up()
    readers.start().end()
    used, began = processor_seconds(), time.perf_counter()
    with readers.start() as process:
        if what == "scan":
            answer = process.call(store, uri, "tables.scanner:scan", (source, recipe))
        else:
            args = (source, recipe, "xgboost", folder)
            answer = process.call(store, uri, "tables.preparation:prepare_for", args, writable=folder)
        inside = process.call(store, uri, "time:process_time", ())
    seconds, used = time.perf_counter() - began, processor_seconds() - used
    assert isinstance(answer, Profile | PreparedData)
    readers.close()
    return seconds, used + inside


def processor_seconds() -> float:
    """Of this process: all threads, and the system on their behalf."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(what: str, root: str) -> tuple[float, float]:
    """(processor seconds, peak MB) of one measurement."""
    command = [sys.executable, "-m", "bench.tables", what, root]
    _wall, peak, used = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(used), float(peak)


def compare(shape: str, size: int) -> None:
    """Print what each kind of work costs on one table, beside the peer."""
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / BUCKET).mkdir()
        path = Path(temporary) / BUCKET / "table.csv"
        # In a process of its own: those that are measured would begin with its memory as their peak.
        command = [sys.executable, "-m", "bench.tables", "write", str(path), str(size * 1_000_000), shape]
        rows = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        print(f"{shape}: {path.stat().st_size / 1e6:,.0f} MB of CSV, {rows:,} rows")
        print(f"{'':13} {'CPU s':>8} {'ratio':>7} {'peak MB':>8}")
        peers = []
        for what in WORK:
            rounds = []
            for _ in range(ROUNDS if size < 500 else 1):
                peers.append(measure("polars", temporary))
                rounds.append((*measure(what, temporary), peers[-1][0]))
            ratio = statistics.median(seconds / peer for seconds, _, peer in rounds)
            seconds, peak = (statistics.median(column) for column in list(zip(*rounds, strict=True))[:2])
            print(f"{what:13} {seconds:8.2f} {ratio:7.2f} {peak:8.0f}", flush=True)
        seconds, peak = (statistics.median(column) for column in zip(*peers, strict=True))
        print(f"{'polars':13} {seconds:8.2f} {1:7.2f} {peak:8.0f}", flush=True)


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in ("polars", *WORK):
        run(sys.argv[1], Path(sys.argv[2]))
        return
    if sys.argv[1:2] == ["write"]:
        print(write(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
        return
    size, *shapes = [*sys.argv[1:], *(["1000"] if len(sys.argv) == 1 else [])]
    for shape in shapes or SHAPES:
        compare(shape, int(size))


if __name__ == "__main__":
    main()
