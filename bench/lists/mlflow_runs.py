"""Runs in an environment that has mlflow: fills an SQLite store with runs and times search_runs, as JSON."""

import json
import random
import sys
import time
from statistics import median, quantiles

import mlflow
from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient

ROUNDS = 20
SEARCHES = {
    "newest": ("", ["attributes.start_time DESC"]),
    "auc >= 0.9": ("metrics.auc >= 0.9", ["attributes.start_time DESC"]),
    "auc > 2, none": ("metrics.auc > 2", ["attributes.start_time DESC"]),
    "sort by auc": ("", ["metrics.auc DESC"]),
    "auc and eta, sorted by auc": ("metrics.auc >= 0.9 and params.eta = '0.1'", ["metrics.auc DESC"]),
}


def main(folder: str, runs: int) -> None:
    """Print {search: [p50, p95]} in milliseconds, and the version."""
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    client, draw = MlflowClient(), random.Random(11)
    experiment = client.create_experiment("lists", artifact_location=f"file://{folder}/artifacts")
    for _ in range(runs):
        run = client.create_run(experiment)
        at = int(time.time() * 1000)
        params = [Param("eta", draw.choice(("0.1", "0.2", "0.3"))), Param("max_depth", str(draw.randint(3, 10)))]
        client.log_batch(run.info.run_id, metrics=[Metric("auc", 0.7 + 0.25 * draw.random(), at, 0)], params=params)
    result: dict[str, object] = {"version": mlflow.__version__}
    for title, (where, order) in SEARCHES.items():
        times = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            client.search_runs([experiment], where, order_by=order, max_results=25)
            times.append((time.perf_counter() - began) * 1000)
        result[title] = [median(times), quantiles(times, n=20)[-1]]
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
