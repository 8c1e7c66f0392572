"""A neighbour's latencies while hostile models crash and spin: `python -m bench.hostile [--seconds 30]`.

One gateway serves a proven model, which is asked 200 times a second, first alone and then while three endpoints are
asked whose crafted models end their process, never answer, or do not load; S3 is listed once a second. Latencies count
from the moment at which a request was due. Exits with 1 if the neighbour gets an error or its p99 reaches 50 ms.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

import uvloop

from bench.load import Stream, request, stream
from bench.servers import headers, object_storage, process, wait
from tests.unit.algorithms.hostile import HARMLESS, TRIGGER
from tests.waiting import wait_for

REGION, RATE, LIMIT_MS = "us-east-1", 200, 50
NEIGHBOUR, CRASH, SPIN, BROKEN = "neighbour", "crash", "spin", "broken"
QUIET_SECONDS = 5.0
SPINNING = 4  # requests at once


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long the hostile models are asked")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        from tests.ports import free_ports

        running.enter_context(object_storage(folder, REGION))
        key, secret = _prepare()
        (port,) = free_ports(1)
        base = f"http://127.0.0.1:{port}"
        gateway = running.enter_context(process([sys.executable, "-m", "engine.gateway", "--port", str(port)]))
        wait(f"{base}/healthz")
        good = _measure(base, key, secret, seconds, gateway.pid)
        if gateway.poll() is not None:
            print(f"The gateway has ended with {gateway.returncode}.")
        return 0 if good and gateway.poll() is None else 1


def _prepare() -> tuple[str, str]:
    """Migrate, upload, deploy, issue a key."""
    import django

    django.setup()
    from django.core.management import call_command

    from engine import store
    from engine.models import AccessKey, Endpoint
    from tests.unit.algorithms import hostile
    from tests.wire.gateway.models import IMAGE, archive

    call_command("migrate", verbosity=0)
    store.client().create_bucket(Bucket="bench")
    contents = {
        NEIGHBOUR: hostile.booster(), CRASH: hostile.crash(), SPIN: hostile.spin(), BROKEN: hostile.crash(False),
    }  # fmt: skip
    for name, content in contents.items():
        put = partial(_put, name, archive({"xgboost-model": content}))
        wait_for(put, f"the store to take {name}", within=60)
        variant = {
            "VariantName": "AllTraffic", "Image": IMAGE, "ModelDataUrl": f"s3://bench/{name}", "CurrentWeight": 1.0,
        }  # fmt: skip
        Endpoint.objects.create(region=REGION, name=name, config_name=name, status="InService", variants=[variant])
    key, secret = AccessKey.issue(None, AccessKey.Role.EDITOR)
    return key.access_key_id, secret


def _put(name: str, body: bytes) -> bool:
    """Upload a model; False while the store, which has just started, has no room yet."""
    from botocore.exceptions import ClientError

    from engine import store

    with contextlib.suppress(ClientError):
        store.client().put_object(Bucket="bench", Key=name, Body=body)
        return True
    return False


def _schedule(pid: int) -> tuple[float, float]:
    """Seconds that the main thread of a process ran, and waited for a processor that others had."""
    ran, waited, _ = Path(f"/proc/{pid}/schedstat").read_text().split()
    return int(ran) / 1e9, int(waited) / 1e9


def _measure(base: str, key: str, secret: str, seconds: float, gateway: int) -> bool:
    """Ask the neighbour alone, then with hostile callers in a process of their own."""
    url = f"{base}/endpoints/{NEIGHBOUR}/invocations"
    signed = request(url, headers(url, HARMLESS, key, secret, REGION), HARMLESS)
    uvloop.run(stream(url, signed, RATE, 1.0))  # loads the model
    quiet = uvloop.run(stream(url, signed, RATE, QUIET_SECONDS))
    print(f"alone:   {quiet}; load {os.getloadavg()[0]:.1f}", flush=True)
    if quiet.errors:
        print(quiet.errors[0])
        return False
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    callers = context.Process(target=_call, args=(base, key, secret, seconds, answers))
    callers.start()
    answers.get()  # the hostile models are loaded
    before = _schedule(gateway)
    hostile = uvloop.run(stream(url, signed, RATE, seconds))
    ran, waited = (after - start for after, start in zip(_schedule(gateway), before, strict=True))
    texts, s3 = answers.get()
    callers.join()
    print(f"hostile: {hostile}; load {os.getloadavg()[0]:.1f}")
    for name, (count, text) in texts.items():
        print(f"  {name}: {count} answers, {text}")
    print(f"  S3: {s3}")
    print(f"  the gateway's event loop ran {ran:.1f} s and waited {waited:.1f} s for a processor")
    return not hostile.errors and hostile.percentile(0.99) < LIMIT_MS and not s3.errors


def _call(base: str, key: str, secret: str, seconds: float, answers) -> None:
    """Ask the hostile endpoints and S3 for that long; puts True first, then the last text of each and S3's times."""
    answers.put(True)
    results: dict[str, tuple[int, str]] = {}
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_repeat, args=(base, name, key, secret, until, results), daemon=True)
        for name in (CRASH, BROKEN, *[SPIN] * SPINNING)
    ]
    for thread in threads:
        thread.start()
    s3 = _list(base, key, secret, until)
    answers.put((results, s3))


def _repeat(base: str, name: str, key: str, secret: str, until: float, results: dict[str, tuple[int, str]]) -> None:
    url = f"{base}/endpoints/{name}/invocations"
    results[name] = (0, "none yet")
    while time.monotonic() < until:
        query = urllib.request.Request(url, TRIGGER, headers(url, TRIGGER, key, secret, REGION))
        try:
            with urllib.request.urlopen(query) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as e:
            answer_of_error = json.loads(e.read())
            text = answer_of_error.get("OriginalMessage") or str(answer_of_error)
        except OSError as e:
            text = repr(e)
        results[name] = (results[name][0] + 1, text)
        time.sleep(0.2)


def _list(base: str, key: str, secret: str, until: float) -> Stream:
    import boto3

    client = boto3.client(
        "s3", endpoint_url=base, region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret
    )
    result = Stream()
    while time.monotonic() < until:
        began = time.perf_counter()
        try:
            client.list_buckets()
        except Exception as e:
            result.errors.append(repr(e))
        result.milliseconds.append((time.perf_counter() - began) * 1000)
        time.sleep(1)
    client.close()
    return result


if __name__ == "__main__":
    sys.exit(main())
