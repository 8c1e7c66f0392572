"""S3 of the engine on this machine: `python -m bench.objects [rounds]`.

Starts an engine, then puts and gets one large object and many small ones through the gateway, as boto3 does by default.
Prints MB and objects a second of each round, the store's resident memory and the seconds that start and stop take.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config

from sagewright.local_engine import LocalEngine

ROUNDS, LARGE, SMALL, COUNT, THREADS = 3, 64 * 2**20, 4096, 800, 8
BUCKET = "bench-objects"


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        with LocalEngine():  # the first start prepares what later ones find
            pass
        began = time.perf_counter()
        with LocalEngine() as engine:
            started = time.perf_counter()
            _measure(engine, rounds)
            print(f"store: {_store_memory(engine):.0f} MB resident")
            ending = time.perf_counter()
        print(f"start {started - began:.2f} s, stop {time.perf_counter() - ending:.2f} s")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def _measure(engine: LocalEngine, rounds: int) -> None:
    s3 = boto3.client(
        "s3",
        endpoint_url=engine.endpoint_url,
        aws_access_key_id=engine.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=engine.environment["AWS_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
        config=Config(max_pool_connections=THREADS),
    )
    s3.create_bucket(Bucket=BUCKET)
    large, small = os.urandom(LARGE), os.urandom(SMALL)

    def put_small(number: int) -> None:
        s3.put_object(Bucket=BUCKET, Key=f"small/{number}", Body=small)

    def get_small(number: int) -> None:
        s3.get_object(Bucket=BUCKET, Key=f"small/{number}")["Body"].read()

    with ThreadPoolExecutor(THREADS) as pool:
        steps: dict[str, tuple[Callable[[], object], float, str]] = {
            "put 64 MB": (lambda: s3.put_object(Bucket=BUCKET, Key="large", Body=large), LARGE / 1e6, "MB/s"),
            "get 64 MB": (lambda: s3.get_object(Bucket=BUCKET, Key="large")["Body"].read(), LARGE / 1e6, "MB/s"),
            "put 4 KB": (lambda: list(pool.map(put_small, range(COUNT))), COUNT, "a second"),
            "get 4 KB": (lambda: list(pool.map(get_small, range(COUNT))), COUNT, "a second"),
        }
        for name, (step, amount, unit) in steps.items():
            rates = [amount / _seconds(step) for _ in range(rounds)]
            print(f"{name}: median {statistics.median(rates):.0f} {unit} ({' '.join(f'{rate:.0f}' for rate in rates)})")
    s3.close()


def _seconds(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def _store_memory(engine: LocalEngine) -> float:
    """Resident memory in MB of the store whose command names the engine's data folder."""
    folder = f"-dir={engine._folder}/".encode()
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        if folder in command.read_bytes():
            status = (command.parent / "status").read_text().split()
            return int(status[status.index("VmRSS:") + 1]) / 1000
    raise SystemExit("The store was not found.")


if __name__ == "__main__":
    main()
