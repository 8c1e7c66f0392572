"""`python -m bench.keys --count 10000`: random keys through the gateway and the real store.

Each key is written, listed in order by every form of listing, read back and deleted; the number of differences to S3 is
printed, and it should be 0. First come the times of usual requests with encoded keys, and their ratios to a gateway
that passes keys as they are to the same store.
"""

import argparse
import itertools
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config

ALPHABET = "/////ab-.!0 \\[é日\x01\t\n\r\x7f\ufffd\uffff\U0010ffff+%&<>'\";"
THREADS = 8


def main() -> int:
    """Print differences and times; the number of differences."""
    from tests.environment import DATA  # sets what the engine's key and settings need
    from tests.gateway import start_gateway
    from tests.store import start_store

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    DATA.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        started = start_store(Path(folder))
        url, gateway = start_gateway(started.url)
        plain_url, plain_gateway = start_gateway(started.url, encodes_keys=False)
        try:
            compare(client(url), client(plain_url))
            return run(client(url), arguments.count, arguments.seed)
        finally:
            plain_gateway.end()
            gateway.end()
            started.process.end()


def client(url: str):
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    django.setup()
    from engine import store

    return boto3.session.Session().client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=store.ACCESS_KEY_ID,
        aws_secret_access_key=store.secret_key(),
        region_name="us-east-1",
        config=Config(s3={"addressing_style": "path"}, max_pool_connections=THREADS),
    )


def compare(encoded, plain) -> None:
    """Print what encoding costs: the medians of calls that alternate between both."""
    names = {"encoded": encoded, "plain": plain}
    for name, s3 in names.items():
        s3.create_bucket(Bucket=name)
        timed(
            lambda key, s3=s3, name=name: s3.put_object(Bucket=name, Key=key, Body=b"x"),
            map("day/{:05}".format, range(1000)),
        )
    body = bytes(4096)
    kinds: dict[str, Callable] = {
        "page of 1,000 keys": lambda s3, bucket, n: s3.list_objects_v2(Bucket=bucket),
        "page of 1,000 keys below a delimiter": lambda s3, bucket, n: s3.list_objects_v2(
            Bucket=bucket, Prefix="day/", Delimiter="/"
        ),
        "PUT 4 KB": lambda s3, bucket, n: s3.put_object(Bucket=bucket, Key=f"small/{n}", Body=body),
        "GET 4 KB": lambda s3, bucket, n: s3.get_object(Bucket=bucket, Key=f"small/{n}")["Body"].read(),
        "HEAD": lambda s3, bucket, n: s3.head_object(Bucket=bucket, Key=f"small/{n}"),
        "DELETE": lambda s3, bucket, n: s3.delete_object(Bucket=bucket, Key=f"small/{n}"),
    }
    for kind, call in kinds.items():
        times: dict[str, list[float]] = {name: [] for name in names}
        for number in range(60):
            for name, s3 in names.items():
                began = time.perf_counter()
                call(s3, name, number)
                times[name].append(time.perf_counter() - began)
        one, other = (1000 * statistics.median(times[name]) for name in names)
        print(f"{kind}: {one:.1f} ms, {one / other:.2f} times the {other:.1f} ms of plain keys")


def run(s3, count: int, seed: int) -> int:
    chance = random.Random(seed)
    keys: set[str] = set()
    while len(keys) < count:
        key = "".join(chance.choices(ALPHABET, k=chance.randint(1, 24))) * chance.choice([1, 1, 1, 1, 1, 1, 1, 4])
        keys.add(key)
    in_order = sorted(keys, key=str.encode)
    s3.create_bucket(Bucket="random-keys")
    put = timed(lambda key: s3.put_object(Bucket="random-keys", Key=key, Body=key.encode()), keys)
    differences = 0
    for name, operation in (("ListObjectsV2", "list_objects_v2"), ("ListObjects", "list_objects")):
        began = time.perf_counter()
        pages = list(s3.get_paginator(operation).paginate(Bucket="random-keys"))
        seconds = time.perf_counter() - began
        listed = [item["Key"] for page in pages for item in page.get("Contents", ())]
        differences += sum(one != other for one, other in itertools.zip_longest(listed, in_order))
        print(f"{name}: {len(listed):,} keys in {seconds:.2f} s, {1000 * seconds / len(pages):.0f} ms a page")
    for prefix, delimiter in (("", "/"), ("a", "/"), ("/", "/"), ("", "-"), ("a/", "é")):
        arguments = {"Bucket": "random-keys", "Prefix": prefix, "Delimiter": delimiter}
        pages = s3.get_paginator("list_objects_v2").paginate(**arguments)
        listed = [entry for page in pages for entry in entries(page)]
        expected = rolled_up(in_order, prefix, delimiter)
        differences += sum(one != other for one, other in itertools.zip_longest(listed, expected))
        print(f"prefix {prefix!r}, delimiter {delimiter!r}: {len(listed):,} entries")
    bodies = []
    got = timed(
        lambda key: bodies.append(s3.get_object(Bucket="random-keys", Key=key)["Body"].read() == key.encode()), keys
    )
    differences += bodies.count(False) + len(keys) - len(bodies)
    timed(lambda key: s3.delete_object(Bucket="random-keys", Key=key), keys)
    differences += len(s3.list_objects_v2(Bucket="random-keys").get("Contents", ()))
    print(f"{count:,} keys: {differences} differences; PUT {put:,.0f}/s, GET {got:,.0f}/s, {THREADS} at a time")
    return differences


def entries(page: dict) -> list[str]:
    prefixes = [item["Prefix"] for item in page.get("CommonPrefixes", ())]
    return sorted([*prefixes, *(item["Key"] for item in page.get("Contents", ()))], key=str.encode)


def rolled_up(keys: list[str], prefix: str, delimiter: str) -> list[str]:
    result: list[str] = []
    for key in keys:
        if key.startswith(prefix):
            end = key.find(delimiter, len(prefix))
            entry = key if end < 0 else key[: end + len(delimiter)]
            if result[-1:] != [entry]:
                result.append(entry)
    return result


def timed(work: Callable, keys: Iterable[str]) -> float:
    """Calls a second."""
    items = list(keys)
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, items))
    return len(items) / (time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(min(main(), 100))
