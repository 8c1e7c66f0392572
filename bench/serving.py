"""Serving through the gateway against plain FastAPI with the same model: `python -m bench.serving`.

Requests of 1, 100 and 10,000 rows of CSV and JSON. All servers run as one process on loopback, are checked against
Booster.predict first, and are then timed in turn, round by round, so that a busy machine slows all. Beside the gateway:
the gateway without its short way, and without signatures; and a server that answers without reading. Requests to the
first two are signed (SigV4) before the clock starts. At last single rows are timed while others send 10,000.
TREES=500 makes another model, ROWS=100 takes one of the numbers of rows, and ROWS=beside the last.
"""

import contextlib
import os
import statistics
import sys
import tempfile
import urllib.request
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from bench.servers import headers, object_storage, process, wait

REGION, NAME = "us-east-1", "bench"
SIGNED = ("sagewright", "ordinary")
ROUNDS = int(os.environ.get("ROUNDS", "3"))
TREES = int(os.environ.get("TREES", "100"))
QUIET = ("--no-access-log", "--log-level", "warning")
LARGE = 10_000


class Load(NamedTuple):
    """Requests of so many rows, by so many connections at once, for so many seconds a round."""

    rows: int
    kinds: tuple[str, ...]
    connections: tuple[int, ...]
    seconds: float
    bodies: int  # that differ


LOADS = (
    Load(1, ("text/csv",), (1, 8, 64), 0.9, 50),
    Load(100, ("text/csv", "application/json"), (1, 8), 0.9, 10),
    Load(LARGE, ("text/csv", "application/json"), (1, 4), 2.5, 2),
)


class Target(NamedTuple):
    """A server, and the requests to it."""

    url: str
    pid: int
    access_key: str
    secret: str

    def requests(self, bodies: list[bytes], kind: str) -> list[bytes]:
        """Each body as it goes over the wire."""
        from bench.load import request

        return [request(self.url, self.headers(body, kind), body) for body in bodies]

    def headers(self, body: bytes, kind: str) -> dict[str, str]:
        """The headers of a request."""
        return headers(self.url, body, self.access_key, self.secret, REGION, kind)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        from tests.ports import free_ports

        running.enter_context(object_storage(folder, REGION, MODEL_FILE=f"{folder}/model.ubj"))
        data, predict, access_key, secret = _prepare()
        apps = {
            "fastapi": (["uvicorn", "bench.peer_fastapi:app", *QUIET, "--port"], {}),
            "sagewright": (["engine.gateway", "--port"], {}),
            "ordinary": (["engine.gateway", "--port"], {"SAGEWRIGHT_SHORT_WAY": "0"}),
            "unsigned": (["bench.unsigned"], {}),
            "constant": (["bench.constant"], {}),
        }
        targets = {}
        for (name, (command, variables)), port in zip(apps.items(), free_ports(len(apps)), strict=True):
            pid = running.enter_context(process([sys.executable, "-m", *command, f"{port}"], **variables)).pid
            path = "/invocations" if name == "fastapi" else f"/endpoints/{NAME}/invocations"
            key = access_key if name in SIGNED else ""
            targets[name] = Target(f"http://127.0.0.1:{port}{path}", pid, key, secret)
        for target in targets.values():
            wait(f"{target.url.partition('/invocations')[0].partition('/endpoints')[0]}/healthz")
        print(f"{TREES} trees of depth 5, rows of 30 features, {ROUNDS} interleaved rounds")
        chosen = [load for load in LOADS if os.environ.get("ROWS", str(load.rows)) == str(load.rows)]
        for load in chosen:
            for kind in load.kinds:
                bodies = [_body(part, kind) for part in _parts(data, load)]
                some = {n: t for n, t in targets.items() if load.rows == 1 or n in ("fastapi", *SIGNED)}
                for name, target in some.items():
                    if name != "constant":
                        _check(target, bodies, [predict(part) for part in _parts(data, load)], kind)
                _compare(load, kind, some, bodies)
        if os.environ.get("ROWS", "beside") == "beside":
            _compare_beside_large(targets, data)


def _prepare():
    """Migrate, train, upload, deploy, issue a key; the table, the library's answers, and the key."""
    import django

    django.setup()
    import numpy as np
    from django.core.management import call_command
    from sklearn.datasets import load_breast_cancer

    import algorithms
    from engine import store
    from engine.models import AccessKey, Endpoint
    from tests.wire.gateway.models import archive, xgboost

    call_command("migrate", verbosity=0)
    data = load_breast_cancer()
    x = data.data.astype(np.float32)
    settings = {"objective": "binary:logistic", "max_depth": 5, "nthread": 1}
    booster = xgboost.train(settings, xgboost.DMatrix(x, data.target), TREES)
    booster.save_model(os.environ["MODEL_FILE"])
    store.client().create_bucket(Bucket="bench")
    body = archive({"xgboost-model": bytes(booster.save_raw("ubj"))})
    store.client().put_object(Bucket="bench", Key="model.tar.gz", Body=body)
    variant = {
        "VariantName": "AllTraffic",
        "Image": algorithms.get("xgboost").image_uri(REGION),
        "ModelDataUrl": "s3://bench/model.tar.gz",
        "CurrentWeight": 1.0,
    }
    Endpoint.objects.create(region=REGION, name=NAME, config_name=NAME, status="InService", variants=[variant])
    key, secret = AccessKey.issue(None, AccessKey.Role.EDITOR)
    return x, lambda part: booster.predict(xgboost.DMatrix(part)), key.access_key_id, secret


def _parts(data, load: Load) -> list:
    """The rows of each body."""
    import numpy as np

    return [data[(np.arange(load.rows) + start) % len(data)] for start in range(load.bodies)]


def _body(part, kind: str) -> bytes:
    import json

    from tests.wire.gateway.models import csv

    return csv(part) if kind == "text/csv" else json.dumps({"instances": part.tolist()}).encode()


def _check(target: Target, bodies: list[bytes], expected: list, kind: str) -> None:
    for body, right in zip(bodies, expected, strict=True):
        query = urllib.request.Request(target.url, body, target.headers(body, kind))
        with urllib.request.urlopen(query) as answer:
            got = list(map(float, answer.read().split()))
        if len(got) != len(right) or max(abs(got - right)) > 1e-6:
            raise SystemExit(f"{target.url} answered another {kind} than Booster.predict: nothing is timed.")


def _compare(load: Load, kind: str, targets: dict[str, Target], bodies: list[bytes]) -> None:
    from bench.load import run

    requests = {name: target.requests(bodies, kind) for name, target in targets.items()}
    print(f"\n{load.rows} rows of {kind}, {len(bodies[0]):,} bytes; rounds of {load.seconds} s")
    head = f"{'connections':>11}  {'server':<11} {'requests/s':>10} {'p50 ms':>8} {'p99 ms':>8} {'cpu us':>7}"
    print(f"{head}   requests/s as a multiple of FastAPI's (each round)")
    for connections in load.connections:
        measured, cpu = {name: [] for name in targets}, {name: [] for name in targets}
        for _ in range(ROUNDS):
            for name, target in targets.items():
                before = _cpu(target.pid)
                measured[name].append(run(target.url, requests[name], connections, load.seconds))
                cpu[name].append((_cpu(target.pid) - before) / measured[name][-1].count * 1e6)
        for name, rounds in measured.items():
            ratios = [ours.rps / peer.rps for ours, peer in zip(rounds, measured["fastapi"], strict=True)]
            middle = {what: statistics.median(getattr(r, what) for r in rounds) for what in ("rps", "p50", "p99")}
            each = " ".join(f"{ratio:.2f}" for ratio in ratios)
            print(
                f"{connections:>11}  {name:<11} {middle['rps']:>10.0f} {middle['p50']:>8.3f} {middle['p99']:>8.3f}"
                f" {statistics.median(cpu[name]):>7.0f}   {statistics.median(ratios):.2f}x ({each})",
                flush=True,
            )


def _compare_beside_large(targets: dict[str, Target], data) -> None:
    """Single rows over four connections, alone and while another connection sends large bodies."""
    from bench.load import run

    single, large = LOADS[0], LOADS[-1]
    print(f"\nsingle rows over 4 connections, alone and beside one connection with {LARGE} rows")
    # A process of its own: in this one it would delay the clock of the single rows.
    pool = ProcessPoolExecutor(1, get_context("spawn"))
    for name in ("fastapi", "sagewright"):
        target = targets[name]
        small = target.requests([_body(part, "text/csv") for part in _parts(data, single)], "text/csv")
        many = target.requests([_body(part, "text/csv") for part in _parts(data, large)], "text/csv")
        alone, beside, others = [], [], []
        for _ in range(ROUNDS):
            alone.append(run(target.url, small, 4, 2.0))
            sending = pool.submit(run, target.url, many, 1, 2.5)
            beside.append(run(target.url, small, 4, 2.0))
            others.append(sending.result())
        p99 = [[measured.p99 for measured in each] for each in (alone, beside)]
        ratios = sorted(b / a for a, b in zip(*p99, strict=True))
        print(
            f"{name:<11} p99 alone {statistics.median(p99[0]):.2f}, beside {statistics.median(p99[1]):.2f} ms, "
            f"{statistics.median(ratios):.1f} times ({' '.join(f'{r:.1f}' for r in ratios)}); the large ones "
            f"{statistics.median(m.p50 for m in others):.0f} ms",
            flush=True,
        )
    pool.shutdown()


def _cpu(pid: int) -> float:
    """Seconds of processor time the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
