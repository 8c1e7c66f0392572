"""Runs in an environment that has mlflow: fills an SQLite store with runs and times search_runs, as JSON.

A search is repeated in a process of its own, which is ended after LIMIT: SQLite cannot be interrupted in a query.
"""

import json
import multiprocessing
import random
import sys
import time
import uuid
from statistics import median, quantiles

import mlflow
from mlflow.store.tracking.dbmodels.models import SqlLatestMetric, SqlMetric, SqlParam, SqlRun
from mlflow.tracking import MlflowClient
from sqlalchemy import create_engine, insert, text

ROUNDS = 20
PAGE = 25  # runs, as many as the list of jobs has rows
BUDGET = 10.0  # seconds that one search is repeated for
LIMIT = 120.0  # seconds in which it must have ended twice: the first call fills caches of queries
SEARCHES = {
    "newest": ("", ["attributes.start_time DESC"]),
    "auc >= 0.9": ("metrics.auc >= 0.9", ["attributes.start_time DESC"]),
    "auc > 2, none": ("metrics.auc > 2", ["attributes.start_time DESC"]),
    "sort by auc": ("", ["metrics.auc DESC"]),
    "auc and eta, sorted by auc": ("metrics.auc >= 0.9 and params.eta = '0.1'", ["metrics.auc DESC"]),
}


def main(folder: str, runs: int) -> None:
    """Print {search: [p50, p95, p50 of the process's own]} in milliseconds, the version and the seconds of the fill.

    A search that has not ended after LIMIT has null.
    """
    url = f"sqlite:///{folder}/mlflow.db"
    mlflow.set_tracking_uri(url)
    client = MlflowClient()
    experiment = client.create_experiment("lists", artifact_location=f"file://{folder}/artifacts")
    started = time.perf_counter()
    fill(url, experiment, runs)
    result: dict[str, object] = {"version": mlflow.__version__, "filled": time.perf_counter() - started}
    for title, (where, order) in SEARCHES.items():
        figures = result[title] = limited(url, experiment, where, order)
        words = [f"{value:.1f}" for value in figures] if figures else [f"not done after {LIMIT:.0f} s"]
        print(title, *words, file=sys.stderr, flush=True)
    print(json.dumps(result))


def limited(url: str, experiment: str, where: str, order: list[str]) -> list[float] | None:
    """The figures of one search; None where it has not ended after LIMIT."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=measure, args=(sender, url, experiment, where, order))
    process.start()
    figures = receiver.recv() if receiver.poll(LIMIT + BUDGET) else None
    process.kill()
    process.join()
    return figures


def measure(sender, url: str, experiment: str, where: str, order: list[str]) -> None:
    """Send the figures of one search through `sender`."""
    mlflow.set_tracking_uri(url)
    client = MlflowClient()
    times, used = [], []
    until = time.monotonic() + BUDGET
    for number in range(ROUNDS + 1):
        if times and time.monotonic() > until:
            break
        began, before = time.perf_counter(), time.process_time()
        client.search_runs([experiment], where, order_by=order, max_results=PAGE)
        if number:  # the first fills caches of queries
            times.append((time.perf_counter() - began) * 1000)
            used.append((time.process_time() - before) * 1000)
    p95 = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    sender.send([median(times), p95, median(used)])


def fill(url: str, experiment: str, runs: int) -> None:
    """Write the rows that create_run and log_batch would, in one transaction: by the client it takes half an hour."""
    draw, began = random.Random(11), int(time.time() * 1000)
    rows: dict[type, list[dict]] = {SqlRun: [], SqlParam: [], SqlMetric: [], SqlLatestMetric: []}
    for number in range(runs):
        run, at = uuid.UUID(int=draw.getrandbits(128)).hex, began - 60_000 * (runs - number)
        metric = {"key": "auc", "value": 0.7 + 0.25 * draw.random(), "timestamp": at, "step": 0, "is_nan": False}
        settings = {"eta": draw.choice(("0.1", "0.2", "0.3")), "max_depth": str(draw.randint(3, 10))}
        of_run = {"run_uuid": run, "name": f"run-{number}", "user_id": "bench", "experiment_id": int(experiment)}
        of_run |= {"status": "FINISHED", "lifecycle_stage": "active", "start_time": at, "end_time": at + 30_000}
        rows[SqlRun].append(of_run)
        rows[SqlParam] += [{"run_uuid": run, "key": key, "value": value} for key, value in settings.items()]
        rows[SqlMetric].append(metric | {"run_uuid": run})
        rows[SqlLatestMetric].append(metric | {"run_uuid": run})
    with create_engine(url).begin() as connection:
        print(f"filling {runs} runs", file=sys.stderr, flush=True)
        for table, values in rows.items():
            connection.execute(insert(table), values)
    with create_engine(url).begin() as connection:
        connection.execute(text("ANALYZE"))  # as the console's database had


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
