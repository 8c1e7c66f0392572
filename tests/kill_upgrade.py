"""`kill -9` of a whole stack in the middle of its first start on a folder of an earlier version, again and again.

    python -m tests.kill_upgrade [--seed 1] [--kills 5] [--objects 1500] [--times 2]

The folder is tests/upgrade/data.tar.xz with more objects, under odd keys, in versions and in many folders. Its objects
get new names at the first start. At the end each is there under its key, with its body and its versions, once.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import django

from tests.stack import Stack
from tests.upgrade.folder import unpack
from tests.upgrade.make import kill_all
from tests.waiting import wait_for

RENAMING = "renaming the objects of an earlier version"


def main() -> int:
    parser = argparse.ArgumentParser(description="First starts on an old folder, killed.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=5, help="before the start that may end")
    parser.add_argument("--objects", type=int, default=1500)
    parser.add_argument("--times", type=int, default=2, help="so often, each time from the beginning")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="sw-kill-upgrade-") as root:
        old = Path(root, "old")
        old.mkdir()
        unpack(old)
        expected = _fill(old, options.objects)
        print(f"{sum(map(len, expected.values()))} versions of objects in {len(expected)} buckets", flush=True)
        wrong = []
        for time_ in range(options.times):
            data = Path(root, f"data-{time_}")
            shutil.copytree(old, data, ignore=shutil.ignore_patterns("*.sock"))
            for _ in range(options.kills):
                _start_and_kill(data, chance)
            began = time.monotonic()
            with Stack(data) as stack:
                print(f"ready after {time.monotonic() - began:.1f} s", flush=True)
                wrong += _faults(stack, expected)
            shutil.rmtree(data)
    print("\n".join(wrong) if wrong else "every object is under its key, once")
    return 1 if wrong else 0


def _fill(folder: Path, objects: int) -> dict[str, dict]:
    """Add objects as an earlier version did; what there is then, {bucket: {(key, version): (size, ETag)}}."""
    from tests.gateway import start_gateway
    from tests.store import start_store
    from tests.wire.test_store_upgrade import client, fill

    started = start_store(folder)
    url, gateway = start_gateway(started.url, encodes_keys=False)
    try:
        s3 = client(url)
        fill(s3)
        chance = random.Random(objects)
        for number in range(objects):
            key = "/".join(chance.choice(("a", "b!", "c d", "é")) for _ in range(number % 4)) + f"/x{number}"
            s3.put_object(Bucket="many", Key=key.lstrip("/"), Body=str(number).encode())
        expected = _contents(s3)
    finally:
        gateway.end()
        started.process.end()
    shutil.rmtree(started.store.database_backup, ignore_errors=True)  # of before these objects
    (folder / "store" / "names").unlink(missing_ok=True)
    return expected


def _contents(s3) -> dict[str, dict]:
    results: dict[str, dict] = {}
    for bucket in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        listed = {}
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for item in page.get("Versions", []):
                position = item["Key"], item["VersionId"]
                assert position not in listed, f"{position} of {bucket} is listed twice"
                listed[position] = item["Size"], item["ETag"]
        results[bucket] = listed
    return results


def _start_and_kill(data: Path, chance: random.Random) -> None:
    """Start, and kill every process at once: as it starts, while objects are put aside, or while they are renamed."""
    log = data / "up.log"
    log.write_text("")
    stack = Stack(data)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SAGEWRIGHT_"))}
    with log.open("ab") as out:
        stack.process = subprocess.Popen(
            [*stack.command, "up", "--free-ports"],
            cwd=stack.where,
            env=environment | {"SAGEWRIGHT_DATA": str(data), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    names = data / "store" / "names"
    stages = {
        "start": lambda: True,
        "putting aside": lambda: RENAMING in log.read_text(),
        "renaming": names.exists,
    }
    stage, wait = chance.choice(tuple(stages)), chance.uniform(0, 3)
    wait_for(lambda: stages[stage]() or stack.state().get("ready"), stage, stack.tail)
    time.sleep(wait)
    os.kill(stack.process.pid, signal.SIGKILL)
    kill_all(stack)
    mark = names.read_text() if names.exists() else "none"
    print(f"killed {wait:.1f} s after: {stage}; mark of the store: {mark}", flush=True)


def _faults(stack: Stack, expected: dict[str, dict]) -> list[str]:
    s3 = stack.client("s3")
    result, wrong = _contents(s3), []
    if result.keys() != expected.keys():
        wrong.append(f"buckets: {sorted(result.keys() ^ expected.keys())}")
    for bucket in expected.keys() & result.keys():
        if less := expected[bucket].keys() - result[bucket].keys():
            wrong.append(f"{bucket}: {len(less)} are lost, such as {sorted(less)[:3]}")
        if more := result[bucket].keys() - expected[bucket].keys():
            wrong.append(f"{bucket}: {len(more)} are new, such as {sorted(more)[:3]}")
        for position in expected[bucket].keys() & result[bucket].keys():
            if (
                expected[bucket][position] != result[bucket][position] and expected[bucket][position][0]
            ):  # empty ones: no ETag
                wrong.append(f"{bucket}: {position} was {expected[bucket][position]}, is {result[bucket][position]}")
    for bucket, listed in result.items():
        for (key, version), (size, _) in listed.items():
            body = s3.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].read()
            if len(body) != size:
                wrong.append(f"{bucket}: {key} has {len(body)} of {size} bytes")
    return wrong


if __name__ == "__main__":
    import tests.environment  # noqa: F401 (settings of its own)

    os.environ["DJANGO_SETTINGS_MODULE"] = "console.settings"
    django.setup()
    sys.exit(main())
