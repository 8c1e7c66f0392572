"""How long a test suite waits for `sagewright_engine`: the first start on a machine, and later ones.

    python -m bench.engine_start [rounds]

Prints seconds until a boto3 call is answered and until every process has ended, the median of the later starts against
the first, and the machine's load, which the figures depend on.
"""

import os
import statistics
import sys
import tempfile
import time

import boto3

from sagewright.local_engine import LocalEngine

ROUNDS = 5


def start() -> tuple[float, float]:
    """Seconds to the first answer, and to the end after it."""
    began = time.perf_counter()
    with LocalEngine() as engine:
        key, secret = (engine.environment[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
        where = {"endpoint_url": engine.endpoint_url, "region_name": "us-east-1"}
        boto3.client("s3", aws_access_key_id=key, aws_secret_access_key=secret, **where).list_buckets()
        answered = time.perf_counter()
    return answered - began, time.perf_counter() - answered


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        first, _ = start()
        print(f"first start {first:.2f} s", flush=True)
        later = [start() for _ in range(rounds)]
    up, down = ([pair[i] for pair in later] for i in (0, 1))
    print("later starts " + " ".join(f"{seconds:.2f}" for seconds in up) + " s, ends", *(f"{s:.2f}" for s in down), "s")
    print(f"median {statistics.median(up):.2f} s, first/later {first / statistics.median(up):.1f}")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
