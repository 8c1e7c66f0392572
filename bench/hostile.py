"""A neighbour's latencies while hostile models crash and spin: `python -m bench.hostile [--seconds 30]`.

One gateway serves a proven model, which is asked 200 times a second, first alone and then while three endpoints are
asked whose crafted models end their process, never answer, or do not load; S3 is listed once a second. Latencies count
from the moment at which a request was due. Exits with 1 if the neighbour gets an error or its p99 reaches 50 ms.
"""

import argparse
import asyncio
import contextlib
import os
import secrets
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.servers import headers, valkey

REGION, RATE, LIMIT_MS = "us-east-1", 200, 50
NEIGHBOUR, CRASH, SPIN, BROKEN = "neighbour", "crash", "spin", "broken"
QUIET_SECONDS = 5.0
SPINNING = 4  # requests at once


@dataclass
class Latencies:
    """Answers and errors of one phase."""

    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        times = sorted(self.milliseconds) or [float("nan")]
        p50, p99 = (times[int(len(times) * share)] for share in (0.5, 0.99))
        return f"{len(times)} answers, {len(self.errors)} errors, p50 {p50:.1f} p99 {p99:.1f} max {times[-1]:.1f} ms"

    @property
    def is_good(self) -> bool:
        times = sorted(self.milliseconds)
        return bool(times) and not self.errors and times[int(len(times) * 0.99)] < LIMIT_MS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long the hostile models are asked")
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        from tests.gateway import start_gateway
        from tests.store import start_store

        store_url, store, _ = start_store(Path(folder, "store"))
        running.callback(store.end)
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "console.settings",
            "SAGEWRIGHT_DATA": folder,
            "SAGEWRIGHT_SECRET_KEY": secrets.token_urlsafe(40),
            "SAGEWRIGHT_STORE_URL": store_url,
            "SAGEWRIGHT_REGION": REGION,
            "SAGEWRIGHT_LOG_LEVEL": "ERROR",
            "OMP_NUM_THREADS": "1",
        }
        running.enter_context(valkey(folder))
        base, gateway = start_gateway(store_url)
        running.callback(gateway.end)
        os.environ["SAGEWRIGHT_GATEWAY_URL"] = base
        key, secret = _prepare()
        good = asyncio.run(_measure(base, key, secret, seconds))
        if gateway.has_ended:
            print("The gateway has ended.")
        return 0 if good and not gateway.has_ended else 1


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
        store.client().put_object(Bucket="bench", Key=name, Body=archive({"xgboost-model": content}))
        variant = {
            "VariantName": "AllTraffic", "Image": IMAGE, "ModelDataUrl": f"s3://bench/{name}", "CurrentWeight": 1.0,
        }  # fmt: skip
        Endpoint.objects.create(region=REGION, name=name, config_name=name, status="InService", variants=[variant])
    key, secret = AccessKey.issue(None, AccessKey.Role.EDITOR)
    return key.access_key_id, secret


async def _measure(base: str, key: str, secret: str, seconds: float) -> bool:
    import aiohttp

    from tests.unit.algorithms.hostile import HARMLESS, TRIGGER

    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=90)) as session:

        async def ask(name: str, body: bytes) -> tuple[int, str]:
            url = f"{base}/endpoints/{name}/invocations"
            async with session.post(url, data=body, headers=headers(url, body, key, secret, REGION)) as answer:
                return answer.status, await answer.text()

        for name in (NEIGHBOUR, CRASH, SPIN, BROKEN):
            await ask(name, HARMLESS)
        quiet = await _stream(ask, HARMLESS, QUIET_SECONDS)
        print(f"alone:   {quiet}", flush=True)
        hostile, answers, until = Latencies(), {CRASH: [], SPIN: [], BROKEN: []}, time.monotonic() + seconds
        callers = [_repeat(ask, name, TRIGGER, answers[name], until) for name in (CRASH, BROKEN, *[SPIN] * SPINNING)]
        tasks = [asyncio.ensure_future(caller) for caller in callers]
        listing = asyncio.ensure_future(_list(base, key, secret, until))
        hostile = await _stream(ask, HARMLESS, seconds)
        s3 = await listing
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print(f"hostile: {hostile}")
    for name, texts in answers.items():
        print(f"  {name}: {len(texts)} answers, for example {texts[-1][:300] if texts else '-'}")
    print(f"  S3: {s3}; load {os.getloadavg()[0]:.1f}")
    return hostile.is_good and not s3.errors


async def _stream(ask, body: bytes, seconds: float) -> Latencies:
    """Ask the neighbour RATE times a second, whether or not the answers come."""
    result, began = Latencies(), time.perf_counter()

    async def one(due: float) -> None:
        try:
            status, text = await ask(NEIGHBOUR, body)
        except Exception as e:
            status, text = 0, repr(e)
        result.milliseconds.append((time.perf_counter() - due) * 1000)
        if status != 200:
            result.errors.append(text)

    tasks = []
    for number in range(int(seconds * RATE)):
        due = began + number / RATE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.ensure_future(one(due)))
    await asyncio.gather(*tasks)
    return result


async def _repeat(ask, name: str, body: bytes, texts: list[str], until: float) -> None:
    while time.monotonic() < until:
        with contextlib.suppress(Exception):
            texts.append((await ask(name, body))[1])
        await asyncio.sleep(0.2)


async def _list(base: str, key: str, secret: str, until: float) -> Latencies:
    import boto3

    client = boto3.client(
        "s3", endpoint_url=base, region_name=REGION, aws_access_key_id=key, aws_secret_access_key=secret
    )
    result = Latencies()
    while time.monotonic() < until:
        began = time.perf_counter()
        try:
            await asyncio.get_running_loop().run_in_executor(None, client.list_buckets)
        except Exception as e:
            result.errors.append(repr(e))
        result.milliseconds.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(1)
    client.close()
    return result


if __name__ == "__main__":
    sys.exit(main())
